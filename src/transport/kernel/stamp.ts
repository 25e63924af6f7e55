import { NS_PER_MS } from '../../base/index.js'
import type { Look } from './poller.js'

/** Packets may overtake each other by so much on their way to the socket; a larger step back is a clock that was set. */
const REORDERED_NS = NS_PER_MS

/**
 * The kernel's stamp of the read just made, if it can be true: no later than now and no earlier than what came before on
 * the same connection. Otherwise, as when the wall clock was set under our feet, the moment of the look stands in, and the look's
 * tally counts it.
 * @param notBeforeNs the last stamp of the connection, or the send
 */
export function stampOf({ receiver, atNs, tally }: Look, notBeforeNs: number, nowNs: () => number): number {
  const stampNs = receiver.stampNs()
  // Mostly the packet came before the look began, and the clock need not be asked.
  if (!(stampNs <= atNs) && !(stampNs <= nowNs())) {
    tally.unstamped++
    return nowNs()
  }
  if (stampNs >= notBeforeNs) return stampNs
  if (stampNs >= notBeforeNs - REORDERED_NS) return notBeforeNs
  tally.unstamped++
  return Math.max(atNs, notBeforeNs)
}
