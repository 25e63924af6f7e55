import type { decide, MissCount } from '../../analyse/index.js'
import type { TuneLoad, TuneTrial, TuneVerdict } from '../../record/index.js'
import type { Sizes } from './sizes.js'

/** What is known of a setting at one load. */
export interface LoadState {
  readonly load: TuneLoad
  readonly verdict: TuneVerdict
  /** No more missed than may, as far as was seen, and nothing piled up: the best guess where nothing is shown. */
  readonly leans: boolean
  /** Greatest share that missed, relative to what may. */
  readonly strain: number
  readonly trials: readonly TuneTrial[]
}

/** `shown`: pass or fail. `failure-shown`: a failure must be, a clear pass need not. `clear`: neither. */
export type Enough = 'shown' | 'failure-shown' | 'clear'

/** Looks of the ladder of sizes that were taken at a load before, so that a later round goes on where an earlier one ended. */
export const looksTaken = (trials: readonly TuneTrial[], sizes: Sizes, load: TuneLoad): number =>
  Array.from({ length: sizes.looks }, (_, i) => sizes.requests(i, load)).filter((n) =>
    trials.some((t) => t.planned >= n),
  ).length

/** So far below and above the limit a short look is believed where the search need not show anything. */
const CLEARLY_WITHIN = 0.5
const CLEARLY_BEYOND = 2

export function isEnough({ verdict, strain, leans }: LoadState, enough: Enough): boolean {
  if (verdict !== 'undecided') return true
  if (leans && strain <= CLEARLY_WITHIN) return enough !== 'shown'
  return enough === 'clear' && strain >= CLEARLY_BEYOND
}

export function stateOf(
  load: TuneLoad,
  trials: readonly TuneTrial[],
  { checks, verdict }: ReturnType<typeof decide>,
): LoadState {
  const rising = trials.at(-1)?.rising ?? false
  const strains = checks.map((c) =>
    c.allowed === null ? settledStrain(c.verdict) : c.missed / (c.n * c.allowed),
  )
  const strain = Math.max(0, ...strains.filter((s) => !Number.isNaN(s)))
  const shown = verdict === 'pass' && rising ? 'undecided' : verdict
  const leans = shown === 'pass' || (shown === 'undecided' && !rising && strain <= 1)
  return { load, verdict: shown, leans, strain, trials }
}

const settledStrain = (verdict: TuneVerdict): number =>
  verdict === 'pass' ? 0 : verdict === 'fail' ? 2 : 1.5

export const countsOf = (checks: TuneTrial['checks']): readonly MissCount[] =>
  checks.map((c) => ({
    ...{ objective: c.objective, n: c.n, missed: c.missed, allowed: c.allowed, designEffect: c.designEffect },
    effectiveN: c.n / c.designEffect,
    effectiveMissed: c.missed / c.designEffect,
    settled: c.allowed === null ? c.verdict : null,
  }))

export const loadText = ({ kind, value }: TuneLoad): string =>
  kind === 'open' ? `${value} requests/s` : `${value} in flight`
