import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { type Dispatcher, Pool } from 'undici'
import type { Clock, ResponseHeaders } from '../base/index.js'
import { socketFailure } from './failure.js'
import { headersFault } from './headers.js'
import type { OutgoingRequest, ResponseSink, Transport } from './transport.js'
import { createTurns, type Turns } from './turns.js'

/**
 * `Pool.dispatch` hands callbacks over with the least between socket and stamp. All of undici's own deadlines are off: its
 * timers are good to half a second, ours are recorded as outcomes of their own.
 */
export function createUndiciTransport(clock: Clock): Transport {
  watchSockets()
  const turns = createTurns(clock)
  const pools: Pool[] = []
  return {
    stamps: 'loop',
    open(origin, connections) {
      const pool = new Pool(origin, { ...POOL, connections })
      pools.push(pool)
      return {
        send(request, sink) {
          const handler = new Handler(clock, turns, sink)
          handler.dispatchTo(pool, request)
          return { cancel: () => handler.cancel() }
        },
      }
    },
    takeClockJumpNs: () => 0,
    takeUnstampedReads: () => 0,
    // Sockets of cancelled requests are gone already; nothing here is worth waiting for.
    close: async () => void (await Promise.all(pools.map((pool) => pool.destroy()))),
  }
}

const POOL: Pool.Options = {
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
  // Longer than any think time: a reconnect would enter TTFT.
  keepAliveTimeout: 600_000,
  keepAliveMaxTimeout: 600_000,
  connect: { timeout: 30_000, noDelay: true },
  allowH2: false,
}

const dispatchOptions = (request: OutgoingRequest): Dispatcher.DispatchOptions => ({
  method: 'POST',
  path: request.path,
  headers: request.headers as Record<string, string>,
  body: request.body,
})

/** Sockets that have carried a request, to tell new connections from reused ones. */
const usedSockets = new WeakSet<Socket>()
let lastSendReused = false
let watching = false

/** undici tells the socket of a request only here: synchronously, between `onRequestStart` and the first byte. */
function watchSockets(): void {
  if (watching) return
  watching = true
  subscribe('undici:client:sendHeaders', (message) => {
    const { socket } = message as { socket: Socket }
    lastSendReused = usedSockets.has(socket)
    usedSockets.add(socket)
    sending?.reportSent(lastSendReused)
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

  constructor(clock: Clock, turns: Turns, sink: ResponseSink) {
    this.#clock = clock
    this.#turns = turns
    this.#sink = sink
  }

  dispatchTo(pool: Pool, request: OutgoingRequest): void {
    this.#dispatching = true
    try {
      // Left to refuse it, undici would take the connection for busy ever after.
      const fault = headersFault(request.headers)
      if (fault) throw fault
      pool.dispatch(dispatchOptions(request), this)
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

  reportSent(reused: boolean): void {
    sending = undefined
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
    if (!this.#cancelled) this.#sink.onBroken(atNs, socketFailure(error))
  }

  cancel(): void {
    this.#cancelled = true
    this.#controller?.abort(new Error('cancelled'))
  }
}
