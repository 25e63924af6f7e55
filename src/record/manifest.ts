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
  readonly transport?: { readonly name: string; readonly reason: string }
  /** How many requests the plan holds; null until the end where time alone bounds the plan: what is drawn by then was planned. */
  readonly plannedRequests: number | null
  readonly machine: MachineFacts
  readonly target: TargetFacts
  readonly tokens: TokenFacts
  readonly stopReason?: StopReason
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
  /** Every label of the engine's configuration info metric. */
  readonly config?: Readonly<Record<string, string>>
}

export type EngineKind = 'vllm' | 'sglang' | 'tgi' | 'llama.cpp' | 'ollama' | 'falloff-simulator'

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
