import type { TuneEstimate } from '../record/index.js'
import { meanOf, stdDevOf, studentT } from './stats/index.js'

const CONFIDENCE = 0.95
/** More pairs than this nobody will measure. */
const MOST_PAIRS = 1000

/** b over a, from pairs, as the mean of the logarithms of their ratios with its t interval; null with fewer than two. */
export function ratioOf(pairs: readonly { readonly a: number; readonly b: number }[]): TuneEstimate | null {
  const logs = logsOf(pairs)
  if (logs.length < 2 || logs.length < pairs.length) return null
  const half = (studentT(CONFIDENCE, logs.length - 1) * stdDevOf(logs)) / Math.sqrt(logs.length)
  const mean = meanOf(logs)
  return { value: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half) }
}

/** Pairs in all after which the interval would leave out 1, were mean and scatter to stay as they are; null: too many. */
export function pairsToTell(pairs: readonly { readonly a: number; readonly b: number }[]): number | null {
  const logs = logsOf(pairs)
  if (logs.length < 2) return null
  const [mean, scatter] = [Math.abs(meanOf(logs)), stdDevOf(logs)]
  for (let n = logs.length; n <= MOST_PAIRS; n++) {
    if ((studentT(CONFIDENCE, n - 1) * scatter) / Math.sqrt(n) < mean) return n
  }
  return null
}

const logsOf = (pairs: readonly { readonly a: number; readonly b: number }[]): number[] =>
  pairs.filter(({ a, b }) => a > 0 && b > 0).map(({ a, b }) => Math.log(b / a))
