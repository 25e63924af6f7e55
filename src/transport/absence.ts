import { performance } from 'node:perf_hooks'
import { NS_PER_MS, threadSchedule } from '../base/index.js'

/**
 * How long the event loop has been away from its sockets. Bytes that come while it waits wake it; bytes that come while it
 * works elsewhere, or while it is awake and has no core, lie until it looks again. So what lies there at a look arrived at
 * most so much earlier as the loop did not wait since the look before.
 */
export interface Absence {
  /** The sockets have just been looked over and emptied. */
  looked(nowNs: number): void
  /** Time since the last look that was not spent waiting for bytes, at a look that begins now, in ns. */
  sinceNs(nowNs: number): number
}

/** Waited for bytes so far. Node counts the wait for a core as waiting, too: the kernel knows better. */
const idleNs = (): number =>
  performance.eventLoopUtilization().idle * NS_PER_MS - (threadSchedule()?.waitedNs ?? 0)

/** Shorter absences are not told apart from none: asking for the idle time at every look would cost a tenth of it. */
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
