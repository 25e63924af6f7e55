import { formatNumber } from '../../base/index.js'
import type { CauseFinding } from '../findings.js'
import {
  cacheHasRoom,
  type FalloffContext,
  greatest,
  noPreemption,
  QUEUE,
  signal,
  weigh,
} from './evidence.js'

/** Neither queue nor cache holds anything back: every step takes longer, for want of compute or memory bandwidth. */
export function compute({ past, lowest }: FalloffContext): CauseFinding {
  const waiting = greatest(past, (p) => p.server?.waitingMean)
  const usage = greatest(past, (p) => p.server?.kvUsageMax)
  const preemptions = greatest(past, (p) => p.server?.preemptions)
  const before = lowest.metrics.tpot.p50?.value
  const after = greatest(past, (p) => p.metrics.tpot.p50?.value)
  return weigh(
    'compute',
    'Compute or memory bandwidth is used up: every running stream slows the others, with no queue and room in the cache.',
    [
      signal(
        2,
        'the engine’s waiting requests',
        waiting,
        (v) => ({
          supports: v < QUEUE,
          text: `${formatNumber(v)} requests waited on average past the knee; a queue counts from ${QUEUE}`,
        }),
        true,
      ),
      cacheHasRoom(usage),
      noPreemption(preemptions),
      signal(
        2,
        'time per output token',
        before === undefined ? null : after,
        (v) => ({
          supports: v >= 1.5 * (before ?? 0),
          text: `time per output token (p50) rose from ${formatNumber(before ?? 0)} to ${formatNumber(v)} ms`,
        }),
        true,
      ),
      signal(
        1,
        'the engine’s running requests',
        greatest(past, (p) => p.server?.runningMean),
        (v) => {
          const first = lowest.server?.runningMean ?? 0
          return {
            supports: v > first,
            text: `running requests rose from ${formatNumber(first)} to ${formatNumber(v)} on average`,
          }
        },
      ),
    ],
  )
}
