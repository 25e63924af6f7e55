import type { Random } from '../../base/index.js'
import { meanOf, quantileOf, sortValues } from './quantile.js'

/**
 * One moving-block resample (Künsch 1989) of a series: whole blocks of `block` neighbours, drawn with replacement, so that
 * what hangs together stays together. A block of 1 is the plain bootstrap.
 */
export function resampleBlocks(series: ArrayLike<number>, block: number, random: Random): Float64Array {
  const n = series.length
  const size = Math.max(1, Math.min(block, n))
  const out = new Float64Array(n)
  for (let i = 0; i < n; ) {
    const start = random.integer(0, n - size)
    for (let k = 0; k < size && i < n; k++, i++) out[i] = series[start + k] ?? 0
  }
  return out
}

/** Bounds of the middle 95 % of `rounds` draws of a statistic; draws that are not finite are left out. Null without any. */
export function percentileInterval(
  rounds: number,
  draw: () => number,
): { readonly low: number; readonly high: number } | null {
  const drawn: number[] = []
  for (let i = 0; i < rounds; i++) {
    const value = draw()
    if (Number.isFinite(value)) drawn.push(value)
  }
  if (drawn.length === 0) return null
  const sorted = sortValues(Float64Array.from(drawn))
  return { low: quantileOf(sorted, 0.025), high: quantileOf(sorted, 0.975) }
}

/** Block length for batch means: the cube root of their number (Hall, Horowitz and Jing 1995). */
export const blockLength = (n: number): number => Math.max(1, Math.round(Math.cbrt(n)))

/**
 * Draws of the mean of a few batches, for `percentileInterval`: the mean of a block resample, its distance from the mean of
 * all stretched for the little that there is to draw from.
 */
export function meanDraws(series: ArrayLike<number>, random: Random): () => number {
  const n = series.length
  const block = blockLength(n)
  const mean = meanOf(series)
  const stretch = n > block ? (studentQuantile((1.5 * n) / block) / Z) * Math.sqrt(n / (n - block)) : 1
  return () => mean + stretch * (meanOf(resampleBlocks(series, block, random)) - mean)
}

const Z = 1.959963984540054

/**
 * Student’s t at 97.5 %, to 1 % from 3 degrees of freedom (Cornish and Fisher's expansion, Abramowitz and Stegun 26.7.5).
 * Overlapping blocks tell as much of a variance as half as many again that stand apart (Meketon and Schmeiser 1984).
 */
export function studentQuantile(freedom: number): number {
  const first = (Z ** 3 + Z) / 4
  const second = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96
  const third = (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384
  return Z + first / freedom + second / freedom ** 2 + third / freedom ** 3
}
