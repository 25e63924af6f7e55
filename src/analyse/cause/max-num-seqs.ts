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

/** The engine's batch limit holds requests back although the cache has room. */
export function maxNumSeqs({ past, lowest, target }: FalloffContext): CauseFinding {
  const waiting = greatest(past, (p) => p.server?.waitingMean)
  const usage = greatest(past, (p) => p.server?.kvUsageMax)
  const preemptions = greatest(past, (p) => p.server?.preemptions)
  const queue = greatest(past, (p) => p.server?.queueMs)
  return weigh(
    'max-num-seqs',
    'The engine’s batch limit (max_num_seqs) is reached: requests wait while the KV cache has room.',
    [
      signal(
        2,
        'the engine’s waiting requests',
        waiting,
        (v) => ({
          supports: v >= QUEUE,
          text: `${formatNumber(v)} requests waited on average past the knee`,
        }),
        true,
      ),
      cacheHasRoom(usage),
      pinned(past, target.maxNumSeqs),
      noPreemption(preemptions),
      signal(1, 'the engine’s queue-time histogram', queue, (v) => {
        const before = lowest.server?.queueMs ?? 0
        return {
          supports: v > 2 * before + 1,
          text: `queue time rose from ${formatNumber(before)} to ${formatNumber(v)} ms`,
        }
      }),
    ],
  )
}

function pinned(past: FalloffContext['past'], limit: number | undefined) {
  const running = past.flatMap((p) => p.server?.runningMax ?? [])
  const most = running.length === 0 ? null : Math.max(...running)
  return signal(
    2,
    'the engine’s running requests',
    most,
    (v) => {
      const still =
        limit === undefined
          ? running.length > 1 && Math.max(...running) - Math.min(...running) <= 1
          : v >= limit
      const known = limit === undefined ? '' : `; max_num_seqs is ${limit}`
      return {
        supports: still,
        text: `at most ${formatNumber(v)} requests ran at once, over ${running.length} points past the knee${known}`,
      }
    },
    true,
  )
}
