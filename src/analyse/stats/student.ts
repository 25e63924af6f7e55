import { meanOf, stdDevOf } from './quantile.js'
import { lnGamma, normalCdf, regularisedBeta } from './special.js'

/** P(|T| ≥ |t|) of Student's t, by the incomplete beta function (Abramowitz and Stegun 26.7.1). */
export const twoSidedP = (t: number, freedom: number): number =>
  Number.isFinite(t) ? regularisedBeta(freedom / (freedom + t * t), freedom / 2, 0.5) : 0

/** The t that so much of the distribution lies within, both sides together. */
export function studentT(mass: number, freedom: number): number {
  const logScale = lnGamma((freedom + 1) / 2) - lnGamma(freedom / 2) - 0.5 * Math.log(freedom * Math.PI)
  const densityAt = (t: number): number =>
    Math.exp(logScale - ((freedom + 1) / 2) * Math.log1p((t * t) / freedom))
  let t = 0
  // Newton's steps from 0: the mass between −t and t bends downwards as t grows, so that none goes too far.
  for (let i = 0; i < 200; i++) {
    const step = (mass - 1 + twoSidedP(t, freedom)) / (2 * densityAt(t))
    t += step
    if (Math.abs(step) <= 1e-13 * t) break
  }
  return t
}

/** P(T ≤ t) where what is looked for shifts T by so many standard errors (Johnson and Welch 1940): good to a hundredth. */
export const shiftedCdf = (t: number, freedom: number, shift: number): number =>
  normalCdf((t * (1 - 1 / (4 * freedom)) - shift) / Math.sqrt(1 + (t * t) / (2 * freedom)))

/** A difference with what a t test needs of it. */
export interface Contrast {
  readonly difference: number
  readonly standardError: number
  /** Degrees of freedom of the standard error. */
  readonly freedom: number
}

/** b − a of independent runs whose scatter may differ (Welch 1947, degrees of freedom by Satterthwaite). At least two each. */
export function welch(a: readonly number[], b: readonly number[]): Contrast {
  const [va, vb] = [stdDevOf(a) ** 2 / a.length, stdDevOf(b) ** 2 / b.length]
  const freedom = (va + vb) ** 2 / (va ** 2 / (a.length - 1) + vb ** 2 / (b.length - 1))
  return {
    difference: meanOf(b) - meanOf(a),
    standardError: Math.sqrt(va + vb),
    freedom: Number.isFinite(freedom) ? freedom : a.length + b.length - 2,
  }
}

/** The mean of differences. At least two. */
export const paired = (differences: readonly number[]): Contrast => ({
  difference: meanOf(differences),
  standardError: stdDevOf(differences) / Math.sqrt(differences.length),
  freedom: differences.length - 1,
})
