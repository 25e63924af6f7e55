import type { TargetFacts } from '../record/index.js'
import { findCause } from './cause/index.js'
import type { CauseFinding, PointFindings } from './findings.js'

/** What limits a setting where it begins to miss its objectives. */
export interface Limit {
  readonly cause: CauseFinding
  readonly runnerUp: CauseFinding | null
  /** What is missed is a time between tokens, while more prompt tokens than output tokens are worked through. */
  readonly amongPrompts: boolean
}

export interface LimitPoint {
  readonly load: number
  readonly point: PointFindings
  readonly missed: boolean
  /** Metric of the objective that is missed most; null when none is on a metric. */
  readonly metric: string | null
}

/** Points that miss at no more than this times the lowest load that does speak of the limit; farther out everything is full. */
const REACH = 1.6

/**
 * The cause of the falloff at the border of what the objectives allow: points that miss them stand past the knee. An
 * engine pushed far beyond it fills its queue and its cache whatever its limit was at first.
 *
 * @param points of one setting, in any order; null is returned when none misses
 */
export function findLimit(points: readonly LimitPoint[], target: TargetFacts): Limit | null {
  const sorted = [...points].sort((a, b) => a.load - b.load)
  const border = sorted.find((p) => p.missed)
  const lowest = sorted[0]
  if (border === undefined || lowest === undefined) return null
  const seen = sorted.filter((p) => p.load <= REACH * border.load)
  const past = seen.filter((p) => p.missed).map((p) => p.point)
  const { cause, runnerUp } = findCause(
    { points: seen.map((p) => p.point), loads: seen.map((p) => p.load), lowest: lowest.point, past, target },
    true,
  )
  return { cause, runnerUp, amongPrompts: isAmongPrompts(border) }
}

const BETWEEN_TOKENS: readonly (string | null)[] = ['tpot', 'chunkGap', 'maxStall', 'perStreamTokensPerS']

function isAmongPrompts({ metric, point: { server, throughput } }: LimitPoint): boolean {
  const prefillPerS = server?.prefillTokensPerS ?? throughput.inputTokensPerS
  return BETWEEN_TOKENS.includes(metric) && prefillPerS > throughput.outputTokensPerS
}

/** Causes that a knob can do something about. One that is not in the table may help with any that lies in the engine. */
const MENDS: Readonly<Record<string, readonly CauseFinding['name'][]>> = {
  maxNumSeqs: ['kv-cache', 'max-num-seqs', 'prefill-interference'],
  maxRunningRequests: ['kv-cache', 'max-num-seqs', 'prefill-interference'],
  parallel: ['kv-cache', 'max-num-seqs'],
  maxNumBatchedTokens: ['prefill-interference'],
  chunkedPrefillSize: ['prefill-interference'],
  longPrefillTokenThreshold: ['prefill-interference'],
  gpuMemoryUtilization: ['kv-cache'],
  memFractionStatic: ['kv-cache'],
  kvCacheMemoryBytes: ['kv-cache'],
  numGpuBlocksOverride: ['kv-cache'],
  kvCacheDtype: ['kv-cache'],
  blockSize: ['kv-cache'],
  watermark: ['kv-cache'],
}

/** No setting of the engine reaches these. */
const OUTSIDE: readonly CauseFinding['name'][] = ['client', 'rate-limiter', 'network']

/** A runner-up this close to the first may be the cause as well. */
const CLOSE = 0.7

/** Whether a knob can mend what limits the engine, and why. A cause that could not be named rules nothing out. */
export function knobHelps(
  knob: string,
  { cause, runnerUp, amongPrompts }: Limit,
): { readonly helps: boolean; readonly why: string } {
  if (cause.name === 'none-in-range') return { helps: true, why: 'no cause could be named: it is tried' }
  const close = runnerUp !== null && runnerUp.strength >= CLOSE * cause.strength ? [runnerUp] : []
  const mended = [cause, ...close].find((c) => mends(knob, c.name))
  if (
    mended === undefined &&
    amongPrompts &&
    !OUTSIDE.includes(cause.name) &&
    mends(knob, 'prefill-interference')
  )
    return { helps: true, why: 'tokens are what comes late, and steps are shared with prompts' }
  if (mended === undefined) return { helps: false, why: `it does nothing about ${cause.name}` }
  const rival = mended === cause ? '' : `, which is nearly as likely as ${cause.name}`
  return { helps: true, why: `it can mend ${mended.name}${rival}` }
}

const mends = (knob: string, cause: CauseFinding['name']): boolean =>
  !OUTSIDE.includes(cause) && (MENDS[knob]?.includes(cause) ?? cause !== 'compute')
