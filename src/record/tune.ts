import type { LaunchFacts, TargetFacts } from './manifest.js'

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

export type TuneValue = number | boolean | string

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

export type TuneVerdict = 'pass' | 'fail' | 'undecided'

/** One measurement of one setting at one load. */
export interface TuneTrial {
  readonly id: string
  readonly setting: string
  readonly purpose: 'diagnosis' | 'search' | 'race' | 'again' | 'confirm'
  /** From 0; null for the confirmation. */
  readonly round: number | null
  /** Run folder, relative to `tune.json`; null where nothing was recorded. */
  readonly run: string | null
  readonly startedAtUtc: string
  readonly atS: number
  readonly seconds: number
  readonly load: TuneLoad
  /** Measured requests asked for, and judged. */
  readonly planned: number
  readonly judged: number
  readonly figures: TuneFigures
  /** Of this trial alone. */
  readonly checks: readonly TuneCheck[]
  /** Of all trials of the setting at this load so far. */
  readonly verdict: TuneVerdict
  /** Requests in flight still rose at its end: more was offered than done. */
  readonly rising: boolean
  /** Of the goal's metric, for the goal `p99`. */
  readonly p99: TuneEstimate | null
  /** What spoilt a first measurement, kept beside this one as `<run>-disturbed`: codes of its validity. Missing: nothing. */
  readonly madeAgain?: readonly string[]
  /** What spoils this one too. */
  readonly disturbed?: readonly string[]
}

export interface TuneFigures {
  readonly requestsPerS: number
  readonly goodputPerS: number
  readonly goodShare: number
  readonly outputTokensPerS: number
  /** Null: not measured. */
  readonly ttftP50Ms: number | null
  readonly ttftP99Ms: number | null
  readonly tpotP50Ms: number | null
  readonly tpotP99Ms: number | null
  readonly gapP99Ms: number | null
  readonly kvUsageMax: number | null
  readonly runningMax: number | null
  readonly waitingMean: number | null
  readonly preemptions: number | null
}

/** One objective held against one trial: how many missed the limit, of how many. */
export interface TuneCheck {
  readonly objective: string
  /** Values that could miss it (requests; for gaps, gaps), and those that did. */
  readonly n: number
  readonly missed: number
  /** Share that may miss it: 0.01 for a p99. Null for an objective that is no quantile or share. */
  readonly allowed: number | null
  /** How many dependent values say as much as one independent value; at least 1. */
  readonly designEffect: number
  /** Bounds of the share that misses it, each at the level of the trial's decision; null where the counts bound nothing. */
  readonly low: number | null
  readonly high: number | null
  readonly verdict: TuneVerdict
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

export interface TuneDiagnosis {
  /** `kv-cache`, `max-num-seqs`, `prefill-interference`, `compute`, `client`, `rate-limiter`, `network` or `none-in-range`. */
  readonly cause: string
  readonly sentence: string
  /** 0 to 1. */
  readonly strength: number
  readonly evidence: readonly { readonly text: string; readonly supports: boolean }[]
  readonly runnerUp: { readonly cause: string; readonly strength: number } | null
  /** By knob: whether it can mend the cause, and why (not). */
  readonly knobs: readonly { readonly name: string; readonly helps: boolean; readonly why: string }[]
}

export interface TuneResult {
  /** `leave-it`: nothing helps, or nothing was better. `not-told-apart`: a winner, but no better than the default beyond chance. */
  readonly answer: 'change' | 'leave-it' | 'not-told-apart' | 'no-answer'
  /** In a sentence or two. */
  readonly text: string
  /** Id of the best setting; null for `no-answer`. */
  readonly best: string | null
  /** Load to plan with: the highest that holds; and the lowest shown to fail above it. Null: none, or `no-answer`. */
  readonly holds: { readonly load: TuneLoad; readonly failsAt: number | null } | null
  /** What limits the best setting now: a cause as in the diagnosis, and its sentence. */
  readonly limitedBy: { readonly cause: string; readonly sentence: string } | null
  readonly confirmation: TuneConfirmation | null
  /** Settings that could not be told from the best, and what it would take. */
  readonly notToldApart: readonly { readonly setting: string; readonly text: string }[]
  readonly paste: { readonly flags: string; readonly compose: string; readonly helm: string } | null
}

/** Best against default, in turns: A B B A … */
export interface TuneConfirmation {
  /** `own-load`: each at the load that it holds. `same-load`: both at the best's, as the default holds none, or the goal names the rate. */
  readonly at: 'own-load' | 'same-load'
  readonly defaultLoad: TuneLoad
  readonly bestLoad: TuneLoad
  readonly pairs: readonly TunePair[]
  /** Best over default as a ratio of the goal's value, with the t interval of its logarithms; null with fewer than two pairs. */
  readonly ratio: TuneEstimate | null
  readonly confidence: 0.95
  /** More pairs of the same length that it would take to tell them apart, as it looks now; null when told apart, or unknown. */
  readonly morePairs: number | null
  /** What these would take, in engine seconds. */
  readonly morePairsS: number | null
}

export interface TunePair {
  /** Ids of the trials. */
  readonly defaultTrial: string
  readonly bestTrial: string
  readonly defaultValue: number
  readonly bestValue: number
  /** Which of both was measured first. */
  readonly first: 'default' | 'best'
}
