import type { Sorted } from './quantile.js'
import { nearestRank } from './quantile.js'

/**
 * How much less the values of a run say than as many independent ones would, at a few levels of the distribution. Requests
 * share a queue, a batch and a cache, so that a slow one has slow neighbours; the share of values below a quantile then
 * scatters more from run to run than the binomial distribution says.
 */
export interface Dependence {
  /**
   * By level: variance of the share of values up to that quantile, relative to independent values. At least 1. It is the
   * sum of all autocorrelations of the indicator "is at or below the quantile", in order of send.
   */
  readonly designEffects: readonly number[]
  /** By level: whether it is larger than chance would make it. */
  readonly found: readonly boolean[]
}

export const LEVELS = [0.05, 0.5, 0.9, 0.95, 0.99, 0.999] as const
const DEPTH = LEVELS.length

/** Slices of the run: many enough that the slowest waves are smooth, few enough for a plain cosine transform. */
const SLICES = 256
/** Requests from which on dependence between them can be looked for. */
const LEAST = 40
/** The same where each has many values: enough that the waves are about as long as a request, or longer. */
const LEAST_POOLED = 12
/**
 * So many of the slowest waves stand for the variance at frequency zero. Fewer make the estimate coarse, more take in waves
 * shorter than a queue's memory; 10 covers best from AR(1) to M/M/1 (docs/design/0003).
 */
const WAVES = 10
/** Standard deviations by which a sign of dependence must exceed what chance makes of independent values. */
const ALARM = 4

/** Taken for granted where too few requests have one value each: nothing can be seen, and only a median is bounded. */
const INDEPENDENT: Dependence = { designEffects: LEVELS.map(() => 1), found: LEVELS.map(() => false) }
/** Many values of too few requests: they may all say the same. */
const UNKNOWN: Dependence = {
  designEffects: LEVELS.map(() => Number.POSITIVE_INFINITY),
  found: LEVELS.map(() => true),
}

/**
 * Estimates the long-run variance of each level's indicator from the run's slowest cosine waves (equal-weighted cosine
 * estimator: Müller 2007; Lazarus, Lewis, Stock and Watson 2018): each squared coefficient is an independent estimate of
 * it with one degree of freedom as long as the wave is long against the memory of the series.
 *
 * @param values in the order in which their requests were sent, those of a request together
 * @param sorted the same in ascending order; a value that is only known to lie beyond all others is infinite
 * @param requests how many requests the values are of
 */
export function dependenceOf(values: ArrayLike<number>, sorted: Sorted, requests: number): Dependence {
  const pooled = values.length > requests
  if (requests < (pooled ? LEAST_POOLED : LEAST)) return pooled ? UNKNOWN : INDEPENDENT
  const sliced = sliceCounts(values, sorted)
  const effects = LEVELS.map((_, level) => waveEnergies(sliced, level))
  return {
    designEffects: effects.map((energies) => Math.max(1, meanOfFirst(energies, WAVES))),
    // The values of one request share its prompt, its place and its neighbours: that needs no proof.
    found: effects.map(
      (energies, level) => pooled || wavesExceedChance(energies) || clusters(sliced, level, energies),
    ),
  }
}

interface Sliced {
  /** Per slice of the run and level: how many values lie at or below the level's quantile. */
  readonly counts: Float64Array
  /** Per slice: how many values there are. */
  readonly totals: Float64Array
  /** Per level: how often a value and the one before it lie on different sides of the quantile. */
  readonly changes: Float64Array
  /** Per level: the share of values at or below it, which ties make larger than asked. */
  readonly shares: readonly number[]
}

function sliceCounts(values: ArrayLike<number>, sorted: Sorted): Sliced {
  const n = values.length
  const slices = Math.min(SLICES, n)
  const limits = LEVELS.map((q) => sorted[nearestRank(n, q) - 1] ?? Number.POSITIVE_INFINITY)
  // By the first level that a value is not above; one more for those above all. Summed over the levels when all are seen.
  const counts = new Float64Array(slices * (DEPTH + 1))
  const totals = new Float64Array(slices)
  const changes = new Float64Array(DEPTH + 1)
  let before = lowestLevel(values[0] ?? 0, limits)
  for (let slice = 0, i = 0; slice < slices; slice++) {
    const end = Math.ceil(((slice + 1) * n) / slices)
    totals[slice] = end - i
    for (; i < end; i++) {
      const lowest = lowestLevel(values[i] ?? 0, limits)
      add(counts, slice * (DEPTH + 1) + lowest, 1)
      if (lowest === before) continue
      add(changes, Math.min(lowest, before), 1)
      add(changes, Math.max(lowest, before), -1)
      before = lowest
    }
  }
  for (let slice = 0; slice < slices; slice++) accumulate(counts, slice * (DEPTH + 1))
  accumulate(changes, 0)
  const shares = LEVELS.map((_, level) => {
    let below = 0
    for (let s = 0; s < slices; s++) below += counts[s * (DEPTH + 1) + level] ?? 0
    return below / n
  })
  return { counts, totals, changes, shares }
}

const add = (cells: Float64Array, at: number, by: number): void => {
  cells[at] = (cells[at] ?? 0) + by
}

/** Makes running sums of the levels' cells from a place on. */
function accumulate(cells: Float64Array, from: number): void {
  for (let at = from + 1; at < from + DEPTH; at++) add(cells, at, cells[at - 1] ?? 0)
}

/** The first level that a value is not above, or one past the last. Most values lie below most levels. */
function lowestLevel(value: number, limits: readonly number[]): number {
  let level = 0
  while (level < DEPTH && value > (limits[level] ?? 0)) level++
  return level
}

/**
 * Squared coefficients of the cosine waves 1, 2, … of what a slice has more or less than its part, in units of the variance
 * that independent values would give. Half as many waves as slices: shorter ones hold no more than the noise of counting.
 */
function waveEnergies({ counts, totals, shares }: Sliced, level: number): Float64Array {
  const slices = totals.length
  const share = shares[level] ?? 1
  const energies = new Float64Array(slices >> 1)
  const variance = totals.reduce((sum, total) => sum + total, 0) * share * (1 - share)
  // No value beyond the quantile: there is nothing that could hang together.
  if (variance <= 0) return energies.fill(1)
  const excess = totals.map((total, s) => (counts[s * (DEPTH + 1) + level] ?? 0) - share * total)
  const period = 4 * slices
  const cosine = cosines(period)
  for (let wave = 1; wave <= energies.length; wave++) {
    let sum = 0
    for (let s = 0, angle = wave; s < slices; s++) {
      sum += (excess[s] ?? 0) * (cosine[angle] ?? 0)
      angle += 2 * wave
      if (angle >= period) angle -= period
    }
    energies[wave - 1] = (2 * sum * sum) / variance
  }
  return energies
}

const tables = new Map<number, Float64Array>()

/** cos(2πk / period); kept, as every level of every metric of a run needs the same. */
function cosines(period: number): Float64Array {
  let table = tables.get(period)
  if (table === undefined) {
    table = Float64Array.from({ length: period }, (_, k) => Math.cos((2 * Math.PI * k) / period))
    tables.clear()
    tables.set(period, table)
  }
  return table
}

function meanOfFirst(values: Float64Array, n: number): number {
  const used = values.subarray(0, n)
  return used.reduce((sum, v) => sum + v, 0) / used.length
}

/** A mean of k squared waves of independent values is χ² with k degrees of freedom over k: 1 ± √(2/k). */
function wavesExceedChance(energies: Float64Array): boolean {
  for (let k = 8; k <= energies.length; k *= 2) {
    if (meanOfFirst(energies, k) > 1 + ALARM * Math.sqrt(2 / k)) return true
  }
  return false
}

/**
 * Do neighbours lie on the same side of the quantile more often than chance makes them? The waves see a long memory; this
 * sees a short one, however long the run. Of n independent values the autocorrelation of neighbours is 0 ± √(1/n). Where
 * the waves hold less than chance gives them, likeness cancels out further on: prompts that come round in turn.
 */
function clusters({ changes, totals, shares }: Sliced, level: number, energies: Float64Array): boolean {
  const share = shares[level] ?? 1
  const pairs = totals.reduce((sum, total) => sum + total, -1)
  const expected = 2 * share * (1 - share) * pairs
  if (expected <= 0 || meanOfFirst(energies, energies.length) <= 1) return false
  return (1 - (changes[level] ?? 0) / expected) * Math.sqrt(pairs) > ALARM
}
