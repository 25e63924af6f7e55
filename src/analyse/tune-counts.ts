import type { MetricObjective, Objective } from '../profile/index.js'
import type { ObjectiveFinding } from './findings.js'
import { type Dependence, designEffectOf } from './stats/index.js'
import type { MissCount } from './tune-decision.js'

/** Values of one metric, ascending, and how many requests have none because they did not complete. */
export interface Measurements {
  readonly values: Float64Array
  readonly lost: number
  readonly dependence: Dependence
}

/** Whole requests: how many were asked, completed, and met every objective. */
export interface Fared {
  readonly asked: number
  readonly completed: number
  readonly good: number
}

/**
 * Holds an objective against a trial by counting. A quantile's objective allows the share beyond it to miss the limit; a
 * request that did not complete misses. `errorRate` and `goodShare` count requests. Of any other objective the finding,
 * which has an interval of its own, decides.
 */
export function missCount(
  o: Objective,
  measured: Measurements | null,
  { asked, completed, good }: Fared,
  finding: ObjectiveFinding | undefined,
): MissCount {
  if (o.kind === 'metric' && o.quantile !== null && measured !== null) {
    const n = measured.values.length + measured.lost
    const missed = measured.lost + beyond(measured.values, o)
    const allowed = o.comparison === '<=' ? 1 - o.quantile : o.quantile
    const effect = Math.min(Math.max(1, n), effectBeside(measured.dependence, o))
    return weighed(o.text, n, missed, allowed, effect)
  }
  if (o.metric === 'errorRate' && o.comparison === '<=')
    return weighed(o.text, asked, asked - completed, o.limit / 100, 1)
  if (o.metric === 'goodShare' && o.comparison === '>=')
    return weighed(o.text, asked, asked - good, 1 - o.limit / 100, 1)
  const verdicts = { met: 'pass', missed: 'fail', unclear: 'undecided', 'not measured': 'undecided' } as const
  return {
    ...weighed(o.text, asked, 0, 0, 1),
    allowed: null,
    settled: verdicts[finding?.verdict ?? 'not measured'],
  }
}

/** Where dependence is judged beside the quantile itself: where a trial sees more of it. */
const NEARER = [0.9, 0.5]

/**
 * What exceeds a far quantile comes in bursts, and a trial that caught none looks as if its values were independent: they are
 * judged nearer to the middle too. M/M/1 queues from 30 to 90 % utilisation show that this, with the caution of a pass,
 * keeps wrong passes below the level, and that the quantile's own level alone does not (docs/design/0006).
 */
function effectBeside(dependence: Dependence, { quantile, comparison }: MetricObjective): number {
  const q = quantile ?? 0.5
  const nearer = NEARER.map((level) => (comparison === '<=' ? level : 1 - level))
  return designEffectOf(dependence, [q, ...nearer])
}

function weighed(
  objective: string,
  n: number,
  missed: number,
  allowed: number,
  designEffect: number,
): MissCount {
  return {
    ...{ objective, n, missed, allowed, designEffect },
    effectiveN: n / designEffect,
    effectiveMissed: missed / designEffect,
    settled: null,
  }
}

function beyond(values: Float64Array, { comparison, limit }: Objective): number {
  let missed = 0
  for (const value of values) if (comparison === '<=' ? value > limit : value < limit) missed++
  return missed
}
