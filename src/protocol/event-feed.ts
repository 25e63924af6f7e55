import { holes } from './json-bytes.js'
import { Shape, sharedShape } from './shape.js'
import { type SseSink, SseSplitter } from './sse.js'

/** Where so many shapes in a row were learned and no event had them, the next will not be met either. */
const TRIES = 4

/** Cuts a body into events. */
interface Splitter {
  feed(bytes: Buffer, from: number, to: number): void
  /** Nothing of an event is held: the next byte begins one. */
  readonly between: boolean
}

/** Hears the events of a stream, each as its bytes or as one that is known by its shape. */
export interface EventSink extends SseSink {
  /** An event that means one output: one like it was called plain before. */
  onPlain(visible: boolean): void
}

/**
 * Leads the bytes of a stream to its decoder, event by event. What came as a read of its own, and has the shape of an event
 * that the decoder has called plain, is not taken apart again.
 */
export class EventFeed implements SseSink {
  readonly #sink: EventSink
  readonly #splitter: Splitter
  #shape: Shape | undefined
  #tries = 0
  /** Of the bytes being fed: events so far, and where the last was read if it was plain. */
  #events = 0
  #plainIn: Buffer | undefined
  #visible = true

  /** @param split how a body falls into events; server-sent events when left out */
  constructor(sink: EventSink, split: (events: SseSink) => Splitter = (events) => new SseSplitter(events)) {
    this.#sink = sink
    this.#splitter = split(this)
  }

  feed(bytes: Buffer, from: number, to: number): void {
    const whole = this.#splitter.between
    if (whole && this.#shape?.fits(bytes, from, to)) {
      this.#tries = 0
      this.#sink.onPlain(this.#shape.visible)
      return
    }
    this.#events = 0
    this.#plainIn = undefined
    this.#splitter.feed(bytes, from, to)
    if (this.#plainIn !== bytes || this.#events !== 1 || !whole || !this.#splitter.between) return
    if (this.#tries++ < TRIES) this.#shape = sharedShape(new Shape(bytes, from, to, holes, this.#visible))
  }

  /** Whether it is of use, while the sink hears an event, to find out if that one is plain. */
  get learns(): boolean {
    return this.#events === 1 && this.#tries < TRIES
  }

  /**
   * To be called while the sink hears an event that means one output and nothing else, and would with other values in the
   * holes that its reading left.
   */
  plain(bytes: Buffer, visible: boolean): void {
    this.#plainIn = bytes
    this.#visible = visible
  }

  /** To be called when events like the one that was called plain are about to mean something else. */
  forget(): void {
    this.#shape = undefined
  }

  onData(bytes: Buffer, from: number, to: number, event: string): void {
    this.#events++
    this.#plainIn = undefined
    this.#sink.onData(bytes, from, to, event)
  }

  onOverflow(): void {
    this.#sink.onOverflow()
  }
}
