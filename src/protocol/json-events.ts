import type { Decoder, DecodeSink } from './api.js'
import { EventFeed, type EventSink } from './event-feed.js'
import { type JsonObject, parseObject } from './json.js'
import type { TellPlain } from './plain.js'

/** What the events of one API mean. */
export interface EventReader {
  /**
   * Tells the sink what an event says. `name` is what the stream calls it, `message` where it does not.
   * @returns for an event that is one output without a count and nothing else: whether it is visible
   */
  read(event: JsonObject, name: string): boolean | undefined
  /** The end marker of OpenAI's older streams. Left out: it says nothing. */
  onDone?(): void
}

/**
 * A decoder for an API whose events are JSON objects that JSON.parse reads; those known by their shape are not read again.
 * @param tellPlain undefined when the text is wanted, or no event is like another
 * @param split how the body falls into events, as EventFeed takes it
 */
export const jsonEventDecoder = (
  sink: DecodeSink,
  reader: EventReader,
  tellPlain: TellPlain | undefined,
  split?: ConstructorParameters<typeof EventFeed>[1],
): Decoder => new JsonEventDecoder(sink, reader, tellPlain, split)

class JsonEventDecoder implements Decoder, EventSink {
  readonly #sink: DecodeSink
  readonly #reader: EventReader
  readonly #tellPlain: TellPlain | undefined
  readonly #feed: EventFeed

  constructor(
    sink: DecodeSink,
    reader: EventReader,
    tellPlain: TellPlain | undefined,
    split: ConstructorParameters<typeof EventFeed>[1],
  ) {
    this.#sink = sink
    this.#reader = reader
    this.#tellPlain = tellPlain
    this.#feed = new EventFeed(this, split)
  }

  feed(bytes: Buffer, from: number, to: number): void {
    this.#feed.feed(bytes, from, to)
  }

  end(): void {
    // What an unfinished event held is no event: the marker at the end is missed, and the exchange says so.
  }

  onPlain(visible: boolean): void {
    this.#sink.onEvent()
    this.#sink.onOutput(-1, visible, '')
  }

  onData(bytes: Buffer, from: number, to: number, name: string): void {
    this.#sink.onEvent()
    const data = bytes.toString('utf8', from, to)
    const event = parseObject(data)
    if (event !== undefined) {
      const visible = this.#reader.read(event, name)
      if (visible !== undefined) this.#tellPlain?.(this.#feed, bytes, from, to, visible)
    } else if (data === '[DONE]') this.#reader.onDone?.()
    else this.#violation('an event whose data is no JSON object')
  }

  onOverflow(): void {
    this.#violation('an event of more than 4 MiB')
  }

  #violation(message: string): void {
    this.#sink.onFailure({ code: 'protocol-violation', message })
  }
}
