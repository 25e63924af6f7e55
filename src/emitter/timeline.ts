import { createRandom, msToNs } from '../base/index.js'
import type { EmitterShape } from './shape.js'

/**
 * When the packets of a stream are due, one call each, in ns of the clock of `arrivalNs`. Fixed at arrival: a packet that is
 * written late delays none after it.
 *
 *     arrival ──ttft──▶ event 0 ──gap──▶ event 1 ──gap──▶ event 2 …       a packet is due with its first event
 *
 * @param name tells this stream's jitter from that of others with the same seed
 */
export function createTimeline(shape: EmitterShape, arrivalNs: number, name: string): () => number {
  const nextNs = eventTimes(shape, Math.round(arrivalNs) + Math.round(msToNs(shape.ttftMs)), name)
  const { eventsPerPacket } = shape
  const gridNs = shape.lockstep ? gapOf(shape) : 1
  return () => {
    const firstNs = nextNs()
    for (let i = 1; i < eventsPerPacket; i++) nextNs()
    return Math.ceil(firstNs / gridNs) * gridNs
  }
}

/** Whole nanoseconds, so that all sums are exact. A grid needs one at least. */
const gapOf = ({ gapMs, lockstep }: EmitterShape): number =>
  Math.max(lockstep ? 1 : 0, Math.round(msToNs(gapMs)))

function eventTimes(shape: EmitterShape, firstNs: number, name: string): () => number {
  const gapNs = gapOf(shape)
  if (shape.jitter === 'none') {
    let event = 0
    return () => firstNs + event++ * gapNs
  }
  const random = createRandom(shape.seed, name)
  let atNs = firstNs
  return () => {
    const dueNs = atNs
    atNs += Math.round(gapNs * random.exponential())
    return dueNs
  }
}
