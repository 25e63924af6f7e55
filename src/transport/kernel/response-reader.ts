import { ChunkSizeLine } from './chunk-size-line.js'
import { CR, LF, show, showOctet } from './octets.js'
import {
  addField,
  bodyEnd,
  fieldFault,
  framingFault,
  interimFault,
  keepsAlive,
  PROTOCOL,
  parseStatusLine,
  type ResponseHead,
} from './response-head.js'
import { SectionLines } from './section-lines.js'

/** One answer is `onHead`, `onBody` any number of times, `onComplete`; `onViolation` may come at any point instead. */
export interface ResponseEvents {
  /** Once, for the final answer: 1xx are skipped. Names are lower-case, repeated fields joined by `, `. */
  onHead(status: number, headers: Readonly<Record<string, string>>): void
  /** Body without its coding: `bytes[from, to)`, never empty, valid only during the call. */
  onBody(bytes: Buffer, from: number, to: number): void
  /** The answer is whole. `keepAlive`: the connection may carry another request. */
  onComplete(keepAlive: boolean): void
  /** Not HTTP/1.1 as it should be, or over a bound. Nothing follows; the connection must be closed. */
  onViolation(message: string): void
}

const MAX_FIELDS = 256

// What the next octet belongs to.
const STATUS_LINE = 0
const FIELD_LINE = 1
const TRAILER_LINE = 2
const CHUNK_SIZE = 3
const CHUNK = 4
const CHUNK_CR = 5
const CHUNK_LF = 6
const COUNTED_BODY = 7
const BODY_UNTIL_CLOSE = 8
const COMPLETE = 9
const SILENT = 10

const NO_HEAD: ResponseHead = { status: 0, http10: false, headers: Object.freeze({}) }

/**
 * Reads HTTP/1.1 answers to anything but HEAD and CONNECT, one at a time, from bytes split anywhere: the split changes
 * nothing but how often `onBody` is called. Never throws; holds at most one unfinished line and the fields of one head.
 *
 *     status ─▶ field* ─┬▶ counted body ────────────────────▶ complete
 *       ▲─── 1xx ───┘   ├▶ body until close ── end() ───────▶ complete
 *                       └▶ size ─▶ chunk ─▶ CR LF
 *                           ▲─│──────────────┘
 *                             └ 0 ─▶ trailer* ──────────────▶ complete
 *
 * Bytes after the end of an answer mean that the two sides disagree, so the connection is never used again. In one read
 * with that end they make it `onComplete(false)`, since the answer itself stands; in a later one, before `reset`, they
 * are a violation. So `reset` belongs right before the next request goes out.
 */
export class ResponseReader {
  readonly #events: ResponseEvents
  readonly #lines = new SectionLines()
  readonly #sizeLine = new ChunkSizeLine()
  #state = STATUS_LINE
  #head = NO_HEAD
  #fields = 0
  #interimAnswers = 0
  #keepAlive = true
  /** Octets of the body or the chunk still to come. */
  #left = 0

  constructor(events: ResponseEvents) {
    this.#events = events
  }

  /** Ready for the next answer on the same connection. */
  reset(): void {
    this.#interimAnswers = 0
    this.#startHead()
  }

  /** Calls nothing any more until `reset`; also from within a callback. */
  stop(): void {
    this.#state = SILENT
    this.#head = NO_HEAD
    this.#lines.restart()
  }

  /** Takes `bytes[from, to)`. */
  read(bytes: Buffer, from: number, to: number): void {
    // Each step takes at least one octet, and all of them once a callback, a violation or the end stops the reading.
    let at = from
    while (at < to) at = this.#step(bytes, at, to)
  }

  /** The peer closed. @returns whether the answer is whole; if it is not, it was cut, and nothing more is called */
  end(): boolean {
    if (this.#state === COMPLETE) return true
    const whole = this.#state === BODY_UNTIL_CLOSE
    this.stop()
    if (whole) {
      this.#state = COMPLETE
      this.#events.onComplete(false)
    }
    return whole
  }

  #step(bytes: Buffer, from: number, to: number): number {
    switch (this.#state) {
      case CHUNK:
      case COUNTED_BODY:
        return this.#readBody(bytes, from, to)
      case CHUNK_SIZE:
        return this.#readSize(bytes, from, to)
      case CHUNK_CR:
      case CHUNK_LF:
        return this.#readChunkEnd(bytes, from, to)
      case BODY_UNTIL_CLOSE:
        this.#events.onBody(bytes, from, to)
        return to
      case COMPLETE:
        return this.#violate(`Unasked bytes after an answer, ${showOctet(bytes[from] as number)} first`, to)
      case SILENT:
        return to
      default:
        return this.#readLine(bytes, from, to)
    }
  }

  #enter(state: number, at: number): number {
    this.#state = state
    return at
  }

  #readBody(bytes: Buffer, from: number, to: number): number {
    const state = this.#state
    const end = Math.min(to, from + this.#left)
    this.#left -= end - from
    this.#events.onBody(bytes, from, end)
    if (this.#state !== state) return to
    if (this.#left > 0) return end
    if (state === COUNTED_BODY) return this.#complete(end, to)
    this.#state = CHUNK_CR
    return end < to ? this.#readChunkEnd(bytes, end, to) : end
  }

  #readSize(bytes: Buffer, from: number, to: number): number {
    const line = this.#sizeLine
    const at = line.take(bytes, from, to)
    if (line.fault !== undefined) return this.#violate(`Chunks: ${line.fault}`, to)
    if (!line.whole) return at
    this.#left = line.size
    if (this.#left > 0) return this.#enter(CHUNK, at)
    this.#fields = 0
    this.#lines.restart()
    return this.#enter(TRAILER_LINE, at)
  }

  #readChunkEnd(bytes: Buffer, from: number, to: number): number {
    let at = from
    if (this.#state === CHUNK_CR) {
      if (bytes[at] !== CR) return this.#badChunkEnd(bytes, at, to)
      this.#state = CHUNK_LF
      if (++at === to) return at
    }
    if (bytes[at] !== LF) return this.#badChunkEnd(bytes, at, to)
    this.#sizeLine.restart()
    return this.#enter(CHUNK_SIZE, at + 1)
  }

  #readLine(bytes: Buffer, from: number, to: number): number {
    const lines = this.#lines
    const known = this.#state !== STATUS_LINE || lines.held.length >= PROTOCOL.length
    const at = lines.take(bytes, from, to)
    if (!known) {
      // At the first octets: a server of another protocol may well wait for us without ever ending a line.
      const begin = (lines.line ?? lines.held).slice(0, PROTOCOL.length)
      if (begin.length === PROTOCOL.length && begin !== PROTOCOL) return this.#notHttp(begin, to)
    }
    if (lines.fault !== undefined) return this.#badLine(lines.fault, to)
    return lines.line === undefined ? at : this.#onLine(lines.line, at, to)
  }

  #onLine(line: string, at: number, to: number): number {
    if (this.#state === STATUS_LINE) {
      const head = parseStatusLine(line)
      if (head === undefined) return this.#notHttp(line, to)
      this.#head = head
      return this.#enter(FIELD_LINE, at)
    }
    if (line === '') return this.#state === FIELD_LINE ? this.#endHead(at, to) : this.#complete(at, to)
    const fault = ++this.#fields > MAX_FIELDS ? `more than ${MAX_FIELDS} fields` : fieldFault(line)
    if (fault !== undefined) return this.#badLine(fault, to)
    if (this.#state === FIELD_LINE) addField(this.#head.headers, line)
    return at
  }

  #endHead(at: number, to: number): number {
    const head = this.#head
    const interim = head.status < 200
    const fault = interim ? interimFault(head, ++this.#interimAnswers) : framingFault(head)
    if (fault !== undefined) return this.#badLine(fault, to)
    if (interim) {
      this.#startHead()
      return at
    }
    const end = bodyEnd(head)
    const state = end === 'close' ? BODY_UNTIL_CLOSE : end === 'chunked' ? CHUNK_SIZE : COUNTED_BODY
    this.#left = typeof end === 'number' ? end : 0
    this.#keepAlive = keepsAlive(head)
    this.#state = state
    // Nobody here needs it any more, and the body may take minutes.
    this.#head = NO_HEAD
    this.#events.onHead(head.status, head.headers)
    if (this.#state !== state) return to
    return end === 0 ? this.#complete(at, to) : at
  }

  #startHead(): void {
    this.#state = STATUS_LINE
    this.#head = NO_HEAD
    this.#fields = 0
    this.#lines.restart()
    this.#sizeLine.restart()
  }

  #complete(at: number, to: number): number {
    this.#state = COMPLETE
    this.#events.onComplete(this.#keepAlive && at === to)
    return to
  }

  #notHttp(seen: string, to: number): number {
    return this.#violate(`Expected an HTTP/1.1 status line, got ${show(seen)}`, to)
  }

  #badLine(fault: string, to: number): number {
    return this.#violate(`${this.#state === TRAILER_LINE ? 'Trailers' : 'Head'}: ${fault}`, to)
  }

  #badChunkEnd(bytes: Buffer, at: number, to: number): number {
    return this.#violate(`Chunks: octet ${showOctet(bytes[at] as number)} at the end of a chunk`, to)
  }

  #violate(message: string, to: number): number {
    this.stop()
    this.#events.onViolation(message)
    return to
  }
}
