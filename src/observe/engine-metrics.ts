import type { EngineKind, ServerSample } from '../record/index.js'
import type { Exposition } from './prometheus.js'

/** How one engine's metrics are read. Adding an engine adds one folder with one of these. */
export interface EngineMetrics {
  readonly engine: EngineKind
  recognises(exposition: Exposition): boolean
  read(exposition: Exposition): Pick<ServerSample, 'gauges' | 'counters' | 'histograms'>
  /** Facts that the metrics tell about the engine's configuration. */
  facts(exposition: Exposition): EngineConfigFacts
}

export interface EngineConfigFacts {
  readonly kvCacheTokens?: number
  readonly kvBlocks?: number
  readonly kvBlockSize?: number
  readonly prefixCaching?: boolean
  readonly config?: Readonly<Record<string, string>>
}
