import type { Socket } from 'node:net'
import type { Clock } from '../../base/index.js'
import type { OutgoingRequest, ResponseSink } from '../transport.js'
import type { Endpoint, SdkCall } from './calls.js'
import { readThrown } from './thrown.js'

/** Where it ends nothing that a client yields begins. */
const UNREADABLE = 'data: {\n\n'

/**
 * One call of a client. What its iterator yields is written down again as the event that it came from, so that it goes through
 * the same decoder to the same record as everybody's bytes; its stamp is the moment of the yield, which is when an application
 * has it.
 */
export class SdkFlight {
  readonly #clock: Clock
  readonly #sink: ResponseSink
  readonly #endpoint: Endpoint
  readonly #abort = new AbortController()
  #calledNs = 0
  #sent = false
  #socket: Socket | undefined
  #begun = false
  #finished = false
  #cancelled = false

  constructor(clock: Clock, endpoint: Endpoint, sink: ResponseSink) {
    this.#clock = clock
    this.#endpoint = endpoint
    this.#sink = sink
  }

  /** Resolves when it is over, whatever its end; never rejects. */
  async run(call: SdkCall, { body, headers }: OutgoingRequest): Promise<void> {
    try {
      const asked: unknown = JSON.parse(body)
      this.#calledNs = this.#clock.nowNs()
      const options = { headers: applicationHeaders(headers), signal: this.#abort.signal }
      const { data, response } = await call(asked, options).withResponse()
      this.#begin(this.#clock.nowNs(), response.status, response.headers)
      for await (const event of data) this.#onEvent(event)
      this.#end()
    } catch (thrown) {
      if (!this.#cancelled) this.#onThrown(thrown)
    }
  }

  /** The first byte is about to go. What happened since the call is the client's doing, and counts. */
  reportSent(reused: boolean | undefined, socket?: Socket): void {
    this.#socket = socket
    if (this.#sent || this.#cancelled) return
    this.#sent = true
    this.#sink.onSent(this.#calledNs, reused)
  }

  cancel(): void {
    this.#cancelled = true
    this.#abort.abort()
  }

  #begin(atNs: number, status: number, headers: Headers): void {
    if (this.#cancelled || this.#begun) return
    if (!this.#sent) this.reportSent(undefined)
    this.#begun = true
    this.#sink.onHeaders(atNs, status, Object.fromEntries(headers))
  }

  #onEvent(event: unknown): void {
    const atNs = this.#clock.nowNs()
    const name = this.#endpoint.named ? `event: ${(event as { type?: string } | null)?.type}\n` : ''
    this.#hand(atNs, `${name}data: ${JSON.stringify(event)}\n\n`)
    this.#finished ||= isFinal(event)
  }

  #hand(atNs: number, text: string): void {
    if (this.#cancelled) return
    const bytes = Buffer.from(text)
    this.#sink.onData(atNs, bytes, 0, bytes.length, 0)
  }

  /** Of a marker that the client swallows only this is left: the answer said how it finished, and then ended. */
  #end(): void {
    const atNs = this.#clock.nowNs()
    const { terminal } = this.#endpoint
    if (terminal !== undefined && this.#finished) this.#hand(atNs, terminal)
    if (!this.#cancelled) this.#sink.onEnd(atNs)
  }

  #onThrown(thrown: unknown): void {
    const atNs = this.#clock.nowNs()
    const what = readThrown(thrown, this.#endpoint.vendor, this.#begun, this.#socket)
    if (what.kind === 'broken') {
      this.#sink.onBroken(atNs, what.failure)
      return
    }
    if (what.kind === 'status') this.#begin(atNs, what.status, what.headers)
    this.#hand(atNs, textOf(what, this.#endpoint))
    this.#sink.onEnd(atNs)
  }
}

function textOf(
  what: Exclude<ReturnType<typeof readThrown>, { kind: 'broken' }>,
  { vendor }: Endpoint,
): string {
  if (what.kind === 'status') return what.body
  if (what.kind === 'unreadable') return UNREADABLE
  return `${vendor === 'anthropic' ? 'event: error\n' : ''}data: ${what.body}\n\n`
}

/** What the client says by itself is left to it; a key that was not given is not made up. */
function applicationHeaders(headers: Readonly<Record<string, string>>): Record<string, string | null> {
  const { accept: _accept, 'content-type': _type, ...others } = headers
  return { authorization: null, ...(!('x-api-key' in headers) && { 'x-api-key': null }), ...others }
}

interface MaybeChunk {
  readonly choices?: readonly { readonly finish_reason?: unknown }[]
}

const isFinal = (event: unknown): boolean => {
  const reason = (event as MaybeChunk | null)?.choices?.[0]?.finish_reason
  return reason !== undefined && reason !== null
}
