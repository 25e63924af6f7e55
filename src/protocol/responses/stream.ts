import type { Decoder, DecodeSink } from '../api.js'
import { streamFailure } from '../failure.js'
import { type JsonObject, objectOf, textOf } from '../json.js'
import { type EventReader, jsonEventDecoder } from '../json-events.js'
import { plainTeller } from '../plain.js'
import { finishOf, usageOf } from './response.js'

/** Reads a stream of OpenAI's typed events. llama.cpp sends fewer of them, with fewer fields. */
export const createResponsesDecoder = (sink: DecodeSink, wantsText: boolean): Decoder =>
  jsonEventDecoder(sink, new ResponsesReader(sink, wantsText), wantsText ? undefined : tellPlain)

/** Where an event belongs, and padding, do not change what it is. */
const tellPlain = plainTeller({
  texts: ['delta'],
  ignored: [
    'sequence_number',
    'item_id',
    'output_index',
    'content_index',
    'summary_index',
    'obfuscation',
    'logprobs',
  ],
})

/** Events whose `delta` was generated, and whether it is part of the answer proper. */
const DELTAS: ReadonlyMap<string, boolean> = new Map([
  ['response.output_text.delta', true],
  ['response.refusal.delta', true],
  ['response.function_call_arguments.delta', true],
  ['response.custom_tool_call_input.delta', true],
  ['response.mcp_call_arguments.delta', true],
  ['response.code_interpreter_call_code.delta', true],
  ['response.audio.delta', true],
  ['response.audio.transcript.delta', true],
  ['response.reasoning_text.delta', false],
  ['response.reasoning_summary_text.delta', false],
])

/** The items that begin with a name that the model wrote. */
const CALLS: ReadonlySet<unknown> = new Set(['function_call', 'custom_tool_call', 'mcp_call'])

class ResponsesReader implements EventReader {
  readonly #sink: DecodeSink
  readonly #wantsText: boolean
  #model = ''

  constructor(sink: DecodeSink, wantsText: boolean) {
    this.#sink = sink
    this.#wantsText = wantsText
  }

  read(event: JsonObject, name: string): boolean | undefined {
    const type = textOf(event.type) || name
    const visible = DELTAS.get(type)
    if (visible !== undefined) return this.#onDelta(textOf(event.delta), type, visible)
    // An error comes as an event of that type, flat or not, or as OpenAI's chat would send it.
    if (type === 'error' || name === 'error' || event.error) this.#sink.onFailure(streamFailure(event))
    else if (type === 'response.output_item.added') this.#onItem(objectOf(event.item))
    else if (event.response) this.#onResponse(type, objectOf(event.response))
    return undefined
  }

  #onDelta(delta: string, type: string, visible: boolean): boolean | undefined {
    if (delta === '') return undefined
    const isText = this.#wantsText && type === 'response.output_text.delta'
    this.#sink.onOutput(-1, visible, isText ? delta : '')
    return visible
  }

  #onItem(item: JsonObject): void {
    if (CALLS.has(item.type) && textOf(item.name) !== '') this.#sink.onOutput(-1, true, '')
  }

  #onResponse(type: string, response: JsonObject): void {
    const model = textOf(response.model)
    if (model !== '' && model !== this.#model) {
      this.#model = model
      this.#sink.onModel(model)
    }
    const end = ENDS.get(type)
    if (end === undefined) return
    const usage = usageOf(response.usage)
    if (usage !== undefined) this.#sink.onUsage(usage)
    this.#onEnd(textOf(response.status) || end, response)
    this.#sink.onTerminal()
  }

  /** vLLM ends an answer that was cut short by its length with `response.completed`: the status inside is the truth. */
  #onEnd(status: string, response: JsonObject): void {
    const finish = finishOf(status, response)
    if (finish !== undefined) this.#sink.onFinish(finish)
    else if (response.error) this.#sink.onFailure(streamFailure(response))
    else
      this.#sink.onFailure({
        code: 'server-error',
        message: `the answer ended with status "${status.slice(0, 40)}"`,
      })
  }
}

/** The events that end a stream, and the status that each stands for when none is told. */
const ENDS: ReadonlyMap<string, string> = new Map([
  ['response.completed', 'completed'],
  ['response.incomplete', 'incomplete'],
  ['response.failed', 'failed'],
  ['response.cancelled', 'cancelled'],
])
