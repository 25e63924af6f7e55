import type { Arrival } from '../../src/emitter/connection.js'
import { createEmitter } from '../../src/emitter/emitter.js'
import type { LoggedStream } from '../../src/emitter/log.js'
import type { Outlet } from '../../src/emitter/outlet.js'
import { DEFAULT_SHAPE, type EmitterShape } from '../../src/emitter/shape.js'

/** When the invented clock begins. */
export const ZERO_NS = 1e13

interface Send {
  readonly atNs: number
  readonly text: string
}

/** An emitter on an invented clock, and clients whose every send is kept. */
export function createBench(shape: Partial<EmitterShape> = {}, logRoom = 1e6) {
  let nowNs = ZERO_NS
  const emitter = createEmitter({ ...DEFAULT_SHAPE, ...shape }, logRoom, () => nowNs)
  return {
    emitter,
    set: (ns: number) => {
      nowNs = ns
    },
    client: () =>
      createClient(
        emitter,
        () => nowNs,
        (ns) => {
          nowNs += ns
        },
      ),
    /** Lets the clock jump from one due time to the next, or only through those up to `endNs`. */
    run(endNs = Number.POSITIVE_INFINITY) {
      for (
        let next = emitter.nextNs();
        next < Number.POSITIVE_INFINITY && next <= endNs;
        next = emitter.nextNs()
      ) {
        nowNs = Math.max(nowNs, next)
        emitter.writeDue(1)
      }
    },
  }
}

function createClient(
  emitter: ReturnType<typeof createEmitter>,
  nowNs: () => number,
  pass: (ns: number) => void,
) {
  const sends: Send[] = []
  /** `delayNs`: how long the send with that place takes. */
  const state = { full: false, closed: false, delayNs: (_send: number) => 0 }
  const outlet: Outlet = {
    send(bytes, from, to) {
      sends.push({ atNs: nowNs(), text: bytes.toString('latin1', from, to) })
      pass(state.delayNs(sends.length - 1))
    },
    clogged: () => state.full,
    close: () => {
      state.closed = true
    },
  }
  const connection = emitter.connect(outlet)
  const post = (text: string, arrival: Arrival = { atNs: nowNs(), stamped: 'kernel' }): void => {
    const bytes = Buffer.from(text)
    connection.onBytes(bytes, 0, bytes.length, arrival)
  }
  return {
    sends,
    state,
    connection,
    post,
    ask: (body: object, id = 'a', arrival?: Arrival) => post(requestText(body, id), arrival),
    received: () => sends.map((send) => send.text).join(''),
  }
}

function requestText(body: object, id = 'a'): string {
  const text = JSON.stringify({ model: 'emitter', stream: true, ...body })
  return `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
}

/** Body of an answer in chunked coding; fails on anything that is out of form. */
export function unchunk(answer: string): string {
  let rest = answer.slice(answer.indexOf('\r\n\r\n') + 4)
  let body = ''
  for (;;) {
    const [, digits = '', after = ''] = /^([0-9a-f]+)\r\n(.*)$/s.exec(rest) ?? []
    const size = Number.parseInt(digits, 16)
    if (!(size >= 0) || after.slice(size, size + 2) !== '\r\n')
      throw new Error(`bad chunk at ${rest.slice(0, 40)}`)
    if (size === 0) return body
    body += after.slice(0, size)
    rest = after.slice(size + 2)
  }
}

export interface ChatChunk {
  readonly choices: readonly {
    readonly delta: { readonly role?: string; readonly content?: string; readonly reasoning?: string }
    readonly finish_reason: string | null
  }[]
  readonly usage?: {
    readonly prompt_tokens: number
    readonly completion_tokens: number
    readonly total_tokens: number
  }
}

/** Events of a stream; fails unless the last one is [DONE]. */
export function eventsOf(body: string): ChatChunk[] {
  const events = body.split('\n\n').filter((event) => event !== '')
  if (events.pop() !== 'data: [DONE]') throw new Error('the stream has no end')
  return events.map((event) => JSON.parse(event.replace(/^data: /, '')) as ChatChunk)
}

/** Texts of the events that carry output. */
export const textsOf = (events: readonly ChatChunk[]): string[] =>
  events.flatMap(({ choices: [choice] }) => {
    const text = choice?.delta.reasoning ?? choice?.delta.content
    return text ? [text] : []
  })

/** What texts say: the arrival, and the time of each write. */
export function timesOf(texts: readonly string[]): { arrivalNs: number; writesNs: number[] } {
  const numbers = texts.map((text) => text.slice(1).split(' ').map(Number))
  const [[arrivalNs = Number.NaN, firstNs = Number.NaN] = [], ...others] = numbers
  return { arrivalNs, writesNs: [firstNs, ...others.map(([ns = Number.NaN]) => ns)] }
}

export function logOf(text: string): { streams: LoggedStream[]; unlogged: number } {
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as object)
  const last = lines.pop() as { unlogged: number }
  return { streams: lines as LoggedStream[], unlogged: last.unlogged }
}
