import { createRandom } from '../base/index.js'
import type { Share } from './scheduler.js'

/** What the time of a step is computed from. */
export interface StepTimeSettings {
  readonly model: {
    readonly params: number
    readonly embeddingParams: number
    readonly weightBytes: number
    readonly layers: number
    readonly kvHeads: number
    readonly headDim: number
    readonly dModel: number
    readonly kvBytesPerElement: number
  }
  readonly gpu: { readonly bandwidthGBs: number; readonly flopsT: number }
  readonly efficiency: {
    readonly memoryEfficiency: number
    readonly flopEfficiency: number
    readonly kvEfficiency: number
    readonly stepMs: number
    readonly perRequestUs: number
    readonly smoothMax: number
  }
  readonly simulator: { readonly jitter: number; readonly seed: number }
}

/** Bytes of keys and values for one token. */
export const kvBytesPerToken = (model: StepTimeSettings['model']): number =>
  2 * model.layers * model.kvHeads * model.headDim * model.kvBytesPerElement

/**
 * Duration of a step in ns, as a roofline with soft edges (after vidur's kernel profiles and BLIS's per-step costs):
 *
 *     t_w  = weight bytes read / (bandwidth · memoryEfficiency)           once per step
 *     t_c  = (2 · params · tokens + attention) / (flops · flopEfficiency)  attention = 4 · layers · dModel · positions
 *     t_kv = context tokens · KV bytes / (bandwidth · kvEfficiency)
 *     step = (t_w^p + t_c^p)^(1/p) + t_kv + stepMs + perRequestUs · sequences,   times 1 ± jitter
 *
 * The input embedding is looked up, not multiplied, so it counts neither as bytes (it stays in 16 bits) nor as FLOPs.
 */
export function createStepTimer(settings: StepTimeSettings): (shares: readonly Share[]) => number {
  const { model, gpu, efficiency: e, simulator } = settings
  const random = createRandom(simulator.seed, 'step-time')
  const weightsS =
    (model.weightBytes - 2 * model.embeddingParams) / (gpu.bandwidthGBs * 1e9 * e.memoryEfficiency)
  const flopPerS = gpu.flopsT * 1e12 * e.flopEfficiency
  const flopPerToken = 2 * (model.params - model.embeddingParams)
  const flopPerPosition = 4 * model.layers * model.dModel
  const kvSPerToken = kvBytesPerToken(model) / (gpu.bandwidthGBs * 1e9 * e.kvEfficiency)

  return (shares) => {
    let tokens = 0
    let context = 0
    let positions = 0
    for (const share of shares) {
      tokens += share.tokens
      context += share.from + share.tokens
      positions += share.tokens * (share.from + (share.tokens + 1) / 2)
    }
    const computeS = (tokens * flopPerToken + positions * flopPerPosition) / flopPerS
    const bodyS = (weightsS ** e.smoothMax + computeS ** e.smoothMax) ** (1 / e.smoothMax)
    const meanS = bodyS + context * kvSPerToken + e.stepMs / 1e3 + (shares.length * e.perRequestUs) / 1e6
    const factor = simulator.jitter > 0 ? Math.max(0.5, 1 + simulator.jitter * random.normal()) : 1
    return meanS * factor * 1e9
  }
}
