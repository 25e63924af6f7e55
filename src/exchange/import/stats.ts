import type { ImportedStats } from './imported.js'

const NOTHING: ImportedStats = { n: null, mean: null, p50: null, p90: null, p95: null, p99: null }

/** Of values per request, percentiles by nearest rank as falloff takes them. */
export function statsOf(values: readonly number[]): ImportedStats {
  if (values.length === 0) return { ...NOTHING, n: 0 }
  const sorted = Float64Array.from(values).sort()
  const at = (q: number): number => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length
  return { n: sorted.length, mean, p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) }
}

/** One figure of the whole run. */
export const single = (value: number | null | undefined): ImportedStats => ({
  ...NOTHING,
  mean: value ?? null,
})

/** The same in another unit. */
export function scaled(stats: ImportedStats, factor: number): ImportedStats {
  const by = (value: number | null): number | null => (value === null ? null : value * factor)
  const { n, mean, p50, p90, p95, p99 } = stats
  return { n, mean: by(mean), p50: by(p50), p90: by(p90), p95: by(p95), p99: by(p99) }
}

/** Values that are there. */
export const present = (values: readonly (number | null | undefined)[]): readonly number[] =>
  values.filter((value): value is number => typeof value === 'number')
