import type { LaunchFacts, TargetFacts } from '../manifest.js'

export type TuneValue = number | boolean | string

export interface TuneSetting {
  /** `s1`, `s2`, …; `s1` is the default. */
  readonly id: string
  /** `maxNumSeqs=64 maxNumBatchedTokens=2048`, or `default`. */
  readonly label: string
  /** By knob; of the default, what it comes to where that is known. */
  readonly values: Readonly<Record<string, TuneValue>>
  /** Given to the engine on top of what the profile says; empty for the default. */
  readonly given: Readonly<Record<string, TuneValue>>
  /** SHA-256 over engine, model and all settings given to it. */
  readonly hash: string
  readonly isDefault: boolean
  readonly starts: readonly TuneStart[]
  /** The load it sustains within the objectives; null until one was looked for, and for the goal `p99`. */
  readonly held: TuneHeld | null
  /** What the goal compares; null until measured. */
  readonly value: TuneEstimate | null
  /** Null while it is in the race. */
  readonly out: TuneElimination | null
}

export type TuneStart = {
  readonly startedAtUtc: string
  /** Engine seconds spent before it: the place on the time line of the search, whatever lay between its sessions. */
  readonly atS: number
  /** From the command to ready, or to the failure. */
  readonly seconds: number
} & (
  | {
      readonly kind: 'started'
      readonly facts: LaunchFacts
      readonly target?: TargetFacts
      readonly capacity: TuneCapacity | null
    }
  | {
      readonly kind: 'failed'
      /** `out-of-memory`, `kv-too-small`, `port-in-use`, `bad-flag`, `missing-model`, `no-gpu`, `timeout`, …, `ended-under-load` or `unknown`. */
      readonly cause: string
      readonly message: string
      /** Last lines of its output and the way out, where known. */
      readonly hint?: string
    }
)

/** What the cache should hold by the facts, against what was seen. Null: not known. */
export interface TuneCapacity {
  /** Tokens of KV cache, as the engine told. */
  readonly kvTokens: number | null
  /** KV tokens that a request of this workload holds on average over its life. */
  readonly heldTokens: number | null
  /** Requests of this workload that fit 99 % of the time, whatever the engine's batch limit. */
  readonly fits?: number | null
  /** The same, and no more than the engine's batch limit. */
  readonly predictedRunning: number | null
  /** Most that were seen to run at once in any trial. */
  readonly measuredRunning: number | null
  /** Tokens of cache predicted from the model's shape and the memory; null where these are not told. */
  readonly predictedKvTokens: number | null
}

export interface TuneLoad {
  readonly kind: 'open' | 'closed'
  /** Requests per second, or in flight. */
  readonly value: number
}

/** What is known of the load that a setting sustains: `holds` goes before, `pass` and `fail` are shown at the stated level. */
export interface TuneHeld {
  readonly load: 'open' | 'closed'
  /** Highest load at which no more missed than may; below every load that failed. What the search goes by. Null: none. */
  readonly holds: number | null
  /** Null: none was shown to pass. */
  readonly pass: number | null
  /** Null: none was shown to fail. */
  readonly fail: number | null
  /** Loads at which nothing could be shown within the cap on requests. */
  readonly undecided: readonly number[]
  /** A load passed above one that failed, and did so again when both were measured anew. */
  readonly nonMonotone: boolean
}

export interface TuneEstimate {
  readonly value: number
  /** Null where nothing bounds it. */
  readonly low: number | null
  readonly high: number | null
}

export interface TuneElimination {
  /** Round in which it was decided. */
  readonly round: number
  /** `beaten`: fails a little above what the leader of the round held, or for `p99` its interval lies above the leader's. `no-start`. `holds-none`: misses the objectives at every load tried. `worse`: less promising than those kept, without proof. */
  readonly reason: 'beaten' | 'no-start' | 'holds-none' | 'worse' | 'budget'
  /** In words, with the figures. */
  readonly text: string
  /** Its own interval and the leader's, in the unit of the load (of the goal, for `p99`); null where none decided. */
  readonly interval: TuneEstimate | null
  readonly leader: { readonly setting: string; readonly interval: TuneEstimate } | null
}
