import type { Decoder, DecodeSink } from '../api.js'
import { durationNs } from '../duration.js'
import { streamFailure } from '../failure.js'
import { countOf, type JsonObject, objectOf, textOf } from '../json.js'
import { type EventReader, jsonEventDecoder } from '../json-events.js'
import { LineSplitter } from '../lines.js'
import { plainTeller } from '../plain.js'
import { ServedModel } from '../served-model.js'
import type { SseSink } from '../sse.js'

/** Reads a body of JSON lines: `message` in a chat, `response` beside `thinking` otherwise. */
export function createOllamaDecoder(sink: DecodeSink, wantsText: boolean): Decoder {
  let lines: LineSplitter | undefined
  const split = (events: SseSink): LineSplitter => {
    lines = new LineSplitter(events)
    return lines
  }
  const reader = new OllamaReader(sink, wantsText)
  const decoder = jsonEventDecoder(sink, reader, wantsText ? undefined : tellPlain, split)
  return {
    feed: (bytes, from, to) => decoder.feed(bytes, from, to),
    end: () => {
      lines?.end()
      decoder.end()
    },
  }
}

const tellPlain = plainTeller({
  texts: ['message.content', 'message.thinking', 'response', 'thinking'],
  ignored: ['created_at'],
})

class OllamaReader implements EventReader {
  readonly #sink: DecodeSink
  readonly #wantsText: boolean
  readonly #model: ServedModel

  constructor(sink: DecodeSink, wantsText: boolean) {
    this.#sink = sink
    this.#wantsText = wantsText
    this.#model = new ServedModel((name) => sink.onModel(name))
  }

  read(line: JsonObject): boolean | undefined {
    if (line.error) {
      this.#sink.onFailure(streamFailure(line))
      return undefined
    }
    this.#model.hear(textOf(line.model))
    const visible = this.#onOutput(line, objectOf(line.message))
    if (line.done !== true) return visible
    this.#onDone(line)
    return undefined
  }

  /** One line, one output, whether it holds thinking, an answer, a call, or several of them. */
  #onOutput({ response, thinking }: JsonObject, message: JsonObject): boolean | undefined {
    const text = textOf(message.content) + textOf(response)
    const calls = Array.isArray(message.tool_calls) && message.tool_calls.length > 0
    const visible = text !== '' || calls
    if (!visible && textOf(message.thinking) + textOf(thinking) === '') return undefined
    this.#sink.onOutput(-1, visible, this.#wantsText ? text : '')
    return visible
  }

  #onDone(line: JsonObject): void {
    const inputTokens = countOf(line.prompt_eval_count)
    const outputTokens = countOf(line.eval_count)
    if (inputTokens !== undefined || outputTokens !== undefined) {
      this.#sink.onUsage({
        ...(inputTokens !== undefined && { inputTokens }),
        ...(outputTokens !== undefined && { outputTokens }),
      })
    }
    this.#onDurations(line)
    const reason = textOf(line.done_reason)
    if (reason !== '') this.#sink.onFinish(reason)
    this.#sink.onTerminal()
  }

  /** In ns. One that is missing is 0, as Ollama writes them; where all are, nothing was told. */
  #onDurations(line: JsonObject): void {
    const totalNs = durationNs(line.total_duration, 1)
    if (totalNs === undefined) return
    this.#sink.onServerTimings({
      loadNs: durationNs(line.load_duration, 1) ?? 0,
      prefillNs: durationNs(line.prompt_eval_duration, 1) ?? 0,
      decodeNs: durationNs(line.eval_duration, 1) ?? 0,
      totalNs,
    })
  }
}
