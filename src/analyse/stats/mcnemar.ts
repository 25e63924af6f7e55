import { binomialCdf } from './special.js'

/** Exact two-sided p (McNemar 1947, by the binomial distribution) that pairs which disagree do so as often either way. */
export function mcnemarP(onlyA: number, onlyB: number): number {
  const n = onlyA + onlyB
  return n === 0 ? 1 : Math.min(1, 2 * binomialCdf(Math.min(onlyA, onlyB), n, 0.5))
}
