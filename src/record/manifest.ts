import type { Profile } from '../profile/index.js'

/** `run.json`: everything needed to read, judge and repeat a run. */
export interface RunManifest {
  readonly format: 1
  readonly tool: { readonly name: 'falloff'; readonly version: string }
  /** Name of the run folder. */
  readonly id: string
  readonly name: string
  readonly command: string
  readonly startedAtUtc: string
  readonly endedAtUtc?: string
  /** The run's zero on the machine's monotonic clock, in ns: joins another process's log with ours. */
  readonly zeroMonotonicNs: number
  /** Offset between the run's zero and the start of the plan. */
  readonly startNs: number
  /** When the last request ended, in ns since the run's zero. */
  readonly endNs?: number
  /** Resolved: defaults and flags applied. */
  readonly profile: Profile
  /** SHA-256 over what defines the load (workload, load, limits, seeds), not over the target. */
  readonly workloadHash: string
  readonly point: PointSetting
  readonly workers: number
  /** Why so many. */
  readonly workersReason?: string
  /** What moved and stamped the bytes, and why nothing better did. */
  readonly transport?: {
    readonly name: string
    readonly reason: string
    /** Missing: plain connections of its own. */
    readonly connection?: ConnectionFacts
  }
  /** How many requests the plan holds; null until the end where time alone bounds the plan: what is drawn by then was planned. */
  readonly plannedRequests: number | null
  readonly machine: MachineFacts
  readonly target: TargetFacts
  /** Missing: falloff did not start the engine. */
  readonly launch?: LaunchRecord
  readonly tokens: TokenFacts
  /** Missing: it is the first and only measurement at its point. */
  readonly madeAgain?: MadeAgain
  readonly stopReason?: StopReason
}

/** A first measurement that our own machine spoilt. */
export interface MadeAgain {
  /** Name of its folder, beside the run's. */
  readonly keptAs: string
  /** Codes of its validity. */
  readonly because: readonly string[]
}

/** How the target was reached, without keys and passwords. Of several base URLs the first speaks for all. */
export interface ConnectionFacts {
  /** Agreed on in the handshake. */
  readonly http?: 'http/1.1' | 'h2'
  /** Such as `TLSv1.3`. */
  readonly tls?: string
  /** Named by the environment. */
  readonly proxy?: string
  readonly socketPath?: string
  readonly perRequest?: boolean
  /** Asked in turn: `origin` of a record counts them from 0. */
  readonly origins?: readonly string[]
}

/** Where a run stands in a sweep. */
export interface PointSetting {
  /** `concurrency=8`, or `run` for a single run. */
  readonly label: string
  /** Swept dimensions and their values: `{ concurrency: 8, 'engine.maxNumSeqs': 32 }`. */
  readonly axes: Readonly<Record<string, number>>
}

export interface MachineFacts {
  readonly node: string
  readonly platform: string
  readonly cpuModel: string
  readonly cpus: number
  readonly memoryBytes: number
}

export interface TargetFacts {
  /** Without credentials. */
  readonly url: string
  readonly api: string
  readonly model: string
  readonly engine?: EngineKind
  readonly version?: string
  readonly maxModelLen?: number
  /** Tokens of KV cache, blocks and their size, as the engine tells them. */
  readonly kvCacheTokens?: number
  readonly kvBlocks?: number
  readonly kvBlockSize?: number
  /** Known only when falloff launched the engine, or from its launch flags. */
  readonly maxNumSeqs?: number
  readonly maxNumBatchedTokens?: number
  readonly prefixCaching?: boolean
  /** Every label of the engine's configuration info metric, or the settings that another endpoint tells. */
  readonly config?: Readonly<Record<string, string>>
  /** What can be watched from outside. Absent: the engine is not known. */
  readonly watched?: WatchedFacts
}

export type EngineKind =
  | 'vllm'
  | 'sglang'
  | 'tgi'
  | 'llama.cpp'
  | 'ollama'
  | 'triton'
  | 'lmdeploy'
  | 'litellm'
  | 'falloff-simulator'

export const OBSERVABLES = [
  'running',
  'waiting',
  'cache use',
  'preempted',
  'prefix hits',
  'queue time',
  'prefill time',
  'decode time',
  'generated tokens',
] as const
export type Observable = (typeof OBSERVABLES)[number]

/** `from`: the metric, or the page (it begins with `/`), that tells it. `none`: why nothing does. */
type Offer = { readonly from: string; readonly note?: string } | { readonly none: string }
export type Offers = Readonly<Record<Observable, Offer>>

export interface WatchedFacts {
  readonly offers: Offers
  /** What would let the engine tell more, and what watching it costs. */
  readonly notes: readonly string[]
}

/** What an engine that falloff started told of itself in its log. */
export interface LaunchFacts {
  readonly version?: string
  readonly kvCacheTokens?: number
  readonly kvBlocks?: number
  readonly kvMemoryBytes?: number
  /** Requests of the longest kind that fit into the KV cache at once. */
  readonly maxConcurrency?: number
  readonly maxModelLen?: number
  readonly maxNumSeqs?: number
  readonly maxNumBatchedTokens?: number
  readonly dtype?: string
  readonly attentionBackend?: string
  readonly weightBytes?: number
}

/** How many tokens of KV cache an engine should have. */
export interface CapacityForecast {
  /** Keys and values of one token, in all layers, on each device. */
  readonly bytesPerToken: number
  readonly tokens: number
}

/** How falloff started the engine. */
export interface LaunchRecord {
  readonly kind: string
  readonly commandLine: string
  readonly readyS: number
  readonly phases: readonly StartPhase[]
  readonly facts: LaunchFacts
  readonly forecast?: CapacityForecast
}

/** A stretch of an engine's start, in s since the command was run. A name may come twice: graphs are captured after the cache is laid out. */
export interface StartPhase {
  readonly name: StartPhaseName
  readonly fromS: number
  readonly toS: number
  /** Read meanwhile, where the log tells. */
  readonly bytes?: number
}

export const START_PHASES = [
  'process',
  'import',
  'weights',
  'profiling',
  'compile',
  'kv-cache',
  'serving',
] as const
export type StartPhaseName = (typeof START_PHASES)[number]

/** How prompts got their length. */
interface TokenFacts {
  readonly source: 'server' | 'tokenizer-file' | 'calibrated' | 'dataset'
  /** Whether the engine was told to produce exactly the asked number of tokens. */
  readonly exactOutput: boolean
  /** Whether every chunk carries a running token count. */
  readonly chunkUsage: boolean
}

export type StopReason =
  | 'plan-complete'
  | 'max-duration'
  | 'max-requests'
  | 'interrupted'
  | 'target-lost'
  | 'error-rate'
  | 'budget'
  | 'killed'

/** `experiment.json`: a folder of runs that belong together. */
export interface ExperimentManifest {
  readonly format: 1
  readonly kind: 'sweep'
  readonly name: string
  readonly command: string
  readonly startedAtUtc: string
  readonly endedAtUtc?: string
  /** The swept dimensions, first one on the x axis. */
  readonly dimensions: readonly string[]
  /** Run folders in the order they were measured, relative to this file. */
  readonly runs: readonly string[]
  readonly stopReason?: string
  /** A sweep measured after this one with its recommendation applied, relative to this file. */
  readonly confirmation?: string
}
