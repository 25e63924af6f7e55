import type { MachineFacts, StartPhaseName } from './manifest.js'

/** Everything of a cold start, in the order in which it may come; the last one is ours: from healthy to the first token. */
export type ColdPhaseName = StartPhaseName | 'first-request'

/** A stretch of a cold start, in whole ns since the command was run: what is whole adds up exactly. */
export interface ColdPhase {
  readonly name: ColdPhaseName
  readonly fromNs: number
  readonly toNs: number
  /** Read meanwhile, where the engine's log tells. */
  readonly bytes?: number
}

/** When the TTFT p95 under load had settled. */
export interface Steadiness {
  /** In ns since the command; null: not while it was watched. */
  readonly atNs: number | null
  /** p95 of TTFT, from the plan's moment on, over the last half of what was watched, in ns; null where a twentieth failed. */
  readonly finalP95Ns: number | null
  /** Requests that `finalP95Ns` is of. */
  readonly finalN: number
  /** No later window has its p95 above this, in ns. */
  readonly boundNs: number | null
  /** It still rose at the end of the watch, as under a load that is too much: never steady. */
  readonly rising: boolean
  readonly windowNs: number
}

/** What became of the requests that arrived while the engine started. Counts of requests, unless they say otherwise. */
export interface Arrivals {
  /** Between the command and healthy. */
  readonly arrived: number
  /** Of these, how many got no answer in the end. */
  readonly failed: number
  /** Failures by code, most frequent first. */
  readonly failures: readonly { readonly code: string; readonly count: number }[]
  readonly answered: number
  /** From the plan's moment to the first token, of those that were answered, in ns; null without any. */
  readonly waitP50Ns: number | null
  readonly waitMaxNs: number | null
  /** All that their clients sent, retries included. */
  readonly attempts: number
  /** Attempts that met a port where nobody listened. */
  readonly refusedAttempts: number
  readonly misses: Misses
}

/** What the start cost the users: of all that arrived from the command until steady, or for as long as it was watched. */
export interface Misses {
  readonly arrived: number
  readonly failed: number
  /** Answered, but beyond the objective on TTFT; null: the profile has none. */
  readonly late: number | null
}

/** A request of the timeline, in ns since the command. */
export interface ColdRequest {
  readonly atNs: number
  /** To the first token; to the end where none came. */
  readonly tookNs: number
  readonly answered: boolean
}

export interface CacheState {
  readonly files: number
  readonly bytes: number
  /** Of the model's files, right before the command; null: it could not be seen. */
  readonly residentBytes: number | null
  /** Undefined: left as it was. */
  readonly drop?: { readonly done: boolean; readonly note?: string }
}

export interface ColdStart {
  /** Run folder of the load, relative to the report's. */
  readonly run: string
  /** The command, in ns since the zero of that run: what joins its records with what is told here. */
  readonly commandNs: number
  /** Without gaps from the command to the first token. */
  readonly phases: readonly ColdPhase[]
  /** The first connection that was accepted; null where it could not be seen. */
  readonly portOpenNs: number | null
  readonly healthyNs: number
  /** Of the first request, sent when the engine was healthy: the whole. */
  readonly firstTokenNs: number
  readonly steady: Steadiness | null
  /** Null: no requests arrived meanwhile. */
  readonly arrivals: Arrivals | null
  readonly requests: readonly ColdRequest[]
  readonly cache: CacheState | null
}

/** A start that did not come to its first token. */
export interface FailedColdStart {
  readonly number: number
  readonly message: string
}

/** Mean over the starts with its 95 % t interval; without bounds for fewer than two. */
export interface ColdEstimate {
  readonly n: number
  readonly mean: number
  readonly low: number | null
  readonly high: number | null
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface ColdPhaseFigures {
  readonly name: ColdPhaseName
  readonly ns: ColdEstimate
  /** Of the mean whole, 0 to 1. */
  readonly share: number
  /** Millions of bytes a second; null where the log tells no bytes. */
  readonly mbPerS: ColdEstimate | null
}

export interface ColdFigures {
  readonly portOpenNs: ColdEstimate | null
  readonly healthyNs: ColdEstimate
  readonly firstTokenNs: ColdEstimate
  /** Of the starts that became steady. */
  readonly steadyNs: ColdEstimate | null
  readonly phases: readonly ColdPhaseFigures[]
  readonly arrived: ColdEstimate | null
  readonly failed: ColdEstimate | null
  /** Failed or late, until steady. */
  readonly missed: ColdEstimate | null
}

/** One replica serves, a second joins. Seconds since the load began. */
export interface ScaleOut {
  readonly run: string
  /** What our own front costs a request that goes through it, in ns; null where it could not be measured. */
  readonly front: readonly {
    readonly connections: number
    readonly p50Ns: number | null
    readonly p99Ns: number | null
  }[]
  readonly commandS: number
  readonly joinedS: number
  readonly before: ScaleStretch
  readonly during: ScaleStretch
  readonly after: ScaleStretch
  /** From the command until the TTFT p95 was below nine tenths of what it was before, and stayed there; null: it never was. */
  readonly helpedAfterS: number | null
  readonly windowS: number
  readonly course: readonly { readonly atS: number; readonly p95Ms: number | null; readonly n: number }[]
  /** Requests that the front passed on to each replica, and how many it took to the other one. */
  readonly passed: readonly number[]
  readonly retried: number
}

export interface ScaleStretch {
  readonly fromS: number
  readonly toS: number
  readonly arrived: number
  readonly failed: number
  readonly ttftP95Ms: number | null
  /** By the moment of their end. */
  readonly completedPerS: number
  readonly outputTokensPerS: number
}

/** US dollars; a month has 730 hours. */
export interface ColdCosts {
  readonly usdPerHour: number
  readonly warmUsdPerMonth: number
  /** Null where no price of a miss, or no count of misses, is known. */
  readonly usdPerMiss: number | null
  readonly missesPerStart: number | null
  readonly startsPerDay: number | null
  readonly missesUsdPerMonth: number | null
  /** Cold starts a day at which both cost the same. */
  readonly breakEvenPerDay: number | null
}

/** `coldstart.json` */
export interface ColdStartReport {
  readonly format: 1
  readonly tool: { readonly name: 'falloff'; readonly version: string }
  readonly name: string
  readonly command: string
  readonly startedAtUtc: string
  readonly endedAtUtc: string
  readonly machine: MachineFacts
  readonly engine: { readonly kind: string; readonly commandLine: string; readonly version?: string }
  /** The load in words, and whether it arrives during the start. */
  readonly load: { readonly words: string; readonly duringStart: boolean; readonly retry: string }
  /** Of the profile, on TTFT. */
  readonly objective: string | null
  readonly settleS: number
  readonly dropped: boolean
  readonly starts: readonly ColdStart[]
  readonly failedStarts: readonly FailedColdStart[]
  /** Null: no start came to its first token. */
  readonly figures: ColdFigures | null
  readonly scaleOut: ScaleOut | null
  readonly costs: ColdCosts | null
  readonly notes: readonly string[]
  readonly interrupted: boolean
}
