import type { TuneCheck, TuneVerdict } from '../record/index.js'
import { regularisedBeta } from './stats/index.js'

/** How many values of one objective missed its limit. */
export interface MissCount {
  readonly objective: string
  /** Independent values that would say as much as those that were seen, and how many of them missed. */
  readonly effectiveN: number
  readonly effectiveMissed: number
  /** Values seen, and missed. */
  readonly n: number
  readonly missed: number
  /** Share that may miss: 0.01 for a p99. Null: the objective is no quantile or share, and `settled` says what became of it. */
  readonly allowed: number | null
  readonly designEffect: number
  readonly settled: TuneVerdict | null
}

/**
 * One-sided bounds of a share by Clopper and Pearson (1934), each wrong with probability `risk` at most. Counts need not
 * be whole: those of dependent values are worth fewer independent ones, and the beta function does not mind.
 */
export function shareBounds(missed: number, n: number, risk: number): { low: number; high: number } {
  if (n <= 0) return { low: 0, high: 1 }
  return {
    low: missed <= 0 ? 0 : solve((p) => regularisedBeta(p, missed, n - missed + 1) - risk),
    high: missed >= n ? 1 : solve((p) => regularisedBeta(p, missed + 1, n - missed) - (1 - risk)),
  }
}

/** Zero of a function that rises over [0, 1]. */
function solve(f: (p: number) => number): number {
  let [low, high] = [0, 1]
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2
    if (f(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Least number of independent values, none of which missed, that shows a share below `allowed`. */
export const leastToPass = (allowed: number, risk: number): number =>
  Math.ceil(Math.log(risk) / Math.log1p(-allowed) - 1e-9)

/**
 * Pass, fail, or not yet known, as MLPerf's early stopping decides: pass when the upper bound of the share that missed is at
 * most what is allowed, fail when the lower bound is above it. All objectives must pass, so that a wrong pass needs a wrong
 * bound of one that is missed: no correction. Any one may fail: the risk is divided among them.
 */
export function decide(
  counts: readonly MissCount[],
  risk: number,
): { readonly checks: readonly TuneCheck[]; readonly verdict: TuneVerdict } {
  const judged = counts.filter((c) => c.allowed !== null).length
  const checks = counts.map((count) => checkOf(count, risk, risk / Math.max(1, judged)))
  const every = checks.every((c) => c.verdict === 'pass')
  const verdict = checks.some((c) => c.verdict === 'fail') ? 'fail' : every ? 'pass' : 'undecided'
  return { checks, verdict }
}

/**
 * A design effect is the mean of ten squared waves: χ² with ten degrees of freedom. A pass takes it at its upper 95 % bound,
 * 10 / 3.94 times the estimate, of which 1.29 are in the effect already: where it is underestimated, what misses is too.
 */
const CAUTION = 10 / 3.94 / 1.29

function checkOf(count: MissCount, passRisk: number, failRisk: number): TuneCheck {
  const { objective, n, missed, allowed, designEffect, effectiveN, effectiveMissed } = count
  const seen = { objective, n, missed, allowed, designEffect }
  if (allowed === null) return { ...seen, low: null, high: null, verdict: count.settled ?? 'undecided' }
  const caution = designEffect > 1 ? CAUTION : 1
  const { high } = shareBounds(effectiveMissed / caution, effectiveN / caution, passRisk)
  const { low } = shareBounds(effectiveMissed, effectiveN, failRisk)
  const verdict = high <= allowed ? 'pass' : low > allowed ? 'fail' : 'undecided'
  return { ...seen, low, high, verdict }
}

/** The same objectives over several trials. */
export function pooled(trials: readonly (readonly MissCount[])[]): readonly MissCount[] {
  const last = trials.at(-1) ?? []
  return last.map((count, i) => {
    const all = trials.flatMap((counts) => counts[i] ?? [])
    const sum = (pick: (c: MissCount) => number): number => all.reduce((s, c) => s + pick(c), 0)
    const n = sum((c) => c.n)
    const effectiveN = sum((c) => c.effectiveN)
    return {
      ...count,
      n,
      missed: sum((c) => c.missed),
      effectiveN,
      effectiveMissed: sum((c) => c.effectiveMissed),
      designEffect: effectiveN > 0 ? Math.max(1, n / effectiveN) : 1,
    }
  })
}
