import type { TuneDiagnosis, TuneResult } from './result.js'
import type { TuneSetting, TuneValue } from './setting.js'
import type { TuneTrial } from './trial.js'

/** `tune.json`, in the folder of a search for an engine's settings. Written anew after every start and every trial. */
export interface TuneManifest {
  readonly format: 1
  readonly tool: { readonly name: 'falloff'; readonly version: string }
  /** Of the profile. */
  readonly name: string
  readonly command: string
  readonly startedAtUtc: string
  /** Missing while the search runs, and after it was killed. */
  readonly endedAtUtc?: string
  /** SHA-256 over what defines the load, as in `run.json`; starts and trials are found again by it and by their settings. */
  readonly workloadHash: string
  /** With the settings that the profile gives to all. */
  readonly engine: {
    readonly kind: string
    readonly model: string
    readonly settings: Readonly<Record<string, TuneValue>>
  }
  readonly goal: TuneGoal
  /** As the user wrote them. */
  readonly objectives: readonly string[]
  readonly plan: 'adaptive' | 'grid'
  /** Chance that a single decision of pass or fail is wrong, at most. */
  readonly level: number
  /** Engine seconds that the search may take, the confirmation included; null: no bound. */
  readonly budgetS: number | null
  /** What is varied, in the user's order. */
  readonly knobs: readonly TuneKnob[]
  /** In the order in which they were first thought of. The default is the first. */
  readonly settings: readonly TuneSetting[]
  /** In the order of measuring. */
  readonly trials: readonly TuneTrial[]
  readonly rounds: readonly TuneRound[]
  /** What limits the default, and which knobs can do something about it. Null until known, and of a grid. */
  readonly diagnosis: TuneDiagnosis | null
  /** Null until the search has an answer. */
  readonly result: TuneResult | null
  /** Seconds in which an engine was starting or measured, of all sessions. */
  readonly engineS: number
  readonly stopReason?: TuneStopReason
}

/** Why the search ended. `nothing-helps`: no knob can mend what limits the default. */
export type TuneStopReason =
  | 'complete'
  | 'nothing-helps'
  | 'budget'
  | 'interrupted'
  | 'no-start'
  | 'target-lost'

export interface TuneGoal {
  readonly kind: 'goodput' | 'throughput' | 'p99' | 'cost'
  /** Of all values that are compared: `requests/s`, `tokens/s`, `ms` or `USD per million output tokens`. */
  readonly unit: string
  /** Whether more of it is better. */
  readonly more: boolean
  /** Of `p99`: the rate at which it is measured, and the metric. */
  readonly ratePerS?: number
  readonly metric?: string
  /** Of `cost`. */
  readonly usdPerEngineHour?: number
}

export interface TuneKnob {
  /** `maxNumSeqs` */
  readonly name: string
  /** `--max-num-seqs` */
  readonly flag: string
  /** Tried in the full grid; the default's is among them where it is known. */
  readonly values: readonly TuneValue[]
  /** Null: the engine chooses, and did not tell what. */
  readonly default: TuneValue | null
}

export interface TuneRound {
  readonly index: number
  readonly purpose: 'diagnosis' | 'race' | 'neighbours' | 'grid'
  /** Settings measured in it. */
  readonly settings: readonly string[]
  /** Measured requests of its first trials. */
  readonly requests: number
  /** Leader after it; null while none holds the objectives. */
  readonly leader: string | null
  readonly out: readonly string[]
  readonly note: string
}
