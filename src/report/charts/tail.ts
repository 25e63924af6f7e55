import type { MetricName, PointFindings } from '../../analyse/index.js'
import { bounded } from '../format.js'
import type { Limit } from './annotations.js'

/** The percentile that stands for the tail of a metric on a chart. */
export interface Tail {
  readonly key: 'p99' | 'p95' | 'p90' | 'p50'
  readonly name: string
  /** Says why it is not p99, else empty. */
  readonly note: string
}

/**
 * p99 where the samples bound it at most points; else the highest percentile that they do bound. A percentile without an
 * upper bound is not drawn: it is the largest value seen under another name.
 */
export function tailOf(points: readonly PointFindings[], metric: MetricName): Tail {
  for (const key of ['p99', 'p95', 'p90'] as const) {
    const seen = points.filter((p) => bounded(p.metrics[metric][key]) !== null).length
    if (seen > 0 && seen * 2 >= points.length) {
      const gaps = seen < points.length ? ' (left out where too few requests bound it)' : ''
      return { key, name: key, note: key === 'p99' ? gaps : ' (too few requests for p99)' }
    }
  }
  return { key: 'p50', name: 'p50', note: ' (too few requests for p90 and above)' }
}

/** The objective on a percentile of this metric, as a line to draw; that on `preferred` first. Null when there is none. */
export function limitOf(points: readonly PointFindings[], metric: string, preferred: string): Limit | null {
  const candidates = points
    .flatMap((p) => p.objectives)
    .filter((o) => o.metric === metric && o.statistic.startsWith('p'))
  const chosen = candidates.find((o) => o.statistic === preferred) ?? candidates[0]
  return chosen ? { y: chosen.limit, label: `objective: ${chosen.text}` } : null
}
