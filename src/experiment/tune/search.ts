import { findLimit, knobHelps, type Limit, type LimitPoint } from '../../analyse/index.js'
import { parseObjective } from '../../profile/index.js'
import type {
  TargetFacts,
  TuneCheck,
  TuneDiagnosis,
  TuneGoal,
  TuneHeld,
  TuneKnob,
  TuneLoad,
  TuneSetting,
  TuneTrial,
} from '../../record/index.js'
import { capacityOf } from './capacity.js'
import { knobsOf, type Variation } from './knobs.js'
import type { Lab, Visit } from './lab.js'
import { climb, heldOf, settle } from './ladder.js'
import type { LoadState } from './load-state.js'
import { scoreOf } from './score.js'

export interface SearchOptions {
  readonly lab: Lab
  readonly goal: TuneGoal
  readonly variations: readonly Variation[]
  readonly kind: TuneLoad['kind']
  /** Load of the profile: tried first. */
  readonly start: number
  /** Of the goal `p99`: the load at which everything is measured. */
  readonly fixed?: TuneLoad
}

/** Looks at one load while the border is sought; the confirmation takes more. */
const SEARCH_LOOKS = 2
/** How near to each other the loads that hold and do not hold must be in the end. */
const WITHIN = 1.06

/** How near to each other the loads that hold and do not hold must be for a first impression. */
const ROUGHLY = 1.13
/** Most challengers that hold more than the leader hold little more. */
const NEARLY = 1.25
/** Of the search's time for the default, which the others are to be held against: to know it alone answers nothing. */
const DEFAULT_SHARE = 1 / 3

/**
 * Finds the load that a setting holds, and writes down what it comes to. The load that is named has had a longer look.
 *
 * @param floor a load that is of no interest any more, as the leader holds it
 * @param mayGoOn asked before each further load
 * @returns whether a load above the floor holds
 */
export async function explore(
  visit: Visit,
  { lab, goal, kind }: SearchOptions,
  start: number,
  purpose: 'diagnosis' | 'search' | 'race',
  floor = 0,
  mayGoOn: () => boolean = () => true,
): Promise<boolean> {
  const { holds } = await climb(visit, { kind, start, within: WITHIN, purpose, mayGoOn })
  const isFound =
    holds !== null &&
    (await settle(visit, { kind, value: holds }, { looks: SEARCH_LOOKS, purpose, floor, mayGoOn }))
  conclude(visit, lab, goal, kind)
  return isFound
}

/** The same roughly, from first impressions: enough to say who goes on. */
export async function skim(
  visit: Visit,
  { lab, goal, kind }: SearchOptions,
  start: number,
): Promise<TuneHeld> {
  const held = await climb(visit, { kind, start, within: ROUGHLY, purpose: 'race', up: NEARLY })
  conclude(visit, lab, goal, kind)
  return held
}

/** What the visit's trials come to so far. */
export function conclude(visit: Visit, { journal }: Lab, goal: TuneGoal, kind: TuneLoad['kind']): void {
  const states = visit.states()
  const held = heldOf(states, kind)
  journal.change(visit.setting.id, { held, value: scoreOf(goal, held, states) })
}

/** Measures the default. The engine's own values of the knobs become known with its first start. */
export async function exploreDefault(options: SearchOptions): Promise<Limit | null | 'no-start'> {
  const { lab, variations, start } = options
  const { journal } = lab
  const setting = journal.settings()[0] ?? journal.settingOf({})
  const untilS = lab.limitS * DEFAULT_SHARE
  const visited = await lab.visit(setting.id, async (visit) => {
    await explore(visit, options, start, 'diagnosis', 0, () => trialSeconds(visit) < untilS)
    return limitOf(lab, visit)
  })
  if (visited.kind === 'no-start') return 'no-start'
  learnDefaults(lab, variations)
  return visited.value
}

/** Of the trials that were looked at, so that a search that is resumed goes the same way. */
const trialSeconds = (visit: Visit): number =>
  visit.states().reduce((sum, { trials }) => trials.reduce((s, t) => s + t.seconds, sum), 0)

/** The default's values, by what its engine told. */
export function learnDefaults({ journal }: Lab, variations: readonly Variation[]): void {
  const setting = journal.settings()[0]
  if (setting === undefined) return
  const start = setting.starts.findLast((s) => s.kind === 'started')
  const told = { ...(start?.target ?? {}), ...(start?.facts ?? {}) } as Readonly<Record<string, unknown>>
  const value = (name: string) => {
    const v = told[name]
    return typeof v === 'number' || typeof v === 'boolean' || typeof v === 'string' ? v : undefined
  }
  const defaults = Object.fromEntries(variations.map(({ name }) => [name, value(name)]))
  const known = Object.entries(defaults).flatMap(([name, v]) => (v === undefined ? [] : [[name, v] as const]))
  journal.setKnobs(knobsOf(variations, defaults))
  journal.change(setting.id, { values: Object.fromEntries(known) })
}

/** What limits a setting, by the runs of its trials. */
export async function limitOf(lab: Lab, visit: Pick<Visit, 'setting' | 'states'>): Promise<Limit | null> {
  const points = await pointsOf(lab, visit.states())
  const start = visit.setting.starts.findLast((s) => s.kind === 'started')
  const facts = { ...start?.target, ...start?.facts }
  noteCapacity(lab, visit.setting, points)
  return findLimit(points, { url: '', api: '', model: '', ...facts } as TargetFacts)
}

async function pointsOf({ bench }: Lab, states: readonly LoadState[]): Promise<readonly LimitPoint[]> {
  const points: LimitPoint[] = []
  for (const { load, trials, leans } of states) {
    const run = trials.reduce((longest, t) => (t.planned >= longest.planned ? t : longest)).run
    const point = run === null ? undefined : await bench.point(run)
    if (point) points.push({ load: load.value, point, missed: !leans, metric: worstMetric(trials) })
  }
  return points
}

/** Metric of the objective that is missed most. */
function worstMetric(trials: readonly TuneTrial[]): string | null {
  const checks = trials.at(-1)?.checks ?? []
  const strain = (c: TuneCheck): number => c.missed / (c.n * (c.allowed ?? 1))
  const worst = checks.reduce<TuneCheck | null>((w, c) => (w === null || strain(c) > strain(w) ? c : w), null)
  const objective = worst === null ? '' : parseObjective(worst.objective)
  return typeof objective === 'string' ? null : objective.metric
}

function noteCapacity({ journal }: Lab, { id, starts }: TuneSetting, points: readonly LimitPoint[]): void {
  const last = starts.at(-1)
  if (last?.kind !== 'started') return
  const { facts, target, capacity: before } = last
  const forecastKvTokens = before?.predictedKvTokens ?? null
  const capacity = capacityOf(
    { facts, target, forecastKvTokens },
    points.map((p) => p.point),
  )
  journal.amendStart(id, { ...last, capacity })
}

export function diagnosisOf(limit: Limit | null, knobs: readonly TuneKnob[]): TuneDiagnosis {
  if (limit === null) {
    const why = 'the default misses its objectives at no load that was tried'
    return {
      cause: 'none-in-range',
      sentence: 'The objectives are met at every load tried.',
      strength: 1,
      evidence: [],
      runnerUp: null,
      knobs: knobs.map(({ name }) => ({ name, helps: false, why })),
    }
  }
  const { cause, runnerUp } = limit
  return {
    cause: cause.name,
    sentence: cause.sentence,
    strength: cause.strength,
    evidence: cause.evidence,
    runnerUp: runnerUp && { cause: runnerUp.name, strength: runnerUp.strength },
    knobs: knobs.map(({ name }) => ({ name, ...knobHelps(name, limit) })),
  }
}
