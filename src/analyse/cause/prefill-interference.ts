import { formatNumber } from '../../base/index.js'
import type { CauseFinding, PointFindings } from '../findings.js'
import { type FalloffContext, greatest, QUEUE, ROOM, signal, weigh } from './evidence.js'

/** Tail of the gaps over their middle; null without gaps. */
const unevenness = (p: PointFindings): number | null => {
  const { p50, p99 } = p.metrics.chunkGap
  return p50 === null || p99 === null || p50.value <= 0 ? null : p99.value / p50.value
}

/** Prefills share their steps with decodes: streams stutter whenever a prompt is worked through. */
export function prefillInterference({ points, past, lowest }: FalloffContext): CauseFinding {
  const tail = greatest(past, unevenness)
  const fit = correlation(
    points.flatMap((p) => {
      const x = p.server?.prefillTokensPerS
      const y = p.metrics.chunkGap.p99?.value
      return x === null || x === undefined || y === undefined ? [] : [[x, y] as const]
    }),
  )
  const last = past.at(-1)
  // Cached input costs no prefill: where the engine tells what it worked through, that counts.
  const prefillPerS = last?.server?.prefillTokensPerS ?? last?.throughput.inputTokensPerS
  const outputPerS = last?.throughput.outputTokensPerS ?? 0
  const preemptions = greatest(past, (p) => p.server?.preemptions)
  const waiting = greatest(past, (p) => p.server?.waitingMean)
  const usage = greatest(past, (p) => p.server?.kvUsageMax)
  return weigh(
    'prefill-interference',
    'Prefills interfere with decoding: streams stutter while prompts are worked through.',
    [
      signal(
        2,
        'chunk gaps',
        tail,
        (v) => {
          const before = unevenness(lowest) ?? 1
          return {
            supports: v >= 3 && v > 1.5 * before,
            text: `p99 of the chunk gaps is ${formatNumber(v)} times their median past the knee (${formatNumber(before)} at the lowest load)`,
          }
        },
        true,
      ),
      signal(2, 'the engine’s prompt-token counter at four points', fit, (v) => ({
        supports: v >= 0.8,
        text: `gap p99 and prefill tokens/s go together with r = ${formatNumber(v)}`,
      })),
      signal(
        2,
        'throughput',
        prefillPerS,
        (v) => ({
          supports: v > 4 * outputPerS,
          text: `${formatNumber(v)} input tokens/s to work through against ${formatNumber(outputPerS)} output tokens/s`,
        }),
        true,
      ),
      signal(1, 'the engine’s waiting requests', waiting, (v) => ({
        supports: v < QUEUE,
        text: `${formatNumber(v)} requests waited on average`,
      })),
      signal(
        1,
        'the engine’s cache usage and preemptions',
        preemptions === null ? usage : preemptions,
        () => ({
          supports: (preemptions ?? 0) === 0 && (usage ?? 0) < ROOM,
          text: `${preemptions ?? 'unknown'} preemptions, cache usage ${usage === null ? 'unknown' : formatNumber(usage)}`,
        }),
      ),
    ],
  )
}

/** Pearson's r; null with fewer than four pairs or no spread. */
function correlation(pairs: readonly (readonly [number, number])[]): number | null {
  const n = pairs.length
  if (n < 4) return null
  const mx = pairs.reduce((s, [x]) => s + x, 0) / n
  const my = pairs.reduce((s, [, y]) => s + y, 0) / n
  let [xx, yy, xy] = [0, 0, 0]
  for (const [x, y] of pairs) {
    xx += (x - mx) ** 2
    yy += (y - my) ** 2
    xy += (x - mx) * (y - my)
  }
  return xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy)
}
