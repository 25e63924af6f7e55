import { decide, pooled } from '../../analyse/index.js'
import type { TuneLoad, TuneSetting, TuneTrial } from '../../record/index.js'
import type { Bench, FailedStart, StartedEngine } from './bench.js'
import { capacityOf } from './capacity.js'
import type { Journal } from './journal.js'
import {
  countsOf,
  type Enough,
  isEnough,
  type LoadState,
  loadText,
  looksTaken,
  stateOf,
} from './load-state.js'
import type { Sizes } from './sizes.js'
import { Stopped } from './stopped.js'

export interface LabOptions {
  readonly bench: Bench
  readonly journal: Journal
  readonly sizes: Sizes
  /** Chance of a wrong decision, over all looks at one load together. */
  readonly level: number
  readonly signal: AbortSignal
  readonly onPhase: (text: string) => void
  readonly onNote: (text: string) => void
}

/** A setting while its engine may be running: started at the first trial that is not known yet. */
export interface Visit {
  readonly setting: TuneSetting
  /** One trial, from the journal when it was measured before. */
  trial(
    load: TuneLoad,
    requests: number,
    purpose: TuneTrial['purpose'],
    /** Which draw of arrivals; the next one of the setting at this load when left out. */
    repeat?: number,
  ): Promise<TuneTrial>
  /** Trials at a load until enough is known, or `looks` were taken. */
  judge(load: TuneLoad, looks: number, enough: Enough, purpose: TuneTrial['purpose']): Promise<LoadState>
  /** Looks at the load again, as long as the second look, whatever is known. */
  again(load: TuneLoad): Promise<LoadState>
  states(): readonly LoadState[]
  /** The same by the first trial at each load alone: those of two settings have drawn the same arrivals. */
  impressions(): readonly LoadState[]
}

type Visited<T> = { readonly kind: 'visited'; readonly value: T } | { readonly kind: 'no-start' }

export interface Lab {
  readonly journal: Journal
  readonly sizes: Sizes
  readonly bench: Bench
  visit<T>(id: string, use: (visit: Visit) => Promise<T>): Promise<Visited<T>>
  note(text: string): void
  /** Engine seconds beyond which no trial is begun; Infinity: none. */
  limitS: number
}

/** Thrown through the search's own code to leave a visit whose engine did not come up. */
class NoStart extends Error {}

export function createLab(options: LabOptions): Lab {
  const { bench, journal, sizes } = options
  // By key, what an earlier session measured and this one has not asked for yet, in order.
  const shelf = new Map<string, TuneTrial[]>()
  for (const trial of journal.trials()) {
    const key = keyOf(trial.setting, trial.load, trial.planned, trial.purpose)
    shelf.set(key, [...(shelf.get(key) ?? []), trial])
  }
  const taken: TuneTrial[] = []
  const lab: Lab = {
    journal,
    sizes,
    bench,
    limitS: Number.POSITIVE_INFINITY,
    note: options.onNote,
    visit: (id, use) => visit(lab, options, { shelf, taken }, id, use),
  }
  return lab
}

interface Shelf {
  readonly shelf: Map<string, TuneTrial[]>
  /** Trials that this session has looked at, from the shelf or fresh: what it concludes from. */
  readonly taken: TuneTrial[]
}

const keyOf = (setting: string, load: TuneLoad, planned: number, purpose: string): string =>
  [setting, load.kind, load.value, planned, purpose].join(' ')

async function visit<T>(
  lab: Lab,
  options: LabOptions,
  store: Shelf,
  id: string,
  use: (visit: Visit) => Promise<T>,
): Promise<Visited<T>> {
  const engine = lazyEngine(lab, options, id)
  try {
    return { kind: 'visited', value: await use(visitOf(lab, options, store, id, engine)) }
  } catch (thrown) {
    if (thrown instanceof NoStart) return { kind: 'no-start' }
    throw thrown
  } finally {
    await engine.stop()
  }
}

function lazyEngine({ journal, limitS }: Lab, options: LabOptions, id: string) {
  let running: StartedEngine | undefined
  return {
    async get(): Promise<StartedEngine> {
      if (running) return running
      const setting = journal.setting(id)
      if (setting.starts.some((s) => s.kind === 'failed')) throw new NoStart()
      mayGoOn(options, journal, limitS)
      options.onPhase(`starting ${setting.label}`)
      const startedAtUtc = options.bench.nowUtc()
      const atS = journal.engineS
      const started = await options.bench.start(setting.given)
      if (options.signal.aborted && started.kind === 'failed') throw new Stopped('interrupted')
      journal.spend(started.seconds)
      if (started.kind === 'failed') return failed(journal, id, { startedAtUtc, atS }, started)
      const { seconds, facts, target, forecastKvTokens = null } = started
      const capacity = capacityOf({ facts, target, forecastKvTokens }, null)
      journal.noteStart(id, {
        kind: 'started',
        startedAtUtc,
        atS,
        seconds,
        facts,
        ...(target && { target }),
        capacity,
      })
      running = started
      return started
    },
    stop: () => running?.stop() ?? Promise.resolve(),
  }
}

function failed(
  journal: Journal,
  id: string,
  at: { readonly startedAtUtc: string; readonly atS: number },
  { seconds, cause, message, hint }: FailedStart,
): never {
  journal.noteStart(id, {
    kind: 'failed',
    ...at,
    seconds,
    cause,
    message,
    ...(hint !== undefined && { hint }),
  })
  throw new NoStart()
}

function mayGoOn({ signal }: LabOptions, journal: Journal, limitS: number): void {
  if (signal.aborted) throw new Stopped('interrupted')
  if (journal.engineS >= limitS) throw new Stopped('budget')
}

function visitOf(
  lab: Lab,
  options: LabOptions,
  { shelf, taken }: Shelf,
  id: string,
  engine: { get(): Promise<StartedEngine> },
): Visit {
  const { journal, sizes } = lab
  const mine = (): TuneTrial[] => taken.filter((t) => t.setting === id)
  const at = (load: TuneLoad): TuneTrial[] =>
    mine().filter((t) => t.load.value === load.value && t.load.kind === load.kind)
  const loads = (): TuneLoad[] => [
    ...new Map(
      mine()
        .filter((t) => t.purpose !== 'confirm')
        .map((t) => [t.load.value, t.load]),
    ).values(),
  ]
  const decideAt = (trials: readonly { readonly checks: TuneTrial['checks'] }[]) =>
    decide(pooled(trials.map((t) => countsOf(t.checks))), options.level / sizes.looks)
  const trial: Visit['trial'] = async (load, requests, purpose, draw) => {
    const known = shelf.get(keyOf(id, load, requests, purpose))?.shift()
    if (known) {
      taken.push(known)
      return known
    }
    const started = await engine.get()
    mayGoOn(options, journal, lab.limitS)
    const { label } = journal.setting(id)
    const repeat = draw ?? at(load).length
    options.onPhase(`${label}, ${loadText(load)}, ${requests} requests`)
    const head = { setting: id, purpose, round: purpose === 'confirm' ? null : journal.round, load }
    const startedAtUtc = options.bench.nowUtc()
    const atS = journal.engineS
    const name = `${id}-${load.value}-${purpose}-${repeat}`
    const outcome = await started.measure({ load, requests, repeat, label: name })
    journal.spend(outcome.seconds)
    if (outcome.end === 'interrupted') throw new Stopped('interrupted')
    if (outcome.end === 'lost') {
      const message = `ended under load, at ${loadText(load)}`
      return failed(
        journal,
        id,
        { startedAtUtc, atS },
        { kind: 'failed', seconds: 0, cause: 'ended-under-load', message },
      )
    }
    const { run, seconds, judged, figures, rising, madeAgain, disturbed } = outcome
    const alone = decide(outcome.counts, options.level / sizes.looks)
    const { verdict } = decideAt([...at(load), { checks: alone.checks }])
    const noted = journal.noteTrial({
      ...head,
      ...{ run, startedAtUtc, atS, seconds, planned: requests, judged, figures, rising, verdict },
      checks: alone.checks,
      p99: outcome.p99,
      ...(madeAgain && { madeAgain }),
      ...(disturbed && { disturbed }),
    })
    taken.push(noted)
    return noted
  }
  const stateAt = (load: TuneLoad): LoadState => stateOf(load, at(load), decideAt(at(load)))
  return {
    get setting() {
      return journal.setting(id)
    },
    trial,
    async judge(load, looks, enough, purpose) {
      for (let look = looksTaken(at(load), sizes, load); look < looks; look++) {
        if (at(load).length > 0 && isEnough(stateAt(load), enough)) break
        await trial(load, sizes.requests(look, load), purpose)
      }
      return stateAt(load)
    },
    async again(load) {
      await trial(load, sizes.requests(1, load), 'again')
      return stateAt(load)
    },
    states: () => loads().map(stateAt),
    impressions: () =>
      loads().map((load) => {
        const first = at(load).slice(0, 1)
        return stateOf(load, first, decideAt(first))
      }),
  }
}
