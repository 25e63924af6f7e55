import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import type { Clock, ResponseHeaders } from '../base/index.js'
import { createWay, type Way } from './dispatcher.js'
import { socketFailure } from './failure.js'
import { headersFault } from './headers.js'
import type { OutgoingRequest, ResponseSink, Transport } from './transport.js'
import { createTurns, type Turns } from './turns.js'
import { causeOf, noteUse } from './use.js'

/** `dispatch` hands callbacks over with the least between socket and stamp. */
export function createUndiciTransport(clock: Clock): Transport {
  watchSockets()
  const turns = createTurns(clock)
  const ways: Way[] = []
  return {
    stamps: 'loop',
    open(origin, connections, setting) {
      const way = createWay(origin, connections, setting)
      ways.push(way)
      return {
        send(request, sink) {
          const handler = new Handler(clock, turns, sink)
          handler.dispatchTo(way.dispatcher, origin, request)
          return { cancel: () => handler.cancel() }
        },
      }
    },
    takeClockJumpNs: () => 0,
    takeUnstampedReads: () => 0,
    // Sockets of cancelled requests are gone already; nothing here is worth waiting for.
    close: async () => void (await Promise.all(ways.map((way) => way.close()))),
  }
}

const dispatchOptions = (origin: string, request: OutgoingRequest): Dispatcher.DispatchOptions => ({
  origin,
  method: 'POST',
  path: request.path,
  headers: request.headers as Record<string, string>,
  body: request.body,
})

let watching = false

/** undici tells the socket of a request only here: synchronously, between `onRequestStart` and the first byte. */
function watchSockets(): void {
  if (watching) return
  watching = true
  subscribe('undici:client:sendHeaders', (message) => {
    const { socket } = message as { socket: Socket }
    // Others may send through undici, too.
    if (sending) sending.reportSent(socket, noteUse(socket))
  })
}

let sending: Handler | undefined

function joined(headers: Record<string, string | string[] | undefined>): ResponseHeaders {
  for (const name in headers) {
    const value = headers[name]
    if (Array.isArray(value)) headers[name] = value.join(', ')
  }
  return headers as ResponseHeaders
}

class Handler implements Dispatcher.DispatchHandler {
  readonly #clock: Clock
  readonly #turns: Turns
  readonly #sink: ResponseSink
  #turn = -1
  #readNs = 0
  #controller: Dispatcher.DispatchController | undefined
  #cancelled = false
  #dispatching = false
  #sentNs = 0
  #socket: Socket | undefined

  constructor(clock: Clock, turns: Turns, sink: ResponseSink) {
    this.#clock = clock
    this.#turns = turns
    this.#sink = sink
  }

  dispatchTo(dispatcher: Dispatcher, origin: string, request: OutgoingRequest): void {
    this.#dispatching = true
    try {
      // Left to refuse it, undici would take the connection for busy ever after.
      const fault = headersFault(request.headers)
      if (fault) throw fault
      dispatcher.dispatch(dispatchOptions(origin, request), this)
    } catch (thrown) {
      this.onResponseError(undefined, thrown as Error)
    } finally {
      this.#dispatching = false
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#cancelled) controller.abort(new Error('cancelled'))
    else {
      this.#sentNs = this.#clock.nowNs()
      sending = this
    }
  }

  reportSent(socket: Socket, reused: boolean): void {
    sending = undefined
    this.#socket = socket
    if (!this.#cancelled) this.#sink.onSent(this.#sentNs, reused)
  }

  onResponseStart(
    _c: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    const atNs = this.#clock.nowNs()
    // 1xx answers precede the real one.
    if (status < 200 || this.#cancelled) return
    this.#sink.onHeaders(atNs, status, joined(headers))
  }

  /**
   * Called once per chunk of the transfer coding, of which a read may bring many. What comes in the same turn of the loop on
   * the same connection was there at the same time: one stamp.
   */
  onResponseData(_c: Dispatcher.DispatchController, chunk: Buffer): void {
    const turn = this.#turns.current()
    if (turn !== this.#turn) {
      this.#turn = turn
      this.#readNs = this.#clock.nowNs()
    }
    if (!this.#cancelled) {
      this.#sink.onData(this.#readNs, chunk, 0, chunk.length, this.#turns.awayNs(this.#readNs))
    }
  }

  onResponseEnd(): void {
    const atNs = this.#clock.nowNs()
    if (!this.#cancelled) this.#sink.onEnd(atNs)
  }

  /** undici tells of a request that it will not send inside `dispatch`; the sink hears of it after `send`. */
  onResponseError(_c: Dispatcher.DispatchController | undefined, error: Error): void {
    if (sending === this) sending = undefined
    if (this.#dispatching) setImmediate(() => this.#break(error))
    else this.#break(error)
  }

  #break(error: Error): void {
    const atNs = this.#clock.nowNs()
    if (!this.#cancelled) this.#sink.onBroken(atNs, socketFailure(causeOf(this.#socket, error)))
  }

  cancel(): void {
    this.#cancelled = true
    this.#controller?.abort(new Error('cancelled'))
  }
}
