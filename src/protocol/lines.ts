import { parseObject } from './json.js'
import type { SseSink } from './sse.js'

const LF = 10

/** A line longer than this is no event of any API here; holding it would be unbounded memory. */
const MAX_LINE_BYTES = 4 * 1024 * 1024

/**
 * Splits a body of JSON lines into its lines, over any split of the bytes. Empty lines are skipped. A line that came in one
 * read is handed on where it lies. Every line is an event of the name `message`.
 */
export class LineSplitter {
  readonly #sink: SseSink
  /** The unfinished line of earlier reads, in pieces: joining them at every read would be quadratic. */
  #held: Buffer[] = []
  #heldBytes = 0
  #dead = false

  constructor(sink: SseSink) {
    this.#sink = sink
  }

  /** Nothing of a line is held: the next byte begins one. */
  get between(): boolean {
    return this.#heldBytes === 0 && !this.#dead
  }

  feed(bytes: Buffer, from: number, to: number): void {
    let start = from
    while (start < to && !this.#dead) {
      let lineEnd = start
      while (lineEnd < to && bytes[lineEnd] !== LF) lineEnd++
      if (lineEnd === to) this.#hold(bytes, start, to)
      else this.#onLine(bytes, start, lineEnd)
      start = lineEnd + 1
    }
  }

  /** The body is over. A last line may lack its end; the rest of one that was cut is no event. */
  end(): void {
    if (this.#heldBytes === 0 || this.#dead) return
    const line = this.#take()
    if (parseObject(line.toString('utf8')) !== undefined) this.#sink.onData(line, 0, line.length, 'message')
  }

  #onLine(bytes: Buffer, from: number, to: number): void {
    if (this.#heldBytes === 0) this.#hand(bytes, from, to)
    else {
      this.#hold(bytes, from, to)
      if (this.#dead) return
      const line = this.#take()
      this.#hand(line, 0, line.length)
    }
  }

  #hand(bytes: Buffer, from: number, to: number): void {
    if (to - from > MAX_LINE_BYTES) this.#overflow()
    else if (!isBlank(bytes, from, to)) this.#sink.onData(bytes, from, to, 'message')
  }

  /** Copies what must outlive the call: the transport uses the memory again. */
  #hold(bytes: Buffer, from: number, to: number): void {
    if (from === to) return
    this.#heldBytes += to - from
    if (this.#heldBytes > MAX_LINE_BYTES) this.#overflow()
    else this.#held.push(Buffer.from(bytes.subarray(from, to)))
  }

  #take(): Buffer {
    const line = Buffer.concat(this.#held)
    this.#held = []
    this.#heldBytes = 0
    return line
  }

  #overflow(): void {
    this.#dead = true
    this.#held = []
    this.#heldBytes = 0
    this.#sink.onOverflow()
  }
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if ((bytes[at] as number) > 0x20) return false
  return true
}
