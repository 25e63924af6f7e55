import { radixSort } from './radix-sort.js'
import { binomialCdf } from './special.js'

declare const ascending: unique symbol
/** Values in ascending order: made by `sortValues` alone. */
export type Sorted = Float64Array & { readonly [ascending]: true }

/** Sorts in place. */
export const sortValues = (values: Float64Array): Sorted => radixSort(values) as Sorted

/** Rank of the nearest-rank quantile, from 1: the least value with at least the share q at or below it. */
export const nearestRank = (n: number, q: number): number => Math.min(n, Math.max(1, Math.ceil(q * n - 1e-9)))

/**
 * Ranks, from 1, of the order statistics that enclose the q-quantile with 95 % confidence, whatever the distribution
 * (David and Nagaraja, Order Statistics, 7.1): at most 2.5 % lies below and above each. Null where n cannot bound it.
 */
export function quantileRanks(
  n: number,
  q: number,
): { readonly low: number | null; readonly high: number | null } {
  // Ten standard deviations hold every rank that can answer, and keep the search short for millions of values.
  const reach = Math.ceil(10 * Math.sqrt(n * q * (1 - q))) + 2
  const from = Math.max(0, Math.floor(n * q) - reach)
  const to = Math.min(n, Math.ceil(n * q) + reach)
  // low: the largest l with P(X ≤ l − 1) ≤ 2.5 %; high: the smallest u with P(X ≤ u − 1) ≥ 97.5 %.
  const low = firstWhere(from, to, (k) => binomialCdf(k, n, q) > 0.025)
  const high = firstWhere(from, to, (k) => binomialCdf(k, n, q) >= 0.975) + 1
  return { low: low < 1 ? null : low, high: high > n ? null : high }
}

/** Least k in [from, to] that passes a test which, once passed, stays passed. */
function firstWhere(from: number, to: number, passes: (k: number) => boolean): number {
  let lo = from
  let hi = to
  while (lo < hi) {
    const middle = (lo + hi) >> 1
    if (passes(middle)) hi = middle
    else lo = middle + 1
  }
  return lo
}

/** Nearest-rank quantile; NaN when there are no values. */
export const quantileOf = (values: Sorted, q: number): number =>
  values[nearestRank(values.length, q) - 1] ?? Number.NaN

/** Nearest-rank median of values in any order; NaN when empty. Leaves its input as it is. */
export const medianOf = (values: ArrayLike<number>): number =>
  quantileOf(sortValues(Float64Array.from(values)), 0.5)

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0
  return sum / values.length
}

/** Sample standard deviation (n − 1); zero for fewer than two values. */
export function stdDevOf(values: ArrayLike<number>, mean = meanOf(values)): number {
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += ((values[i] ?? 0) - mean) ** 2
  return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1))
}
