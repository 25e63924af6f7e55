import type { TuneHeld, TuneLoad } from '../../record/index.js'
import type { Visit } from './lab.js'
import type { LoadState } from './load-state.js'

export interface LadderOptions {
  readonly kind: TuneLoad['kind']
  /** Tried first. */
  readonly start: number
  /** Ends when the load that holds and the one that does not are within this factor. */
  readonly within: number
  readonly purpose: 'diagnosis' | 'search' | 'race'
  /** Step upwards while nothing fails, where the start is near the border; by the kind of load when left out. */
  readonly up?: number
  /** Asked before each load after the first; always, when left out. */
  readonly mayGoOn?: () => boolean
}

/** Steps outwards from the first load, while all tried so far are on one side. */
const UP = { open: 1.5, closed: 2 } as const
const DOWN = 1.5
/** A load that misses only a little more than it may is near the border. */
const DOWN_NEAR = 1.12
const NEAR = 3
/** A load this many times lower than the first is no service any more; one this many times higher no load for one engine. */
const FLOOR = 64
const CEILING = 256

/**
 * First impression of the load that a setting sustains, by bisection on a logarithmic scale: outwards from the first load until
 * one holds and one does not, then the middle of both. One trial at each load; what decides is whether more missed the
 * objectives than may.
 */
export async function climb(visit: Visit, options: LadderOptions): Promise<TuneHeld> {
  const tried = new Set<number>()
  let next: number | undefined = rounded(options.start, options.kind)
  while (next !== undefined && !tried.has(next) && (tried.size === 0 || options.mayGoOn?.() !== false)) {
    tried.add(next)
    await visit.judge({ kind: options.kind, value: next }, 1, 'clear', options.purpose)
    next = nextLoad(visit.impressions(), options)
  }
  return heldOf(visit.impressions(), options.kind)
}

/** A load that misses no more than so many times what may is within a step of one that holds. */
const MILD = 3
const STEPS = { mild: 1.06, strong: 1.12 } as const
/** Steps down after which a first impression was no impression at all. */
const MOST_STEPS = 8

interface SettleOptions {
  readonly looks: number
  readonly purpose: LadderOptions['purpose']
  /** Of no interest is a load at or below it. */
  readonly floor: number
  readonly mayGoOn: () => boolean
}

/**
 * Looks longer at the load that seemed to hold, and steps down until one does.
 *
 * @returns whether one was found
 */
export async function settle(
  visit: Visit,
  load: TuneLoad,
  { looks, purpose, floor, mayGoOn }: SettleOptions,
): Promise<boolean> {
  let { value } = load
  let found = false
  for (let step = 0; step < MOST_STEPS && value > floor && mayGoOn(); step++) {
    const { leans, strain } = await visit.judge({ kind: load.kind, value }, looks, 'shown', purpose)
    found = leans
    if (found) break
    const lower = value / (strain <= MILD ? STEPS.mild : STEPS.strong)
    value = load.kind === 'closed' ? Math.min(value - 1, Math.round(lower)) : rounded(lower, load.kind)
  }
  const again = inversion(sound(visit.states()))
  if (again && mayGoOn()) await lookAgain(visit, again)
  return found
}

/** The next load to try; undefined when the border is found, or is not in reach. */
export function nextLoad(
  states: readonly Pick<LoadState, 'load' | 'leans' | 'strain'>[],
  { kind, start, within, up = UP[kind] }: Pick<LadderOptions, 'kind' | 'start' | 'within' | 'up'>,
): number | undefined {
  const { holds, beyond } = borderOf(states)
  const go = (value: number): number | undefined => {
    const load = rounded(value, kind)
    const known = states.some((s) => s.load.value === load)
    return known || load < start / FLOOR || load > start * CEILING || load <= 0 ? undefined : load
  }
  if (holds === null)
    return beyond === null ? go(start) : go(beyond / (strainAt(states, beyond) <= NEAR ? DOWN_NEAR : DOWN))
  if (beyond === null) return go(kind === 'closed' ? Math.max(holds + 1, holds * up) : holds * up)
  return beyond / holds <= within ? undefined : go(Math.sqrt(holds * beyond))
}

const strainAt = (states: readonly Pick<LoadState, 'load' | 'strain'>[], value: number): number =>
  states.find((s) => s.load.value === value)?.strain ?? Number.POSITIVE_INFINITY

/** Lowest load that does not hold, and the highest below it that does. */
function borderOf(states: readonly Pick<LoadState, 'load' | 'leans'>[]) {
  const sorted = [...states].sort((a, b) => a.load.value - b.load.value)
  const beyond = sorted.find((s) => !s.leans)?.load.value ?? null
  const below = sorted.filter((s) => s.leans && (beyond === null || s.load.value < beyond))
  return { holds: below.at(-1)?.load.value ?? null, beyond }
}

/** A load that holds above one that does not: the pair nearest to each other. */
export function inversion<S extends Pick<LoadState, 'load' | 'leans'>>(
  states: readonly S[],
): { readonly low: S; readonly high: S } | undefined {
  const sorted = [...states].sort((a, b) => a.load.value - b.load.value)
  const at = sorted.findIndex((s, i) => !s.leans && sorted[i + 1]?.leans === true)
  const [low, high] = [sorted[at], sorted[at + 1]]
  return at < 0 || low === undefined || high === undefined ? undefined : { low, high }
}

/** Where more is known than a first impression, which a longer look may overturn. */
const sound = (states: readonly LoadState[]): readonly LoadState[] =>
  states.filter((s) => s.verdict !== 'undecided' || s.trials.length > 1)

/** A service cannot hold more and not hold less: one of both was chance, and another look tells which. Once. */
async function lookAgain(
  visit: Visit,
  { low, high }: { readonly low: LoadState; readonly high: LoadState },
): Promise<void> {
  for (const { load, trials } of [low, high]) {
    if (!trials.some((t) => t.purpose === 'again')) await visit.again(load)
  }
}

export function heldOf(states: readonly LoadState[], kind: TuneLoad['kind']): TuneHeld {
  const { holds } = borderOf(states)
  const of = (verdict: LoadState['verdict']): number[] =>
    states.filter((s) => s.verdict === verdict).map((s) => s.load.value)
  const fails = of('fail')
  const fail = fails.length === 0 ? null : Math.min(...fails)
  const passes = of('pass').filter((v) => fail === null || v < fail)
  return {
    load: kind,
    holds,
    pass: passes.length === 0 ? null : Math.max(...passes),
    fail,
    undecided: of('undecided').sort((a, b) => a - b),
    nonMonotone: inversion(sound(states)) !== undefined,
  }
}

const rounded = (value: number, kind: TuneLoad['kind']): number =>
  kind === 'closed' ? Math.max(1, Math.round(value)) : Number(value.toPrecision(3))
