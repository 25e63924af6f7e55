import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, NS_PER_S, nsToS } from '../base/index.js'
import { LIVE_METRICS, type LiveMetric, type Progress } from '../drive/index.js'
import { createLatencyHistogram, IntervalLog, type LatencyHistogram } from '../histogram/index.js'
import { createLineWriter, RUN_FILES, type ServerSample } from '../record/index.js'
import type { LiveState } from './listener.js'

/** What ends the run: a number of requests, a time, or both. */
type Bounds = Pick<LiveState, 'planned' | 'endsAtS'>

type ByMetric = Record<LiveMetric, LatencyHistogram>
const histograms = (): ByMetric =>
  Object.fromEntries(LIVE_METRICS.map((name) => [name, createLatencyHistogram()])) as ByMetric

/** Merges what the workers report into HDR histograms, for the live view and the interval log. */
export function createLiveView(folder: string, clock: Clock, startedAtMs: number, bounds: Bounds) {
  const whole = histograms()
  const interval = histograms()
  const logPath = join(folder, RUN_FILES.histograms)
  const log = new IntervalLog(startedAtMs)
  const instrument = createLineWriter(join(folder, RUN_FILES.instrument))
  const byWorker = new Map<number, Progress>()
  let intervalStartNs = 0
  let tokens = 0
  let server: ServerSample | undefined
  let firstPreemptions: number | undefined
  let last = { atNs: 0, ended: 0, tokens: 0 }

  const closeInterval = (atNs: number): void => {
    for (const name of LIVE_METRICS) {
      if (interval[name].count === 0) continue
      log.append(name, nsToS(intervalStartNs), nsToS(atNs), interval[name])
      interval[name].reset()
    }
    appendFileSync(logPath, log.take())
    intervalStartNs = atNs
  }

  const states = (): Record<string, number> => {
    const sum: Record<string, number> = {}
    for (const { states: mine } of byWorker.values()) {
      for (const [state, n] of Object.entries(mine)) sum[state] = (sum[state] ?? 0) + n
    }
    return sum
  }

  return {
    onProgress(progress: Progress): void {
      byWorker.set(progress.worker, progress)
      tokens += progress.batch.outputTokens
      for (const name of LIVE_METRICS) {
        for (const us of progress.batch.values[name]) {
          whole[name].record(us)
          interval[name].record(us)
        }
      }
      instrument.write(progress.instrument)
      const atNs = clock.nowNs()
      if (atNs - intervalStartNs >= NS_PER_S) closeInterval(atNs)
    },
    onSample(sample: ServerSample): void {
      server = sample
      firstPreemptions ??= sample.counters?.preemptions
    },
    state(startNs: number): LiveState {
      const atNs = clock.nowNs()
      const byState = states()
      const ended = Object.values(byState).reduce((a, b) => a + b, 0)
      const spanS = Math.max(0.001, nsToS(atNs - last.atNs))
      const state: LiveState = {
        elapsedS: nsToS(atNs - startNs),
        ...bounds,
        ended,
        states: byState,
        inFlight: [...byWorker.values()].reduce((sum, p) => sum + p.inFlight, 0),
        requestsPerS: (ended - last.ended) / spanS,
        outputTokensPerS: (tokens - last.tokens) / spanS,
        quantiles: Object.fromEntries(
          LIVE_METRICS.map((name) => [name, quantilesOf(whole[name])]),
        ) as LiveState['quantiles'],
        gauges: server?.gauges ?? null,
        preemptions: preemptionsSince(firstPreemptions, server),
      }
      last = { atNs, ended, tokens }
      return state
    },
    close(): void {
      closeInterval(clock.nowNs())
      instrument.close()
    },
  }
}

function preemptionsSince(first: number | undefined, sample: ServerSample | undefined): number | null {
  const now = sample?.counters?.preemptions
  return first === undefined || now === undefined ? null : now - first
}

function quantilesOf(h: LatencyHistogram): { p50: number; p99: number } | null {
  const p50 = h.quantileUs(0.5)
  const p99 = h.quantileUs(0.99)
  return p50 === null || p99 === null ? null : { p50: p50 / 1000, p99: p99 / 1000 }
}
