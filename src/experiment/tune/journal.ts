import type {
  TuneDiagnosis,
  TuneKnob,
  TuneManifest,
  TuneResult,
  TuneRound,
  TuneSetting,
  TuneStart,
  TuneStopReason,
  TuneTrial,
  TuneValue,
} from '../../record/index.js'
import type { Given } from './bench.js'
import { labelOf, settingHash } from './knobs.js'

/** What a search is about; equal when an earlier one may be gone on with. */
export type TuneHead = Pick<
  TuneManifest,
  | 'tool'
  | 'name'
  | 'command'
  | 'workloadHash'
  | 'engine'
  | 'goal'
  | 'objectives'
  | 'plan'
  | 'level'
  | 'budgetS'
>

type Changes = Partial<Pick<TuneSetting, 'held' | 'value' | 'out' | 'values'>>

/** Keeps `tune.json`: everything that was started, measured and concluded, written at every step. */
export interface Journal {
  readonly knobs: readonly TuneKnob[]
  setKnobs(knobs: readonly TuneKnob[]): void
  /** The setting of these values, made up when it is new. */
  settingOf(values: Given): TuneSetting
  setting(id: string): TuneSetting
  settings(): readonly TuneSetting[]
  change(id: string, changes: Changes): void
  noteStart(id: string, start: TuneStart): void
  /** Replaces the last start by what is known of it by now. */
  amendStart(id: string, start: TuneStart): void
  noteTrial(trial: Omit<TuneTrial, 'id'>): TuneTrial
  noteRound(round: Omit<TuneRound, 'index'>): void
  trials(): readonly TuneTrial[]
  readonly round: number
  readonly engineS: number
  spend(seconds: number): void
  setDiagnosis(diagnosis: TuneDiagnosis): void
  readonly diagnosis: TuneDiagnosis | null
  close(result: TuneResult | null, reason: TuneStopReason, endedAtUtc: string): TuneManifest
  manifest(): TuneManifest
}

/** Starts with what was measured before, where there is something; conclusions are drawn anew. */
export function openJournal(
  head: TuneHead,
  startedAtUtc: string,
  before: TuneManifest | undefined,
  write: (manifest: TuneManifest) => void,
): Journal {
  let state: TuneManifest = {
    format: 1,
    ...head,
    startedAtUtc: before?.startedAtUtc ?? startedAtUtc,
    knobs: before?.knobs ?? [],
    settings: (before?.settings ?? []).map((s) => ({ ...s, held: null, value: null, out: null })),
    trials: before?.trials ?? [],
    rounds: [],
    diagnosis: null,
    result: null,
    engineS: before?.engineS ?? 0,
  }
  const set = (changes: Partial<TuneManifest>): void => {
    state = { ...state, ...changes }
    write(state)
  }
  const changeSetting = (id: string, change: (s: TuneSetting) => TuneSetting): void =>
    set({ settings: state.settings.map((s) => (s.id === id ? change(s) : s)) })
  const find = (id: string): TuneSetting => {
    const found = state.settings.find((s) => s.id === id)
    if (found === undefined) throw new RangeError(`no setting ${id}`)
    return found
  }
  return {
    get knobs() {
      return state.knobs
    },
    setKnobs: (knobs) => set({ knobs }),
    settingOf(values) {
      const known = state.settings.find((s) => sameValues(s.values, values))
      if (known) return known
      const fresh = settingFrom(state, values)
      set({ settings: [...state.settings, fresh] })
      return fresh
    },
    setting: find,
    settings: () => state.settings,
    change: (id, changes) => changeSetting(id, (s) => ({ ...s, ...changes })),
    noteStart: (id, start) => changeSetting(id, (s) => ({ ...s, starts: [...s.starts, start] })),
    amendStart: (id, start) =>
      changeSetting(id, (s) => ({ ...s, starts: [...s.starts.slice(0, -1), start] })),
    noteTrial(trial) {
      const numbered = { id: `t${state.trials.length + 1}`, ...trial }
      set({ trials: [...state.trials, numbered] })
      return numbered
    },
    noteRound: (round) => set({ rounds: [...state.rounds, { index: state.rounds.length, ...round }] }),
    trials: () => state.trials,
    get round() {
      return state.rounds.length
    },
    get engineS() {
      return state.engineS
    },
    spend: (seconds) => set({ engineS: state.engineS + seconds }),
    setDiagnosis: (diagnosis) => set({ diagnosis }),
    get diagnosis() {
      return state.diagnosis
    },
    close(result, stopReason, endedAtUtc) {
      set({ result, stopReason, endedAtUtc })
      return state
    },
    manifest: () => state,
  }
}

const sameValues = (a: Given, b: Given): boolean =>
  Object.keys({ ...a, ...b }).every((name) => a[name] === b[name])

/** The first is the default: nothing is given to the engine. Of any other, only what differs from the default. */
function settingFrom(state: TuneManifest, values: Given): TuneSetting {
  const isDefault = state.settings.length === 0
  const own = state.settings[0]?.values ?? {}
  const differing: [string, TuneValue][] = Object.entries(values).filter(([name, v]) => own[name] !== v)
  const given = isDefault ? {} : Object.fromEntries(differing)
  return {
    id: `s${state.settings.length + 1}`,
    label: isDefault ? 'default' : labelOf(values),
    values,
    given,
    hash: settingHash({ engine: state.engine, given }),
    isDefault,
    starts: [],
    held: null,
    value: null,
    out: null,
  }
}
