import { meanOf, quantileOf, sortValues } from './quantile.js'
import { normalCdf } from './special.js'

/** Means of successive batches of `size`; an incomplete last batch is left out. */
export function batchMeans(values: ArrayLike<number>, size: number): Float64Array {
  const means = new Float64Array(Math.floor(values.length / size))
  for (let b = 0; b < means.length; b++) {
    let sum = 0
    for (let i = 0; i < size; i++) sum += values[b * size + i] ?? 0
    means[b] = sum / size
  }
  return means
}

/** Values that MSER-5 would cut from the start; `late` when its minimum lies in the second half: no steady state. */
export interface Truncation {
  readonly cut: number
  readonly late: boolean
}

const BATCH = 5
/** The last batches are not tried: the statistic of a handful of means is small by chance. */
const SPARED = 5

/**
 * MSER-5 (White 1997; White, Cobb, Spratt 2000): the truncation d that minimises Σ(x − x̄)² / (n − d)² over means of
 * five. Found in one pass from the end.
 */
export function mser5(values: ArrayLike<number>): Truncation {
  const means = batchMeans(values, BATCH)
  const n = means.length
  let sum = 0
  let squares = 0
  let best = Number.POSITIVE_INFINITY
  let at = 0
  // Centred first: sums of squares of large, close values would lose their digits.
  const centre = n === 0 ? 0 : meanOf(means)
  for (let d = n - 1; d >= 0; d--) {
    const x = (means[d] ?? 0) - centre
    sum += x
    squares += x * x
    const left = n - d
    const statistic = (squares - (sum * sum) / left) / (left * left)
    if (left >= SPARED && statistic <= best) {
      best = statistic
      at = d
    }
  }
  return { cut: at * BATCH, late: at > n / 2 }
}

/** Share of the first values on one side of the median of the rest from which on the series starts apart. */
const APART = 0.75

/**
 * Whether a series begins otherwise than it goes on after `cut` values: of the first quarter of these, three in four lie on
 * the same side of the median of the rest. A pause in the middle of a run also puts MSER's minimum behind it, but is no
 * transient: cut away with all that came before it, it would be hidden from every percentile.
 */
export function startsApart(values: ArrayLike<number>, cut: number): boolean {
  const kept = new Float64Array(values.length - cut)
  for (let i = 0; i < kept.length; i++) kept[i] = values[cut + i] ?? 0
  const rest = quantileOf(sortValues(kept), 0.5)
  const first = Math.ceil(cut / 4)
  let above = 0
  let below = 0
  for (let i = 0; i < first; i++) {
    if ((values[i] ?? rest) > rest) above++
    if ((values[i] ?? rest) < rest) below++
  }
  return Math.max(above, below) >= APART * first
}

/** Two-sided p of no monotone trend (Mann 1945, Kendall 1975), ties allowed for; S > 0 means rising. O(n²): for batch means. */
export function mannKendall(values: ArrayLike<number>): { readonly s: number; readonly p: number } {
  const n = values.length
  let s = 0
  const ties = new Map<number, number>()
  for (let i = 0; i < n; i++) {
    const x = values[i] ?? 0
    ties.set(x, (ties.get(x) ?? 0) + 1)
    for (let j = i + 1; j < n; j++) s += Math.sign((values[j] ?? 0) - x)
  }
  let variance = n * (n - 1) * (2 * n + 5)
  for (const t of ties.values()) variance -= t * (t - 1) * (2 * t + 5)
  if (variance <= 0 || s === 0) return { s, p: 1 }
  const z = (s - Math.sign(s)) / Math.sqrt(variance / 18)
  return { s, p: 2 * normalCdf(-Math.abs(z)) }
}

/** Theil-Sen slope per step of y over its index: the median of the slopes of all pairs. O(n²): for batch means. */
export function theilSenSlope(values: ArrayLike<number>): number {
  const slopes: number[] = []
  for (let i = 0; i < values.length; i++) {
    for (let j = i + 1; j < values.length; j++) slopes.push(((values[j] ?? 0) - (values[i] ?? 0)) / (j - i))
  }
  slopes.sort((a, b) => a - b)
  const middle = slopes.length >> 1
  if (slopes.length === 0) return 0
  return slopes.length % 2 === 1
    ? (slopes[middle] ?? 0)
    : ((slopes[middle - 1] ?? 0) + (slopes[middle] ?? 0)) / 2
}
