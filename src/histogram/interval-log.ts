import { HistogramLogReader, HistogramLogWriter } from 'hdr-histogram-js'
import { createLatencyHistogram, type LatencyHistogram } from './latency.js'

/** The column of maxima is in ms, as is the custom of the format; the histograms hold µs. */
const US_PER_MS = 1000

/**
 * Text of a standard HdrHistogram interval log (format 1.3, V2 compressed histograms): one line per interval and tag.
 * Times are absolute, in seconds since the epoch, as other readers expect them.
 */
export class IntervalLog {
  #pending = ''
  readonly #writer = new HistogramLogWriter((text) => {
    this.#pending += text
  })
  readonly #startUtcMs: number

  constructor(startUtcMs: number) {
    this.#startUtcMs = startUtcMs
    this.#writer.outputLogFormatVersion()
    this.#writer.outputComment('[Histograms hold microseconds; Interval_Max is in milliseconds]')
    // Written by hand: the library prints the local time zone here, which would differ from machine to machine.
    const iso = new Date(startUtcMs).toISOString()
    this.#writer.outputComment(`[StartTime: ${(startUtcMs / 1000).toFixed(3)} (seconds since epoch), ${iso}]`)
    this.#writer.outputLegend()
  }

  /** @param tag the metric, such as `ttft`; no commas, spaces or line breaks. @param startS seconds since the log's start */
  append(tag: string, startS: number, endS: number, histogram: LatencyHistogram): void {
    const { inner } = histogram
    inner.tag = tag
    const zeroS = this.#startUtcMs / 1000
    this.#writer.outputIntervalHistogram(inner, zeroS + startS, zeroS + endS, US_PER_MS)
  }

  /** What was written since the last call, ready to be appended to the file. */
  take(): string {
    const text = this.#pending
    this.#pending = ''
    return text
  }
}

/** One line of an interval log. */
interface LoggedInterval {
  readonly tag: string
  readonly startUtcMs: number
  readonly endUtcMs: number
  readonly histogram: LatencyHistogram
}

/** Reads the text of an interval log back, in its own order. */
export function readIntervalLog(text: string): readonly LoggedInterval[] {
  const reader = new HistogramLogReader(text, 32)
  const intervals: LoggedInterval[] = []
  for (let inner = reader.nextIntervalHistogram(); inner !== null; inner = reader.nextIntervalHistogram()) {
    const histogram = createLatencyHistogram()
    histogram.inner.add(inner)
    intervals.push({
      tag: inner.tag,
      startUtcMs: inner.startTimeStampMsec,
      endUtcMs: inner.endTimeStampMsec,
      histogram,
    })
  }
  return intervals
}
