import type { Decoder, DecodeSink } from '../api.js'
import { streamFailure } from '../failure.js'
import { type JsonObject, objectOf, textOf } from '../json.js'
import { type EventReader, jsonEventDecoder } from '../json-events.js'
import { plainTeller } from '../plain.js'
import { finishOf, RunningUsage } from './message.js'

/** Reads a stream of Anthropic's named events. */
export const createMessagesDecoder = (sink: DecodeSink, wantsText: boolean): Decoder =>
  jsonEventDecoder(sink, new MessagesReader(sink, wantsText), wantsText ? undefined : tellPlain)

const tellPlain = plainTeller({
  texts: ['delta.text', 'delta.thinking', 'delta.partial_json'],
  ignored: ['index'],
})

class MessagesReader implements EventReader {
  readonly #sink: DecodeSink
  readonly #wantsText: boolean
  readonly #usage = new RunningUsage()

  constructor(sink: DecodeSink, wantsText: boolean) {
    this.#sink = sink
    this.#wantsText = wantsText
  }

  read(event: JsonObject, name: string): boolean | undefined {
    const type = textOf(event.type) || name
    // llama.cpp's error is known by the name of its event alone.
    if (type === 'error' || name === 'error' || event.error) this.#sink.onFailure(streamFailure(event))
    else if (type === 'content_block_delta') return this.#onText(objectOf(event.delta))
    else if (type === 'content_block_start') this.#onBlock(objectOf(event.content_block))
    else if (type === 'message_start') this.#onStart(objectOf(event.message))
    else if (type === 'message_delta') this.#onMessageDelta(event)
    else if (type === 'message_stop') this.#sink.onTerminal()
    return undefined
  }

  /** Signatures and citations are made beside the model; an empty text tells of no token, though usage may count one. */
  #onText({ type, text, thinking, partial_json: json }: JsonObject): boolean | undefined {
    if (type === 'text_delta' && textOf(text) !== '') return this.#output(true, textOf(text))
    if (type === 'input_json_delta' && textOf(json) !== '') return this.#output(true, '')
    if (type === 'thinking_delta' && textOf(thinking) !== '') return this.#output(false, '')
    return undefined
  }

  /** A call begins with the name that the model wrote; text and thinking begin empty, or should. */
  #onBlock({ type, name, text, thinking }: JsonObject): void {
    if (type === 'text' && textOf(text) !== '') this.#output(true, textOf(text))
    else if (type === 'thinking' && textOf(thinking) !== '') this.#output(false, '')
    else if (textOf(type).endsWith('tool_use') && textOf(name) !== '') this.#output(true, '')
  }

  #output(visible: boolean, text: string): boolean {
    this.#sink.onOutput(-1, visible, this.#wantsText ? text : '')
    return visible
  }

  /** Told before there is output: its count of that is a placeholder. */
  #onStart({ model, usage }: JsonObject): void {
    if (textOf(model) !== '') this.#sink.onModel(textOf(model))
    const { output_tokens: _, ...input } = objectOf(usage)
    this.#onUsage(input)
  }

  #onUsage(raw: JsonObject): void {
    const usage = this.#usage.with(raw)
    if (usage !== undefined) this.#sink.onUsage(usage)
  }

  #onMessageDelta({ delta, usage }: JsonObject): void {
    this.#onUsage(objectOf(usage))
    const reason = textOf(objectOf(delta).stop_reason)
    if (reason !== '') this.#sink.onFinish(finishOf(reason))
  }
}
