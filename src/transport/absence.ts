import { performance } from 'node:perf_hooks'
import { NS_PER_MS } from '../base/index.js'

/**
 * How long the event loop has been away from its sockets. Bytes that come while it waits wake it; bytes that come while it
 * works elsewhere lie until it looks again. So what lies there at a look arrived at most the working time since the look
 * before earlier.
 */
export interface Absence {
  /** The sockets have just been looked over and emptied. */
  looked(nowNs: number): void
  /** Working time since the last look, at a look that begins now, in ns. */
  sinceNs(nowNs: number): number
}

const idleNs = (): number => performance.eventLoopUtilization().idle * NS_PER_MS

/** Shorter absences are not told apart from none: asking Node for its idle time at every look would cost a tenth of it. */
const SHORT_NS = 0.5 * NS_PER_MS

export function createAbsence(): Absence {
  let lookedNs = Number.NaN
  let askedNs = 0
  let idleAtAsked = 0
  const ask = (nowNs: number): void => {
    askedNs = nowNs
    idleAtAsked = idleNs()
  }
  return {
    looked(nowNs) {
      lookedNs = nowNs
      if (nowNs - askedNs > SHORT_NS) ask(nowNs)
    },
    sinceNs(nowNs) {
      const apartNs = nowNs - lookedNs
      // The first look of all: nothing was asked for before it.
      if (!(apartNs > SHORT_NS)) return 0
      const waitedNs = idleNs() - idleAtAsked
      return Math.max(0, Math.min(apartNs, nowNs - askedNs - waitedNs))
    },
  }
}
