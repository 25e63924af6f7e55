import type { EngineMetrics } from './engine-metrics.js'
import { vllmMetrics } from './vllm/metrics.js'

/** Engines whose metrics are understood. */
export const ENGINES: readonly EngineMetrics[] = [vllmMetrics]
