import type { EngineKind, Offers, ServerSample } from '../record/index.js'
import type { Exposition } from './prometheus.js'

/** JSON of the pages beside the exposition that answered, by path. */
export type Beside = ReadonlyMap<string, unknown>

export type Reading = Pick<ServerSample, 'gauges' | 'counters' | 'histograms' | 'gpu' | 'host'>

/** How one engine's metrics are read. Adding an engine adds one folder with one of these. */
export interface EngineMetrics {
  readonly engine: EngineKind
  readonly offers: Offers
  /** Whether there is a Prometheus page at all. */
  readonly exposes: boolean
  /** Pages of the base URL that tell what the exposition lacks or tells late; read beside it at every beat. */
  readonly sources: readonly string[]
  /** How to make it expose its metrics. */
  readonly turnOn: string
  /** What whoever watches should know of the figures, or of what watching does. */
  readonly notes: readonly string[]
  recognises(exposition: Exposition): boolean
  /** Either may be empty: a page that failed is as one that tells nothing. */
  read(exposition: Exposition, beside?: Beside): Reading
  /** Facts that the metrics tell about the engine's configuration. */
  facts(exposition: Exposition): EngineConfigFacts
}

export interface EngineConfigFacts {
  readonly kvCacheTokens?: number
  readonly kvBlocks?: number
  readonly kvBlockSize?: number
  readonly maxNumSeqs?: number
  readonly prefixCaching?: boolean
  readonly config?: Readonly<Record<string, string>>
}
