import type { EngineKind, Offers } from '../record/index.js'
import type { EngineIdentity } from './engine-identity.js'
import type { EngineMetrics } from './engine-metrics.js'
import { litellmIdentity } from './litellm/identity.js'
import { litellmMetrics } from './litellm/metrics.js'
import { llamacppIdentity } from './llamacpp/identity.js'
import { llamacppMetrics } from './llamacpp/metrics.js'
import { lmdeployMetrics } from './lmdeploy/metrics.js'
import { ollamaIdentity } from './ollama/identity.js'
import { ollamaMetrics } from './ollama/metrics.js'
import type { Exposition } from './prometheus.js'
import { sglangIdentity } from './sglang/identity.js'
import { sglangMetrics } from './sglang/metrics.js'
import { tgiIdentity } from './tgi/identity.js'
import { tgiMetrics } from './tgi/metrics.js'
import { tritonIdentity } from './triton/identity.js'
import { tritonMetrics } from './triton/metrics.js'
import { vllmMetrics } from './vllm/metrics.js'

/** Engines whose metrics are understood. A gateway comes last: its page may hold others' metrics too. */
export const ENGINES: readonly EngineMetrics[] = [
  vllmMetrics,
  sglangMetrics,
  tgiMetrics,
  llamacppMetrics,
  lmdeployMetrics,
  tritonMetrics,
  ollamaMetrics,
  litellmMetrics,
]

/** Engines that are known by pages of their own. vLLM and LMDeploy name themselves in their model lists. */
export const IDENTITIES: readonly EngineIdentity[] = [
  ollamaIdentity,
  llamacppIdentity,
  tgiIdentity,
  sglangIdentity,
  tritonIdentity,
  litellmIdentity,
]

export const metricsIn = (exposition: Exposition): EngineMetrics | undefined =>
  ENGINES.find((candidate) => candidate.recognises(exposition))

export const metricsOf = (engine: EngineKind | undefined): EngineMetrics | undefined =>
  ENGINES.find((candidate) => candidate.engine === engine)

/** What each engine offers of the common vocabulary, by its documentation. */
export const ENGINE_OFFERS: ReadonlyMap<EngineKind, Offers> = new Map(
  ENGINES.map(({ engine, offers }) => [engine, offers]),
)
