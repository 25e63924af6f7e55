import type { Agenda, Due } from './agenda.js'
import { type Answer, type Outlet, sendWhole } from './outlet.js'
import { type Request, RequestReader } from './request-reader.js'
import { errorBytes } from './response.js'

/** When the bytes arrived that made a request whole. */
export interface Arrival {
  readonly atNs: number
  readonly stamped: 'kernel' | 'loop'
}

/** What is answered: bytes at once, or bit by bit. */
export type Serve = (request: Request, arrival: Arrival, outlet: Outlet) => Answer | undefined

interface Surroundings {
  readonly agenda: Agenda<Connection>
  readonly serve: Serve
  readonly nowNs: () => number
}

/** One client's connection, whatever the wire: one answer at a time, those behind it wait. */
export class Connection implements Due {
  dueNs = 0
  place = -1
  readonly #outlet: Outlet
  readonly #around: Surroundings
  readonly #reader = new RequestReader()
  #arrival: Arrival = { atNs: 0, stamped: 'loop' }
  #answer: Answer | undefined
  #closing = false
  /** Whether the answer has more to come once the client has made room; undefined when nothing is held up. */
  #moreAfterwards: boolean | undefined

  constructor(outlet: Outlet, around: Surroundings) {
    this.#outlet = outlet
    this.#around = around
  }

  onBytes(bytes: Buffer, from: number, to: number, arrival: Arrival): void {
    if (this.#closing && !this.#answer) return
    this.#arrival = arrival
    this.#reader.add(bytes, from, to)
    this.#serveArrived()
  }

  /** The next bit of the running answer. */
  advance(): void {
    const answer = this.#answer
    if (!answer) return
    const more = answer.advance(this.#outlet)
    if (this.#outlet.clogged()) {
      this.#moreAfterwards = more
      this.#around.agenda.remove(this)
    } else this.#goOn(answer, more)
  }

  /** Everything that was kept back has been sent. @param atNs right before its last send */
  onDrained(atNs: number): void {
    const answer = this.#answer
    const more = this.#moreAfterwards
    if (!answer || more === undefined) return
    this.#moreAfterwards = undefined
    answer.heldUpTo(atNs)
    this.#goOn(answer, more)
  }

  onClosed(): void {
    this.#closing = true
    this.#around.agenda.remove(this)
    this.#answer?.end(false)
    this.#answer = undefined
  }

  #goOn(answer: Answer, more: boolean): void {
    if (more) {
      this.dueNs = answer.dueNs
      if (this.place < 0) this.#around.agenda.add(this)
      else this.#around.agenda.putOff(this)
      return
    }
    this.#around.agenda.remove(this)
    this.#answer = undefined
    answer.end(true)
    if (this.#closing) this.#outlet.close()
    else this.#serveArrived()
  }

  #serveArrived(): void {
    while (!this.#answer && !this.#closing) {
      const request = this.#reader.next()
      if (request === undefined) return
      if ('status' in request) {
        sendWhole(this.#outlet, errorBytes(request.status, request.message))
        this.#closing = true
      } else {
        this.#closing = request.closes
        this.#begin(request)
      }
      if (this.#closing && !this.#answer) this.#outlet.close()
    }
  }

  #begin(request: Request): void {
    const { serve, agenda } = this.#around
    const answer = serve(request, this.#arrival, this.#outlet)
    if (!answer) return
    this.#answer = answer
    this.dueNs = answer.dueNs
    agenda.add(this)
  }
}
