import { Gathered } from './gathered.js'

const LF = 10
const CR = 13
const SPACE = 0x20
const COLON = 0x3a

/** An event longer than this is no event of any API here; holding it would be unbounded memory. */
const MAX_EVENT_BYTES = 4 * 1024 * 1024

const LINE_BREAK = Buffer.from('\n')

/** `data:` */
const isData = (bytes: Buffer, from: number, to: number): boolean =>
  to - from >= 5 &&
  bytes[from] === 0x64 &&
  bytes[from + 1] === 0x61 &&
  bytes[from + 2] === 0x74 &&
  bytes[from + 3] === 0x61 &&
  bytes[from + 4] === COLON

/** Hears the events of a stream. */
export interface SseSink {
  /**
   * Once per event that has data: the bytes of its `data:` lines, joined by newlines, and the event's name (`message` when
   * it has none). The bytes are valid during the call only.
   */
  onData(bytes: Buffer, from: number, to: number, event: string): void
  /** An event exceeds 4 MiB; nothing follows. */
  onOverflow(): void
}

/**
 * Splits a `text/event-stream` body into the data of its events, over any split of the bytes. Comments and other fields
 * are skipped. An event on one line that came in one read is handed on where it lies: nothing is copied or made a string.
 */
export class SseSplitter {
  readonly #sink: SseSink
  /** The unfinished line of earlier reads. */
  #carry: Gathered | undefined
  /** Data lines of the event so far, where they could not be handed on in place. */
  #data: Gathered | undefined
  #event = 'message'
  /** A CR ended the last read: an LF that opens the next belongs to it. */
  #skipLf = false
  #dead = false
  /** The one data line of the event, in the bytes being read; `#lineTo` is −1 when there is none. */
  #lineFrom = 0
  #lineTo = -1

  constructor(sink: SseSink) {
    this.#sink = sink
  }

  /** Nothing of an event is held: the next byte begins one. */
  get between(): boolean {
    return (
      this.#carry === undefined &&
      this.#data === undefined &&
      this.#lineTo < 0 &&
      this.#event === 'message' &&
      !this.#skipLf &&
      !this.#dead
    )
  }

  feed(bytes: Buffer, from: number, to: number): void {
    if (this.#dead || from >= to) return
    let start = from
    if (this.#skipLf) {
      if (bytes[start] === LF) start++
      this.#skipLf = false
    }
    const carry = this.#carry
    if (carry === undefined) this.#read(bytes, start, start, to)
    else {
      const seen = carry.size
      carry.add(bytes, start, to)
      this.#carry = undefined
      this.#read(carry.bytes, 0, seen, carry.size, carry)
    }
  }

  /** No line ends before `seen`. @param held what `bytes` are the bytes of, where that can be kept */
  #read(bytes: Buffer, start: number, seen: number, to: number, held?: Gathered): void {
    let from = start
    let at = seen
    for (;;) {
      // Both line ends are control characters: one comparison passes nearly all that is neither.
      while (at < to && (bytes[at] as number) > CR) at++
      if (at >= to) break
      const octet = bytes[at]
      if (octet !== LF && octet !== CR) {
        at++
        continue
      }
      this.#onLine(bytes, from, at)
      at++
      if (octet === CR) {
        if (at === to) this.#skipLf = true
        else if (bytes[at] === LF) at++
      }
      from = at
    }
    this.#keep(bytes, from, to, held)
  }

  #onLine(bytes: Buffer, from: number, to: number): void {
    if (from === to) this.#dispatch(bytes)
    // `data:` is nearly every line there is.
    else if (isData(bytes, from, to)) {
      const start = bytes[from + 5] === SPACE ? from + 6 : from + 5
      this.#addData(bytes, Math.min(start, to), to)
    } else this.#onField(bytes, bytes.toString('utf8', from, to))
  }

  #addData(bytes: Buffer, from: number, to: number): void {
    if (this.#data === undefined && this.#lineTo < 0) {
      this.#lineFrom = from
      this.#lineTo = to
      return
    }
    this.#dataSoFar(bytes).add(LINE_BREAK, 0, 1).add(bytes, from, to)
    this.#lineTo = -1
  }

  #dataSoFar(bytes: Buffer): Gathered {
    this.#data ??= new Gathered().add(bytes, this.#lineFrom, this.#lineTo)
    return this.#data
  }

  #onField(bytes: Buffer, line: string): void {
    if (line === 'data') this.#addData(bytes, 0, 0)
    else if (line.startsWith('event:')) this.#event = line.slice(line[6] === ' ' ? 7 : 6)
  }

  #dispatch(bytes: Buffer): void {
    const data = this.#data
    const lineTo = this.#lineTo
    const event = this.#event
    this.#data = undefined
    this.#lineTo = -1
    this.#event = 'message'
    if (data !== undefined) this.#sink.onData(data.bytes, 0, data.size, event)
    else if (lineTo >= 0) this.#sink.onData(bytes, this.#lineFrom, lineTo, event)
  }

  /** Copies what must outlive the call: the transport uses the memory again. */
  #keep(bytes: Buffer, from: number, to: number, held: Gathered | undefined): void {
    if (this.#lineTo >= 0) {
      this.#dataSoFar(bytes)
      this.#lineTo = -1
    }
    if (to - from + (this.#data?.size ?? 0) > MAX_EVENT_BYTES) {
      this.#dead = true
      this.#data = undefined
      this.#sink.onOverflow()
    } else if (from < to) {
      // A line without an end may come in a thousand reads: what there is of it stays where it is.
      this.#carry = held !== undefined && from === 0 ? held : new Gathered().add(bytes, from, to)
    }
  }
}
