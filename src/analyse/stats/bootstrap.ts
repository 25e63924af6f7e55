import type { Random } from '../../base/index.js'
import { quantileOf, sortValues } from './quantile.js'

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
