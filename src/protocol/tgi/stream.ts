import type { Decoder, DecodeSink } from '../api.js'
import { streamFailure } from '../failure.js'
import { countOf, type JsonObject, objectOf, textOf } from '../json.js'
import { type EventReader, jsonEventDecoder } from '../json-events.js'
import { plainTeller } from '../plain.js'

/** Reads a stream of TGI's own: one event per token, the last with the whole text. */
export const createTgiDecoder = (sink: DecodeSink, wantsText: boolean): Decoder =>
  jsonEventDecoder(sink, new TgiReader(sink, wantsText), wantsText ? undefined : tellPlain)

/** Only whether there is a token, whether it is a special one, and the end are ever read. */
const tellPlain = plainTeller({
  texts: ['token.text'],
  ignored: ['index', 'token.id', 'token.logprob'],
})

class TgiReader implements EventReader {
  readonly #sink: DecodeSink
  readonly #wantsText: boolean

  constructor(sink: DecodeSink, wantsText: boolean) {
    this.#sink = sink
    this.#wantsText = wantsText
  }

  read(event: JsonObject): boolean | undefined {
    // Whatever is wrong is told here: the answer's status was 200 before anything was looked at.
    if (event.error) {
      this.#sink.onFailure(streamFailure(event))
      return undefined
    }
    const visible = event.token ? this.#onToken(objectOf(event.token)) : undefined
    if (typeof event.generated_text !== 'string') return visible
    this.#onEnd(objectOf(event.details))
    return undefined
  }

  /** A special token (the end of the text) was generated, and has a text that is none of the answer's. */
  #onToken({ text, special }: JsonObject): boolean {
    const visible = special !== true
    this.#sink.onOutput(-1, visible, this.#wantsText && visible ? textOf(text) : '')
    return visible
  }

  #onEnd(details: JsonObject): void {
    const inputTokens = countOf(details.input_length)
    const outputTokens = countOf(details.generated_tokens)
    if (outputTokens !== undefined) {
      this.#sink.onUsage({ ...(inputTokens !== undefined && { inputTokens }), outputTokens })
    }
    const reason = textOf(details.finish_reason)
    if (reason !== '') this.#sink.onFinish(reason === 'length' ? 'length' : (STOPS.get(reason) ?? reason))
    this.#sink.onTerminal()
  }
}

const STOPS: ReadonlyMap<string, string> = new Map([
  ['eos_token', 'stop'],
  ['stop_sequence', 'stop'],
])
