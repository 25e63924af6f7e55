/** Percentile by linear interpolation between order statistics, as NumPy does by default. @param sorted ascending, not empty */
export function linearQuantile(sorted: ArrayLike<number>, q: number): number {
  const at = q * (sorted.length - 1)
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

/** A value and how much it counts. */
export type Weighted = readonly [value: number, weight: number]

/** The smallest value that at least a share q of the weight does not exceed. @param sorted ascending by value, not empty */
export function weightedQuantile(sorted: readonly Weighted[], q: number): number {
  const total = sorted.reduce((sum, [, weight]) => sum + weight, 0)
  let below = 0
  for (const [value, weight] of sorted) {
    below += weight / total
    if (below >= q) return value
  }
  return sorted.at(-1)?.[0] ?? Number.NaN
}

/** How a tool sums a metric up; null where it does not say. */
export interface Stats {
  readonly n: number
  readonly mean: number
  readonly p50: number | null
  readonly p90: number | null
  readonly p95: number | null
  readonly p99: number | null
}

/** The statistics of NumPy; null without values. */
export function numpyStats(values: readonly number[]): Stats | null {
  if (values.length === 0) return null
  const sorted = Float64Array.from(values).sort()
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length
  const at = (q: number): number => linearQuantile(sorted, q)
  return { n: sorted.length, mean, p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) }
}

/** Nearest rank over weights; null where nothing weighs anything. */
export function weightedStats(values: readonly Weighted[]): Stats | null {
  const sorted = values.filter(([, weight]) => weight > 0).sort(([a], [b]) => a - b)
  if (sorted.length === 0) return null
  const total = sorted.reduce((sum, [, weight]) => sum + weight, 0)
  const mean = sorted.reduce((sum, [value, weight]) => sum + value * weight, 0) / total
  const at = (q: number): number => weightedQuantile(sorted, q)
  return { n: sorted.length, mean, p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) }
}

/** One figure of a whole run. */
export const only = (value: number | null): Stats | null =>
  value === null ? null : { n: 1, mean: value, p50: null, p90: null, p95: null, p99: null }
