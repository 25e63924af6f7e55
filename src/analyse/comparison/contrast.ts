import { createRandom } from '../../base/index.js'
import type { FigureValue } from '../../record/index.js'
import {
  type Contrast,
  flipSigns,
  meanOf,
  midRanks,
  type Permutation,
  paired,
  relabel,
  runsToSettle,
  studentT,
  twoSidedP,
  welch,
} from '../stats/index.js'
import type { Effect, MetricComparison } from './findings.js'

/** A figure of each run; null where it was not measured. */
export interface RunValues {
  readonly a: readonly (FigureValue | null)[]
  readonly b: readonly (FigureValue | null)[]
  /** Places of the runs of each block; null: the runs do not belong together in pairs. */
  readonly pairs: readonly (readonly [a: number, b: number])[] | null
}

export interface Scale {
  readonly scale: 'ratio' | 'difference'
  readonly better: 'lower' | 'higher' | 'neither'
}

type Basis = Contrast & { readonly runs: number }

/** How b differs from a. On a ratio's scale all but `effect` is of logarithms. */
export interface Contrasted {
  readonly method: MetricComparison['method']
  readonly effect: Effect | null
  readonly p: number | null
  readonly permutation: Permutation | null
  /** What the interval rests on; null where there is none. */
  readonly basis: Basis | null
  /** Runs a side that would settle it; null: too many, or it cannot be told. */
  readonly toSettle: (margin: number, family: number) => number | null
  /** Of a comparison by ranks: whether b's runs rank above a's, `endless` ones as the worst. */
  readonly ranksAbove: boolean | null
}

export const NONE: Contrasted = {
  method: 'none',
  effect: null,
  p: null,
  permutation: null,
  basis: null,
  toSettle: () => null,
  ranksAbove: null,
}

/** The runs are the unit: a single one says nothing of how much they differ. */
const LEAST = 2

/**
 * Paired t where runs were measured in blocks, Welch's t where not; ranks where some run has no value that a mean could be
 * taken of.
 *
 * @param level two-sided, of the interval
 */
export function contrastOf(values: RunValues, scale: Scale, level: number): Contrasted {
  const [a, b] = [present(values.a), present(values.b)]
  if (a.length === 0 || b.length === 0) return NONE
  const there = scale.scale === 'ratio' ? Math.log : Number
  const moved = (v: FigureValue): number => (v === 'endless' ? Number.NaN : there(v))
  const [movedA, movedB] = [a.map(moved), b.map(moved)]
  if (![...movedA, ...movedB].every(Number.isFinite)) return byRanks(a, b, scale)
  const differences = differencesOf(values, moved)
  const isPaired = differences !== null && differences.length >= LEAST
  if (!isPaired && (a.length < LEAST || b.length < LEAST)) return withoutSpread(movedA, movedB, scale)
  const basis = isPaired
    ? { ...paired(differences), runs: differences.length }
    : { ...welch(movedA, movedB), runs: Math.min(a.length, b.length) }
  const method = isPaired ? 'paired t' : 'Welch t'
  if (isNothing(basis.standardError, movedA)) return withoutScatter(a, b, scale, basis.difference, method)
  const permutation = isPaired ? flipSigns(differences, seeded) : relabel(movedA, movedB, seeded)
  return {
    method,
    effect: intervalOf(basis, scale.scale, level),
    p: twoSidedP(basis.difference / basis.standardError, basis.freedom),
    permutation,
    basis,
    toSettle: (margin, family) => runsToSettle({ ...planOf(basis, scale.scale, margin), level, family }),
    ranksAbove: null,
  }
}

function planOf({ difference, standardError, freedom, runs }: Basis, scale: Scale['scale'], margin: number) {
  const within = scale === 'ratio' ? Math.log1p(margin) : margin
  return { difference, scatter: standardError * Math.sqrt(runs), runs, freedom, margin: within }
}

const seeded = () => createRandom(1, 'permutation')

const present = (values: readonly (FigureValue | null)[]): FigureValue[] => values.filter((v) => v !== null)

/** Of the pairs that are whole. */
function differencesOf({ a, b, pairs }: RunValues, moved: (v: FigureValue) => number): number[] | null {
  if (pairs === null) return null
  return pairs.flatMap(([i, j]) => {
    const [before, after] = [a[i] ?? null, b[j] ?? null]
    return before === null || after === null ? [] : [moved(after) - moved(before)]
  })
}

export function intervalOf(
  { difference, standardError, freedom }: Contrast,
  scale: Scale['scale'],
  level: number,
): Effect {
  const half = studentT(1 - level, freedom) * standardError
  return onScale(scale, difference, difference - half, difference + half)
}

function onScale(scale: Scale['scale'], value: number, low: number | null, high: number | null): Effect {
  const back = (v: number | null): number | null => (v === null ? null : scale === 'ratio' ? Math.exp(v) : v)
  return { value: scale === 'ratio' ? Math.exp(value) : value, low: back(low), high: back(high) }
}

function withoutSpread(a: readonly number[], b: readonly number[], { scale }: Scale): Contrasted {
  return { ...NONE, effect: onScale(scale, meanOf(b) - meanOf(a), null, null) }
}

/** Rounding alone makes values that are equal differ by so much of their size. */
const isNothing = (standardError: number, values: readonly number[]): boolean =>
  standardError <= 1e-12 * Math.max(1, ...values.map(Math.abs))

/** Where all runs of a side agree to the last digit a t test has nothing to go by: equal is equal, else ranks tell. */
function withoutScatter(
  a: readonly FigureValue[],
  b: readonly FigureValue[],
  scale: Scale,
  difference: number,
  method: 'paired t' | 'Welch t',
): Contrasted {
  if (Math.abs(difference) > 1e-12)
    return { ...byRanks(a, b, scale), effect: onScale(scale.scale, difference, null, null) }
  const effect = onScale(scale.scale, 0, 0, 0)
  return { ...NONE, method, effect, p: 1 }
}

/**
 * Permutation test of the ranks, over all relabellings: within blocks alone five pairs could not reach 5 %. What blocks have
 * in common makes it stricter than it says, never laxer.
 */
function byRanks(a: readonly FigureValue[], b: readonly FigureValue[], { better }: Scale): Contrasted {
  if (a.length < LEAST || b.length < LEAST) return NONE
  const worst = better === 'higher' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const numbers = [...a, ...b].map((v) => (v === 'endless' ? worst : v))
  const ranks = midRanks(numbers, (x, y) => (x === y ? 0 : x - y))
  const [ranksA, ranksB] = [ranks.slice(0, a.length), ranks.slice(a.length)]
  const permutation = relabel(ranksA, ranksB, seeded)
  return {
    ...NONE,
    method: 'ranks',
    p: permutation.p,
    permutation,
    ranksAbove: meanOf(ranksB) === meanOf(ranksA) ? null : meanOf(ranksB) > meanOf(ranksA),
  }
}
