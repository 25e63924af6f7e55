import { type Dependence, LEVELS } from './dependence.js'
import { quantileRanks } from './quantile.js'
import { binomialCdf } from './special.js'

/**
 * How a quantile's interval was found. `order-statistics`: exact, for independent values. `effective-n`: for values that
 * depend on their neighbours, at the number of independent values that say as much. `none`: too few of those to claim one.
 */
export const INTERVAL_METHODS = ['order-statistics', 'effective-n', 'none'] as const

export interface RankInterval {
  /** Ranks from 1; null where the sample cannot bound the quantile. */
  readonly low: number | null
  readonly high: number | null
  readonly method: (typeof INTERVAL_METHODS)[number]
  /** Independent values that would bound the quantile as well. */
  readonly effectiveN: number
}

/** Effective observations on the thin side of a quantile, and on both sides together, that a claim needs. */
const LEAST_BEYOND = 10
const LEAST_EFFECTIVE = 40

/** (z / t)² at 97.5 %, with as many degrees of freedom as waves: the price of an estimated variance (Korn and Graubard 1998). */
const T10 = 2.2281388519649385
const ESTIMATED = (1.959963984540054 / T10) ** 2

/**
 * 95 % interval of the q-quantile of n values, as ranks.
 *
 * Whether there is enough to go by is judged at the largest design effect from the middle of the distribution to the
 * quantile: that of a far tail alone is seen in a handful of bursts, and looks small just when too few of them were caught.
 */
export function rankInterval(n: number, q: number, dependence: Dependence): RankInterval {
  const levels = [q, 0.5, ...(q > 0.9 ? [0.9] : [])]
  if (!levels.some((level) => foundAt(dependence, level)))
    return { ...quantileRanks(n, q), method: 'order-statistics', effectiveN: n }
  const worst = Math.max(...levels.map((level) => effectAt(dependence, level)))
  const sure = (n * ESTIMATED) / worst
  const effective = (n * ESTIMATED) / effectAt(dependence, q)
  const effectiveN = Math.round(effective)
  if (sure < LEAST_EFFECTIVE || sure * Math.min(q, 1 - q) < LEAST_BEYOND)
    return { low: null, high: null, method: 'none', effectiveN }
  return { ...scaledRanks(n, effective, q), method: 'effective-n', effectiveN }
}

/** Ranks among n values at which as many independent ones as `effective` have theirs; between whole ranks by interpolation. */
function scaledRanks(n: number, effective: number, q: number) {
  const at = (p: number): number => (n / effective) * (binomialQuantile(p, effective, q) + 0.5)
  return { low: Math.max(1, Math.floor(at(0.025))), high: Math.min(n, Math.ceil(at(0.975)) + 1) }
}

/** Real k with P(X ≤ k) = p, on the continuation of the binomial distribution to real n and k by the beta function. */
function binomialQuantile(p: number, n: number, q: number): number {
  const reach = 10 * Math.sqrt(n * q * (1 - q)) + 2
  let low = Math.max(0, n * q - reach)
  let high = Math.min(n, n * q + reach)
  while (high - low > 1e-4) {
    const middle = (low + high) / 2
    if (binomialCdf(middle, n, q) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Place of a level on the axis of −log10(1 − q), on which the levels of a tail are evenly spread. */
const place = (q: number): number => -Math.log10(1 - q)
const PLACES = LEVELS.map(place)

/** Between two levels on a straight line; beyond the last ones as there. */
function effectAt({ designEffects }: Dependence, q: number): number {
  const right = PLACES.findIndex((p) => p >= place(q) - 1e-9)
  const above = designEffects[right] ?? designEffects.at(-1) ?? 1
  if (right <= 0) return above
  const [from = 0, to = 1] = [PLACES[right - 1], PLACES[right]]
  const below = designEffects[right - 1] ?? above
  if (above === below) return above
  return below + ((above - below) * (place(q) - from)) / (to - from)
}

const foundAt = ({ found }: Dependence, q: number): boolean => {
  const right = PLACES.findIndex((p) => p >= place(q) - 1e-9)
  return found[right] ?? found.at(-1) ?? false
}

/**
 * How many dependent values say as much as one independent value, at the level where it is most, the price of its being
 * estimated included; at least 1. Signs of dependence are not waited for: a short series shows none.
 */
export const designEffectOf = (dependence: Dependence, levels: readonly number[]): number =>
  Math.max(1, ...levels.map((level) => effectAt(dependence, level) / ESTIMATED))
