import type { TargetFacts } from '../record/index.js'
import type { PointFindings } from './findings.js'
import { heldOver, kvTokens, streamsThatFit } from './recommend.js'

/** KV cache, what a request holds of it on average over its life, and how many fit 99 % of the time. Null: not known. */
export function heldFit(
  points: readonly PointFindings[],
  target: TargetFacts,
): { readonly tokens: number | null; readonly held: number | null; readonly streams: number | null } {
  const tokens = kvTokens(target)
  const held = heldOver(points)
  if (held === null) return { tokens, held: null, streams: null }
  // A stream's last block is half empty on average.
  const mean = held.mean + ((target.kvBlockSize ?? 1) - 1) / 2
  return { tokens, held: mean, streams: tokens === null ? null : streamsThatFit(tokens, mean, held.stdDev) }
}
