import type {
  TuneEstimate,
  TuneFigures,
  TuneGoal,
  TuneHeld,
  TuneLoad,
  TuneTrial,
} from '../../record/index.js'
import type { LoadState } from './load-state.js'

/** What the goal makes of one trial; for `cost`, in USD per million output tokens. */
export function trialValue(goal: TuneGoal, { figures, p99 }: Pick<TuneTrial, 'figures' | 'p99'>): number {
  switch (goal.kind) {
    case 'goodput':
      return figures.goodputPerS
    case 'throughput':
      return figures.outputTokensPerS
    case 'cost':
      return costOf(figures, goal.usdPerEngineHour ?? 0)
    case 'p99':
      return p99?.value ?? Number.NaN
  }
}

const costOf = ({ outputTokensPerS }: TuneFigures, usdPerHour: number): number =>
  outputTokensPerS > 0 ? (usdPerHour / 3600 / outputTokensPerS) * 1e6 : Number.POSITIVE_INFINITY

/** Of the load that a setting holds, by its longest trial there; bounded above by the load that it does not hold. */
export function scoreOf(goal: TuneGoal, held: TuneHeld, states: readonly LoadState[]): TuneEstimate | null {
  if (held.holds === null) return null
  const at = (value: number): TuneTrial | undefined =>
    states
      .find((s) => s.load.value === value)
      ?.trials.reduce((longest, t) => (t.planned >= longest.planned ? t : longest))
  const trial = at(held.holds)
  if (trial === undefined) return null
  const value = trialValue(goal, trial)
  const scale = held.fail === null ? null : held.fail / held.holds
  const floor = held.pass === null ? null : held.pass / held.holds
  const by = (factor: number | null): number | null =>
    factor === null ? null : goal.more ? value * factor : value / factor
  return goal.more ? { value, low: by(floor), high: by(scale) } : { value, low: by(scale), high: by(floor) }
}

export const isBetter = (goal: TuneGoal, a: number, b: number): boolean => (goal.more ? a > b : a < b)

export const loadOf = (held: TuneHeld | null): TuneLoad | null =>
  held === null || held.holds === null ? null : { kind: held.load, value: held.holds }

/** Lowest load above the one that holds at which it no longer did, relative to it. */
export function openPart(held: TuneHeld | null): number {
  if (held === null || held.holds === null) return 1
  const { holds } = held
  const above = [held.fail, ...held.undecided].filter((v): v is number => v !== null && v > holds)
  return above.length === 0 ? 1 : Math.min(...above) / holds
}
