import type {
  TuneCheck,
  TuneKnob,
  TuneLoad,
  TuneManifest,
  TuneSetting,
  TuneTrial,
  TuneValue,
} from '../../record/index.js'
import type { TuneInput } from './input.js'

/** The input with what every section asks of it. */
export interface TuneView extends TuneInput {
  readonly best: TuneSetting | null
  readonly standard: TuneSetting | null
  /** Those that were started at least once, by the values of their knobs. */
  readonly started: readonly TuneSetting[]
}

export function viewOf(input: TuneInput): TuneView {
  const { tune } = input
  const find = (id: string | null | undefined) => tune.settings.find((s) => s.id === id) ?? null
  const leader = tune.rounds.findLast((r) => r.leader !== null)?.leader
  const tried = new Set(tune.trials.map((t) => t.setting))
  return {
    ...input,
    best: find(tune.result?.best) ?? (tune.result ? null : (find(leader) ?? best(tune))),
    standard: tune.settings.find((s) => s.isDefault) ?? null,
    started: tune.settings
      .filter((s) => s.starts.length > 0 || tried.has(s.id))
      .toSorted((a, b) => byValues(a, b, tune.knobs)),
  }
}

/** The best value so far, where no round has ended yet. */
function best({ settings, goal }: TuneManifest): TuneSetting | null {
  const worth = (s: TuneSetting) => (s.value?.value ?? Number.NaN) * (goal.more ? 1 : -1)
  const [first] = settings.filter((s) => s.value !== null).toSorted((a, b) => worth(b) - worth(a))
  return first ?? null
}

function byValues(a: TuneSetting, b: TuneSetting, knobs: readonly TuneKnob[]): number {
  for (const { name } of knobs) {
    const [x, y] = [a.values[name], b.values[name]]
    if (x === y) continue
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1
    return typeof x === 'number' && typeof y === 'number' ? x - y : String(x) < String(y) ? -1 : 1
  }
  return 0
}

/** `max-num-seqs` of the flag `--max-num-seqs`. */
export const knobName = ({ name, flag }: Pick<TuneKnob, 'name' | 'flag'>): string =>
  flag.replace(/^-+/, '') || name

/** Before the first start of the default the knobs may not be written down. */
export const knobTitle = (tune: TuneManifest): string => tune.knobs.map(knobName).join(' · ') || 'setting'

/** Values alone, as a row of a chart: `64 · 2048`, `256 (default)`. */
export function rowName(tune: TuneManifest, setting: TuneSetting): string {
  const known = valuesOf(tune, setting).map(([, value]) => value)
  const values = known.join(' · ')
  if (!setting.isDefault) return values === '' ? setting.label : values
  return known.length > 0 && known.length === tune.knobs.length ? `${values} (default)` : 'default'
}

/** In a sentence: `max-num-seqs 64, block-size 16`, `the default`. */
export function settingName(tune: TuneManifest, setting: TuneSetting): string {
  if (setting.isDefault) return 'the default'
  const named = valuesOf(tune, setting).map(([knob, value]) => `${knob} ${value}`)
  return named.length === 0 ? setting.label : named.join(', ')
}

const valuesOf = (tune: TuneManifest, { values }: TuneSetting): readonly (readonly [string, TuneValue])[] =>
  tune.knobs.flatMap((knob) => {
    const value = values[knob.name]
    return value === undefined ? [] : [[knobName(knob), value] as const]
  })

/** Of a trial's setting; its id where the file does not hold it. */
export const rowOf = (tune: TuneManifest, id: string): string => {
  const setting = tune.settings.find((s) => s.id === id)
  return setting === undefined ? id : rowName(tune, setting)
}

export const settingNameOf = (tune: TuneManifest, id: string): string => {
  const setting = tune.settings.find((s) => s.id === id)
  return setting === undefined ? id : settingName(tune, setting)
}

const trialsOf = ({ tune }: TuneView, setting: TuneSetting): readonly TuneTrial[] =>
  tune.trials.filter((t) => t.setting === setting.id)

/** All trials of a setting at one load, told by the longest of them; the verdict is that of all together. */
export interface Looked {
  readonly load: number
  readonly trial: TuneTrial
  readonly verdict: TuneTrial['verdict']
  /** No more missed than may, as far as was seen: what there is to go by where nothing is shown. */
  readonly leans: boolean
  readonly trials: number
}

export function looksOf(view: TuneView, setting: TuneSetting): readonly Looked[] {
  const byLoad = new Map<number, TuneTrial[]>()
  for (const trial of trialsOf(view, setting)) {
    byLoad.set(trial.load.value, [...(byLoad.get(trial.load.value) ?? []), trial])
  }
  return [...byLoad]
    .map(([load, trials]) => ({
      load,
      trial: trials.reduce((longest, t) => (t.planned >= longest.planned ? t : longest)),
      verdict: trials.at(-1)?.verdict ?? 'undecided',
      leans: leansOf(trials),
      trials: trials.length,
    }))
    .toSorted((a, b) => a.load - b.load)
}

function leansOf(trials: readonly TuneTrial[]): boolean {
  const last = trials.at(-1)
  if (last === undefined || last.rising) return false
  return last.checks.every(({ allowed, verdict }, i) => {
    if (allowed === null) return verdict === 'pass'
    const all = trials.flatMap((t) => t.checks[i] ?? [])
    const sum = (pick: (check: TuneCheck) => number): number => all.reduce((s, c) => s + pick(c), 0)
    return sum((c) => c.missed) <= allowed * sum((c) => c.n)
  })
}

export const loadKind = (tune: TuneManifest): TuneLoad['kind'] => tune.trials[0]?.load.kind ?? 'open'

export const loadUnit = (kind: TuneLoad['kind']): string =>
  kind === 'open' ? 'requests/s' : 'requests in flight'
