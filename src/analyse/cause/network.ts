import { formatNumber } from '../../base/index.js'
import type { CauseFinding } from '../findings.js'
import { type FalloffContext, greatest, QUEUE, signal, weigh } from './evidence.js'

/**
 * Headers come late although the engine has little to do: a proxy, the network, or the engine's own front end. vLLM sends
 * headers before a request is queued, so its queue cannot make them late.
 */
export function network({ past, lowest }: FalloffContext): CauseFinding {
  const before = lowest.metrics.headers.p50?.value ?? 0
  const headers = greatest(past, (p) => p.metrics.headers.p50?.value)
  const ttft = greatest(past, (p) => p.metrics.ttft.p50?.value) ?? 0
  const idle = greatest(past, (p) =>
    idleShare(p.server?.runningMean, p.server?.waitingMean, p.throughput.meanInFlight),
  )
  const frontEnd = greatest(past, (p) => p.server?.frontEndMs)
  return weigh(
    'network',
    'The network, a proxy or the engine’s front end is the limit: headers come late while the engine idles.',
    [
      signal(
        2,
        'response headers',
        headers,
        (v) => ({
          supports: v > 2 * before && v > ttft / 2,
          text: `headers took ${formatNumber(v)} ms at p50 past the knee, ${formatNumber(before)} ms at the lowest load, of a TTFT of ${formatNumber(ttft)} ms`,
        }),
        true,
      ),
      signal(
        2,
        'the engine’s running requests',
        idle,
        (v) => ({
          supports: v > 0.5,
          text: `${formatNumber(v * 100)} % of the requests in flight were not in the engine`,
        }),
        true,
      ),
      signal(1, 'the engine’s TTFT histogram', frontEnd, (v) => ({
        supports: v > ttft / 2,
        text: `network and front end took ${formatNumber(v)} ms of the mean TTFT`,
      })),
      signal(
        1,
        'the engine’s waiting requests',
        greatest(past, (p) => p.server?.waitingMean),
        (v) => ({
          supports: v < QUEUE,
          text: `${formatNumber(v)} requests waited in the engine on average`,
        }),
      ),
    ],
  )
}

/** Share of the requests in flight that the engine neither ran nor queued. */
function idleShare(
  running: number | null | undefined,
  waiting: number | null | undefined,
  inFlight: number,
): number | null {
  if (running === null || running === undefined || inFlight <= 0) return null
  return Math.max(0, 1 - (running + (waiting ?? 0)) / inFlight)
}
