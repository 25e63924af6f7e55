import type { FinishReason } from './sequence.js'
import type { EngineStats } from './stats.js'

/** A request on its way through a backend. */
export interface Job {
  readonly id: string
  readonly prompt: Int32Array
  readonly outputTokens: number
  readonly finish: FinishReason
  readonly salt: number
  /** When the server received it, on the machine's monotonic clock. */
  readonly arrivalNs: number
  idAt(index: number): number
  /** Called once per output token, in order; `finish` is set on the last. Never called after `cancel`. */
  onToken(finish: FinishReason | undefined, progress: Progress): void
}

/** What a backend knows of a request when one of its tokens is there. */
export interface Progress {
  /** The moment the token was due, in ns. */
  readonly atNs: number
  /** When the request was first worked on. */
  readonly startedNs: number
  /** Prompt tokens that did not have to be computed. */
  readonly cachedTokens: number
}

/** What decides *when* tokens appear. */
export interface Backend {
  readonly stats: EngineStats
  readonly capacity: Capacity | undefined
  submit(job: Job): void
  /** Forgets a job and frees what it holds; harmless when it is done. */
  cancel(id: string): void
  gauges(): Gauges
}

interface Gauges {
  readonly running: number
  readonly waiting: number
  /** Share of KV blocks in use, 0 to 1. */
  readonly usage: number
}

/** The KV cache as the engine's configuration metric and its log tell it. */
export interface Capacity {
  readonly numGpuBlocks: number
  readonly blockSize: number
  readonly tokens: number
  /** Requests of full context length that fit at once. */
  readonly maxConcurrency: number
  readonly kvCacheGiB: number
  readonly enablePrefixCaching: boolean
  readonly gpuMemoryUtilization: number
  readonly numGpuBlocksOverride: number | undefined
}
