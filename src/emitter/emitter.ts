import { Agenda } from './agenda.js'
import { Connection } from './connection.js'
import { createWriteLog } from './log.js'
import type { Outlet } from './outlet.js'
import { createServe } from './serve.js'
import type { EmitterShape } from './shape.js'

/** The emitter without its wire. */
export interface Emitter {
  /** Moments on the machine's monotonic clock, in whole ns. */
  nowNs(): number
  connect(outlet: Outlet): Connection
  /** When the next write is due; infinity when none is. */
  nextNs(): number
  /** Writes what is due, but no more than `most`. */
  writeDue(most: number): void
}

/** @param logRoom for so many writes @param nowNs must return whole numbers */
export function createEmitter(shape: EmitterShape, logRoom: number, nowNs: () => number): Emitter {
  const agenda = new Agenda<Connection>()
  const serve = createServe(shape, createWriteLog(logRoom), nowNs)
  const around = { agenda, serve, nowNs }
  return {
    nowNs,
    connect: (outlet) => new Connection(outlet, around),
    nextNs: () => agenda.first()?.dueNs ?? Number.POSITIVE_INFINITY,
    writeDue(most) {
      for (let i = 0; i < most; i++) {
        const next = agenda.first()
        if (next === undefined || next.dueNs > nowNs()) return
        next.advance()
      }
    },
  }
}
