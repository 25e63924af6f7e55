import type { Decoder, DecodeSink } from '../api.js'
import { streamFailure } from '../failure.js'
import { countOf, type JsonObject, objectOf, textOf } from '../json.js'
import { type EventReader, jsonEventDecoder } from '../json-events.js'
import { RunningCount } from '../running-count.js'
import { ServedModel } from '../served-model.js'
import { timingsOf } from './timings.js'

/** Reads a stream of llama.cpp's own: pieces of text with a running count, and a last event with the account. */
export const createLlamaCppDecoder = (sink: DecodeSink, wantsText: boolean): Decoder =>
  jsonEventDecoder(sink, new LlamaCppReader(sink, wantsText), undefined)

class LlamaCppReader implements EventReader {
  readonly #sink: DecodeSink
  readonly #wantsText: boolean
  readonly #count = new RunningCount()
  readonly #model: ServedModel

  constructor(sink: DecodeSink, wantsText: boolean) {
    this.#sink = sink
    this.#wantsText = wantsText
    this.#model = new ServedModel((name) => sink.onModel(name))
  }

  read(event: JsonObject): undefined {
    if (event.error) {
      this.#sink.onFailure(streamFailure(event))
      return
    }
    this.#model.hear(textOf(event.model))
    this.#onOutput(event)
    if (event.stop === true) this.#onEnd(event)
  }

  /**
   * Progress of the prompt counts no token. Nothing is sent for part of a character, and the last event may count a token
   * that had no text: whatever raises the count is output.
   */
  #onOutput({ content, tokens, tokens_predicted: predicted }: JsonObject): void {
    const text = textOf(content)
    const fresh = this.#count.since(countOf(predicted))
    const bears = text !== '' || (Array.isArray(tokens) && tokens.length > 0)
    if (bears || fresh > 0) this.#sink.onOutput(fresh, true, this.#wantsText ? text : '')
  }

  #onEnd(event: JsonObject): void {
    const inputTokens = countOf(event.tokens_evaluated)
    const outputTokens = countOf(event.tokens_predicted)
    const cachedTokens = countOf(objectOf(event.timings).cache_n)
    if (inputTokens !== undefined || outputTokens !== undefined) {
      this.#sink.onUsage({
        ...(inputTokens !== undefined && { inputTokens }),
        ...(outputTokens !== undefined && { outputTokens }),
        ...(cachedTokens !== undefined && { cachedTokens }),
      })
    }
    const timings = timingsOf(event.timings)
    if (timings !== undefined) this.#sink.onServerTimings(timings)
    const finish = finishOf(event)
    if (finish !== undefined) this.#sink.onFinish(finish)
    this.#sink.onTerminal()
  }
}

/** Older servers have a flag for each reason. An answer that filled its context is `truncated`: its length ended it. */
function finishOf(event: JsonObject): string | undefined {
  const { stop_type: type } = event
  if (type === 'eos' || type === 'word' || event.stopped_eos === true || event.stopped_word === true)
    return 'stop'
  if (type === 'limit' || event.stopped_limit === true || event.truncated === true) return 'length'
  return undefined
}
