import { nsToMs } from '../../base/index.js'
import type { ErrorFigures } from '../../record/index.js'

/** Least value with at least the share `q` of all at or below it (nearest rank). @param sorted ascending */
const quantileOf = (sorted: Float64Array, q: number): number =>
  sorted[Math.max(1, Math.ceil(q * sorted.length - 1e-9)) - 1] ?? Number.NaN

/** @param errorsNs ours − true; null without any */
export function errorFigures(errorsNs: readonly number[]): ErrorFigures | null {
  if (errorsNs.length === 0) return null
  const sizes = Float64Array.from(errorsNs, Math.abs).sort()
  return {
    n: sizes.length,
    p50Ms: nsToMs(quantileOf(sizes, 0.5)),
    p99Ms: nsToMs(quantileOf(sizes, 0.99)),
    maxMs: nsToMs(sizes.at(-1) ?? 0),
    biasMs: nsToMs(errorsNs.reduce((sum, error) => sum + error, 0) / errorsNs.length),
  }
}

/** p99 of values that have no sign to lose; null without any. */
export const p99Ms = (valuesNs: readonly number[]): number | null =>
  valuesNs.length === 0 ? null : nsToMs(quantileOf(Float64Array.from(valuesNs).sort(), 0.99))
