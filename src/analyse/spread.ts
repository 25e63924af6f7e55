import type { MetricName } from '../profile/index.js'
import { Column } from './column.js'
import type { MetricSummary, Quantile } from './findings.js'
import type { Gathered } from './gather.js'
import { METRICS, type MetricDeclaration } from './metrics.js'
import {
  type Dependence,
  dependenceOf,
  meanOf,
  nearestRank,
  rankInterval,
  type Sorted,
  sortValues,
  stdDevOf,
} from './stats/index.js'

/**
 * A metric's values in the window, in ascending order, and how many more there would be of requests that hit a deadline
 * first. Those are right-censored: all that is known is that their value lies beyond; quantiles rank them last.
 */
export interface Sample {
  readonly values: Sorted
  readonly censored: number
  /** Of neighbours in the order of sending. */
  readonly dependence: Dependence
}

export type Samples = Readonly<Record<MetricName, Sample>>

export function samplesOf(g: Gathered, rows: Int32Array): Samples {
  return Object.fromEntries(METRICS.map((metric) => [metric.name, sampleOf(g, rows, metric)])) as Samples
}

/** Deadlines cut off what takes time: lengths and speeds of unfinished requests are missing, not large. */
const CENSORABLE: ReadonlySet<MetricName> = new Set([
  'ttft',
  'ttftFromSchedule',
  'ttfv',
  'e2e',
  'e2eFromSchedule',
  'headers',
])

function sampleOf(g: Gathered, rows: Int32Array, metric: MetricDeclaration): Sample {
  const column = g.values[metric.name]
  const values = new Column()
  let censored = 0
  let requests = 0
  let filled = 0
  for (const row of rows) {
    const own = column.row(row)
    const state = g.state(row)
    if (state === 'completed' || metric.from === 'sent') for (const v of own) values.push(v)
    else if (state === 'timed-out' && own.length === 0 && CENSORABLE.has(metric.name)) {
      values.push(Number.POSITIVE_INFINITY)
      censored++
    }
    if (values.length > filled) requests++
    filled = values.length
  }
  const sorted = sortValues(values.values.slice())
  return {
    // What is infinite is sorted to the end.
    values: sorted.subarray(0, sorted.length - censored) as Sorted,
    censored,
    dependence: dependenceOf(values.values, sorted, requests),
  }
}

const CURVE_POINTS = 60

export function summariseSample(sample: Sample, unit: MetricSummary['unit']): MetricSummary {
  const { values, censored } = sample
  const n = values.length
  const whole = n > 0 && censored === 0
  const at = (q: number) => quantileWithInterval(sample, q)
  return {
    unit,
    n,
    censored,
    mean: whole ? meanOf(values) : null,
    stdDev: whole && n > 1 ? stdDevOf(values) : null,
    min: values[0] ?? null,
    max: whole ? (values.at(-1) ?? null) : null,
    p5: at(0.05),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    p999: at(0.999),
    curve: curveOf(sample),
  }
}

/**
 * Null when the rank falls among censored requests. A bound is null when the sample cannot bound it there, or when the
 * bound itself falls among them.
 */
export function quantileWithInterval({ values, censored, dependence }: Sample, q: number): Quantile | null {
  const n = values.length + censored
  const value = n === 0 ? undefined : values[nearestRank(n, q) - 1]
  if (value === undefined) return null
  const { low, high, method, effectiveN } = rankInterval(n, q, dependence)
  const bound = (rank: number | null): number | null => (rank === null ? null : (values[rank - 1] ?? null))
  // A hair is allowed for: 1000 × (1 − 0.99) is a little under 10 in binary.
  const beyond = effectiveN * Math.min(q, 1 - q) + 1e-6
  return {
    value,
    low: bound(low),
    high: bound(high),
    method,
    effectiveN,
    firmness: beyond >= 100 ? 'firm' : beyond >= 10 ? 'fair' : 'rough',
  }
}

/** Evenly spread over −log10(1 − p), so that the tail has as much room as the body; no further than the sample reaches. */
function curveOf(sample: Sample): MetricSummary['curve'] {
  const n = sample.values.length + sample.censored
  if (sample.values.length < 2) return []
  const deepest = Math.min(5, Math.log10(n))
  const seen = new Set<number>()
  const curve: [number, number, number | null, number | null][] = []
  for (let i = 0; i < CURVE_POINTS; i++) {
    const p = 1 - 10 ** (-deepest * (i / (CURVE_POINTS - 1)))
    const rank = nearestRank(n, p)
    const point = seen.has(rank) ? null : quantileWithInterval(sample, p)
    seen.add(rank)
    if (point !== null) curve.push([p, point.value, point.low, point.high])
  }
  return curve
}
