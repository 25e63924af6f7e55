import { formatNumber } from '../../base/index.js'
import type { CauseFinding } from '../findings.js'
import {
  CEILING,
  type FalloffContext,
  greatest,
  QUEUE,
  type Signal,
  signal,
  weigh,
  whereGreatest,
} from './evidence.js'

/** A long prompt may find no room while a third of the cache is free. */
const NEARLY_FULL = 0.65

/** The KV cache is full: requests are preempted and recomputed, or not admitted for want of room. */
export function kvCache({ past }: FalloffContext): CauseFinding {
  const preemptions = greatest(past, (p) => p.server?.preemptions)
  const usage = greatest(past, (p) => p.server?.kvUsageMax)
  const blocked = greatest(past, (p) => p.server?.waitingForCapacityMax)
  const waiting = greatest(past, (p) => p.server?.waitingMean)
  // vLLM counts a full batch as lack of capacity too: only beside a well-filled cache does it speak of the cache.
  const noRoom = (blocked ?? 0) > 0 && (usage ?? 1) >= NEARLY_FULL
  const signals: Signal[] = [
    signal(2, 'the engine’s preemption counter', preemptions, (v) => ({
      supports: v > 0,
      text: v > 0 ? preempted(past, v) : 'no preemption past the knee',
    })),
    signal(2, 'the engine’s KV-cache usage', usage, (v) => ({
      supports: v >= CEILING,
      text: `KV-cache usage reached ${formatNumber(v)} (${whereGreatest(past, (p) => p.server?.kvUsageMax)}); its ceiling counts from ${CEILING}`,
    })),
    signal(1, 'the engine’s split of waiting requests by reason', blocked, (v) => ({
      supports: noRoom,
      text: `up to ${formatNumber(v)} requests waited for ${noRoom ? 'cache room' : 'capacity, while the cache had room'}`,
    })),
    signal(1, 'the engine’s waiting requests', waiting, (v) => ({
      supports: v >= QUEUE && (usage ?? 0) >= CEILING,
      text: `${formatNumber(v)} requests waited on average while usage peaked at ${usage === null ? 'an unobserved level' : formatNumber(usage)}`,
    })),
  ]
  const full = (preemptions ?? 0) > 0 || noRoom || ((usage ?? 0) >= CEILING && (waiting ?? 0) >= QUEUE)
  const observed = preemptions !== null || usage !== null
  const gate = signal(0, 'KV-cache metrics', observed ? 1 : null, () => gateText(full), true)
  return weigh(
    'kv-cache',
    'The KV cache is full: requests are preempted and computed again, or wait for room.',
    [...signals, gate],
  )
}

const gateText = (full: boolean) => ({
  supports: full,
  text: full ? 'the cache ran full' : 'the cache never ran full',
})

function preempted(past: FalloffContext['past'], most: number): string {
  const where = whereGreatest(past, (p) => p.server?.preemptions)
  const perRequest = past.find((p) => p.server?.preemptions === most)?.server?.preemptionsPerRequest
  const rate =
    perRequest === null || perRequest === undefined
      ? ''
      : `, ${formatNumber(perRequest)} per finished request`
  return `${formatNumber(most)} preemptions (${where}${rate})`
}
