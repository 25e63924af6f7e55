import { type Clock, formatNs, msToNs } from '../base/index.js'
import type { Limits } from '../profile/index.js'
import type { FailureCode } from '../record/index.js'
import type { Exchange } from './exchange.js'

/** How often open requests are looked over. A deadline is a bound, not a measurement: this is as exact as it needs to be. */
const SWEEP_MS = 25

/**
 * One sweep over all open requests instead of a timer each: re-arming a timer at every token would cost more than the
 * token itself.
 */
export function watchDeadlines(
  open: ReadonlyMap<Exchange, unknown>,
  limits: Limits,
  clock: Clock,
  onMissed: (exchange: Exchange, atNs: number, code: FailureCode, message: string) => void,
): { stop(): void } {
  const ttftNs = msToNs(limits.ttftMs)
  const stallNs = msToNs(limits.stallMs)
  const totalNs = msToNs(limits.totalMs)

  const check = (x: Exchange, atNs: number): void => {
    const sinceSent = atNs - x.triedNs
    if (atNs - x.firstTriedNs > totalNs)
      onMissed(x, atNs, 'deadline-total', `not finished within ${formatNs(totalNs)}`)
    else if (x.lastTokenNs === undefined) {
      if (sinceSent > ttftNs) onMissed(x, atNs, 'deadline-ttft', `no token within ${formatNs(ttftNs)}`)
    } else if (atNs - x.lastTokenNs > stallNs) {
      onMissed(x, atNs, 'deadline-stall', `no chunk for ${formatNs(stallNs)}`)
    }
  }
  const timer = setInterval(() => {
    const atNs = clock.nowNs()
    for (const exchange of open.keys()) check(exchange, atNs)
  }, SWEEP_MS)
  return { stop: () => clearInterval(timer) }
}
