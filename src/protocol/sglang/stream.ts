import type { Decoder, DecodeSink } from '../api.js'
import { durationNs } from '../duration.js'
import { streamFailure } from '../failure.js'
import { countOf, type JsonObject, objectOf, textOf } from '../json.js'
import { type EventReader, jsonEventDecoder } from '../json-events.js'
import { RunningCount } from '../running-count.js'
import { GrowingText } from './growing-text.js'

/** Reads a stream of SGLang's own: every event with a running count, and with all of the text or the new part of it. */
export const createSglangDecoder = (sink: DecodeSink, wantsText: boolean): Decoder =>
  jsonEventDecoder(sink, new SglangReader(sink, wantsText), undefined)

/** What a frame with an error is taken for that comes before any output: there SGLang tells of a request it refuses. */
const REFUSED = 400
const NS_PER_S = 1e9

class SglangReader implements EventReader {
  readonly #sink: DecodeSink
  readonly #wantsText: boolean
  readonly #count = new RunningCount()
  readonly #text = new GrowingText()
  #began = false

  constructor(sink: DecodeSink, wantsText: boolean) {
    this.#sink = sink
    this.#wantsText = wantsText
  }

  read(event: JsonObject): undefined {
    if (event.error) this.#sink.onFailure(streamFailure(event, this.#began ? undefined : REFUSED))
    else this.#onOutput(event, objectOf(event.meta_info))
  }

  onDone(): void {
    this.#sink.onTerminal()
  }

  #onOutput({ text, output_ids: ids }: JsonObject, meta: JsonObject): void {
    const total = countOf(meta.completion_tokens)
    const fresh = this.#count.since(total)
    const added = this.#text.added(textOf(text), Array.isArray(ids) ? ids.length : undefined, total)
    if (added !== '' || fresh > 0) {
      this.#began = true
      this.#sink.onOutput(fresh, true, this.#wantsText ? added : '')
    }
    const end = objectOf(meta.finish_reason)
    if (textOf(end.type) !== '') this.#onEnd(end, meta)
  }

  #onEnd(end: JsonObject, meta: JsonObject): void {
    const inputTokens = countOf(meta.prompt_tokens)
    const outputTokens = countOf(meta.completion_tokens)
    const cachedTokens = countOf(meta.cached_tokens)
    this.#sink.onUsage({
      ...(inputTokens !== undefined && { inputTokens }),
      ...(outputTokens !== undefined && { outputTokens }),
      ...(cachedTokens !== undefined && { cachedTokens }),
    })
    const totalNs = durationNs(meta.e2e_latency, NS_PER_S)
    const queueNs = durationNs(meta.queue_time, NS_PER_S)
    if (totalNs !== undefined)
      this.#sink.onServerTimings({ totalNs, ...(queueNs !== undefined && { queueNs }) })
    // A full queue, a lost place in memory, a request that was called off: with a status where it would have had one.
    if (end.type === 'abort') this.#sink.onFailure(streamFailure(end))
    else this.#sink.onFinish(textOf(end.type))
  }
}
