import type { Clock } from '../base/index.js'
import { createAbsence } from './absence.js'

/** Turns of Node's event loop in which data came. */
export interface Turns {
  /** Number of the present turn. */
  current(): number
  /** How long what is read at `nowNs` in this turn may have lain unread, in ns. */
  awayNs(nowNs: number): number
}

/** A turn ends when the loop has been through its sockets: `setImmediate` runs right after that. */
export function createTurns(clock: Clock): Turns {
  const absence = createAbsence()
  let turn = 0
  let open = false
  let beganNs = 0
  let awayNs = 0
  const end = (): void => {
    open = false
    absence.looked(clock.nowNs())
  }
  return {
    current() {
      if (!open) {
        open = true
        turn++
        beganNs = clock.nowNs()
        awayNs = absence.sinceNs(beganNs)
        setImmediate(end)
      }
      return turn
    },
    awayNs: (nowNs) => awayNs + nowNs - beganNs,
  }
}
