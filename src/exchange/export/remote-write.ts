import { snappyCompress } from 'hyparquet-writer/src/snappy.js'
import { ProtoWriter } from './protobuf.js'
import type { Family, Sample } from './series.js'

/**
 * A write request of Prometheus' remote-write protocol 1.0: `prometheus.WriteRequest`, compressed by Snappy's block format.
 * Samples of one series are together and in the order of time; labels are sorted by name, as the protocol asks.
 *
 * @param nowMs of the samples that have no moment of their own
 */
export function remoteWriteBody(families: readonly Family[], nowMs: number): Uint8Array {
  const request = new ProtoWriter()
  for (const series of seriesOf(families).values()) request.message(1, (w) => writeSeries(w, series, nowMs))
  return snappyCompress(request.finish())
}

interface Series {
  readonly labels: readonly (readonly [string, string])[]
  readonly samples: Sample[]
}

function seriesOf(families: readonly Family[]): Map<string, Series> {
  const found = new Map<string, Series>()
  for (const { name, samples } of families) {
    for (const sample of samples) {
      const named = { ...sample.labels, __name__: `${name}${sample.suffix ?? ''}` }
      const labels = Object.entries(named)
        .filter(([, text]) => text !== '')
        .sort(byName)
      const key = JSON.stringify(labels)
      const series = found.get(key) ?? { labels, samples: [] }
      series.samples.push(sample)
      found.set(key, series)
    }
  }
  return found
}

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1)

function writeSeries(w: ProtoWriter, { labels, samples }: Series, nowMs: number): void {
  for (const [name, value] of labels) w.message(1, (label) => label.text(1, name).text(2, value))
  for (const { value, atMs = nowMs } of samples)
    w.message(2, (sample) => sample.double(1, value).varint(2, atMs))
}
