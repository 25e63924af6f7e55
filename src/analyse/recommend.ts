import { formatNumber } from '../base/index.js'
import type { TargetFacts } from '../record/index.js'
import type { CauseFinding, FalloffFindings, PointFindings, Recommendation } from './findings.js'

/**
 * One-sided 99 % of the standard normal distribution. The batch changes with every step, and a single step that does not fit
 * costs a preemption: 95 % would be too rarely right.
 */
const Z99 = 2.33

/** KV tokens that the cache holds. vLLM keeps one block for itself. */
export function kvTokens(target: TargetFacts): number | null {
  if (target.kvCacheTokens !== undefined) return target.kvCacheTokens
  const { kvBlocks, kvBlockSize } = target
  return kvBlocks === undefined || kvBlockSize === undefined ? null : (kvBlocks - 1) * kvBlockSize
}

/** Largest N with N·mean + 2.33·sd·√N ≤ tokens: so many streams fit 99 % of the time. A quadratic in √N. */
export function streamsThatFit(tokens: number, mean: number, stdDev: number): number {
  const spread = Z99 * stdDev
  const root = (-spread + Math.sqrt(spread * spread + 4 * mean * tokens)) / (2 * mean)
  return Math.floor(root * root + 1e-9)
}

const FLAGS: Readonly<Partial<Record<NonNullable<TargetFacts['engine']>, (n: number) => string>>> = {
  sglang: (n) => `--max-running-requests ${n}`,
}
const vllmFlag = (n: number): string => `--max-num-seqs ${n}`

type Context = Pick<FalloffFindings, 'peak'> & {
  readonly cause: CauseFinding
  readonly points: readonly PointFindings[]
  readonly target: TargetFacts
}

/**
 * The batch limit that the cache can hold, when the falloff comes of the cache (lower it) or of the limit (raise it).
 * Null for other causes, without the cache's size, or when the engine is already set so.
 */
export function recommend({ cause, peak, points, target }: Context): Recommendation | null {
  const tokens = kvTokens(target)
  const held = heldOver(points)
  if ((cause.name !== 'kv-cache' && cause.name !== 'max-num-seqs') || tokens === null || !held) return null
  const block = target.kvBlockSize ?? 1
  // A stream's last block is half empty on average.
  const mean = held.mean + (block - 1) / 2
  const value = streamsThatFit(tokens, mean, held.stdDev)
  const current = target.maxNumSeqs
  const useful =
    cause.name === 'kv-cache'
      ? current === undefined || value < current
      : current !== undefined && value > current
  if (!useful || value < 1) return null
  return {
    setting: 'max_num_seqs',
    value,
    flag: ((target.engine && FLAGS[target.engine]) ?? vllmFlag)(value),
    arithmetic: arithmeticOf(target, tokens, held, mean, value),
    expectedGain:
      cause.name === 'kv-cache' ? gainAtPeak(peak, points) : gainFromRoom(value, current ?? 0, points),
  }
}

/** Over all points: the last one alone may hold few requests, and of those the short ones. */
export function heldOver(points: readonly PointFindings[]): { mean: number; stdDev: number } | null {
  const held = points.flatMap((p) => p.heldTokens ?? [])
  if (held.length === 0) return null
  const average = (pick: (h: (typeof held)[number]) => number): number =>
    held.reduce((sum, h) => sum + pick(h), 0) / held.length
  return { mean: average((h) => h.mean), stdDev: Math.sqrt(average((h) => h.stdDev ** 2)) }
}

function arithmeticOf(
  target: TargetFacts,
  tokens: number,
  held: NonNullable<PointFindings['heldTokens']>,
  mean: number,
  value: number,
): readonly string[] {
  const { kvBlocks, kvBlockSize } = target
  const size =
    kvBlocks !== undefined && kvBlockSize !== undefined ? `${kvBlocks} blocks of ${kvBlockSize} tokens: ` : ''
  const used = (n: number): number => n * mean + Z99 * held.stdDev * Math.sqrt(n)
  const f = (v: number): string => Math.round(v).toLocaleString('en-US')
  return [
    `KV cache: ${size}${f(tokens)} tokens`,
    `a stream holds its input and, at a random moment, part of its output: ${f(held.mean)} tokens on average, standard deviation ${f(held.stdDev)}`,
    `rounded up to blocks: ${f(mean)} tokens`,
    `${value} streams: ${value} × ${f(mean)} + ${Z99} × ${f(held.stdDev)} × √${value} = ${f(used(value))} tokens: they fit 99 % of the time`,
    `${value + 1} streams: ${f(used(value + 1))} tokens, more than ${f(tokens)}`,
  ]
}

function gainAtPeak(peak: FalloffFindings['peak'], points: readonly PointFindings[]): string {
  const last = points.at(-1)
  const now = last?.throughput.outputTokensPerS ?? 0
  if (peak === null || last === undefined || now <= 0 || peak.outputTokensPerS <= now) {
    return 'No preemptions and a shorter tail; throughput had not fallen yet in the range tested.'
  }
  const share = formatNumber((peak.outputTokensPerS / now - 1) * 100)
  return `Up to ${share} % more output tokens/s at ${last.setting.label}: ${formatNumber(peak.outputTokensPerS)} as at the peak, instead of ${formatNumber(now)}.`
}

function gainFromRoom(value: number, current: number, points: readonly PointFindings[]): string {
  const usage = Math.max(...points.map((p) => p.server?.kvUsageMax ?? 0))
  return `The cache has room for ${value} streams instead of ${current} (usage peaked at ${formatNumber(usage)}). How much throughput they bring was not measured: it is at most ${formatNumber(value / Math.max(1, current))} times, less where compute gives out first.`
}
