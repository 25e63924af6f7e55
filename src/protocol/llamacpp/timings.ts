import type { ServerTimings } from '../../base/index.js'
import { durationNs } from '../duration.js'
import { objectOf } from '../json.js'

const NS_PER_MS = 1e6

/** llama.cpp's account of its own work, as it also adds it to the streams of OpenAI's shape; undefined where there is none. */
export function timingsOf(timings: unknown): ServerTimings | undefined {
  const { prompt_ms: promptMs, predicted_ms: predictedMs } = objectOf(timings)
  const prefillNs = durationNs(promptMs, NS_PER_MS)
  const decodeNs = durationNs(predictedMs, NS_PER_MS)
  if (prefillNs === undefined && decodeNs === undefined) return undefined
  return {
    ...(prefillNs !== undefined && { prefillNs }),
    ...(decodeNs !== undefined && { decodeNs }),
  }
}
