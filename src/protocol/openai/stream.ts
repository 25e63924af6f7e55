import type { Decoder, DecodeSink } from '../api.js'
import { EventFeed, type EventSink } from '../event-feed.js'
import { streamFailure } from '../failure.js'
import { parseObject } from '../json.js'
import { timingsOf } from '../llamacpp/timings.js'
import { type Chunk, finishOf, outputOf, parseChunk, usageOf } from './chunk.js'
import { createScannedChunk, type ScannedChunk, scanChunk } from './scan.js'

/** Reads a stream of OpenAI's two older shapes. */
export const createOpenAiDecoder = (sink: DecodeSink, wantsText: boolean): Decoder =>
  new OpenAiDecoder(sink, wantsText)

const DONE = Buffer.from('[DONE]')

/** Serves one event at a time, and every decoder: nothing is allocated per token. */
const scanned: ScannedChunk = createScannedChunk()

class OpenAiDecoder implements Decoder, EventSink {
  readonly #sink: DecodeSink
  readonly #wantsText: boolean
  readonly #feed = new EventFeed(this)
  #countedTokens = 0
  /** Whether some output came without a count. */
  #uncounted = false
  #model: Buffer | undefined

  constructor(sink: DecodeSink, wantsText: boolean) {
    this.#sink = sink
    this.#wantsText = wantsText
  }

  feed(bytes: Buffer, from: number, to: number): void {
    this.#feed.feed(bytes, from, to)
  }

  end(): void {
    // What an unfinished event held is no event: the marker at the end is missed, and the exchange says so.
  }

  onPlain(visible: boolean): void {
    this.#sink.onEvent()
    this.#onOutput(-1, visible, '')
  }

  onData(bytes: Buffer, from: number, to: number, name: string): void {
    this.#sink.onEvent()
    if (name === 'error') this.#sink.onFailure(streamFailure(parseObject(bytes.toString('utf8', from, to))))
    else if (!this.#wantsText && scanChunk(bytes, from, to, scanned)) this.#onScanned(bytes, scanned)
    else if (equal(DONE, bytes, from, to)) this.#sink.onTerminal()
    else this.#onText(bytes.toString('utf8', from, to))
  }

  onOverflow(): void {
    this.#sink.onFailure({ code: 'protocol-violation', message: 'an event of more than 4 MiB' })
  }

  #onScanned(bytes: Buffer, c: ScannedChunk): void {
    if (c.modelFrom < c.modelTo) this.#onModel(bytes, c.modelFrom, c.modelTo)
    const tokens = c.hasUsage ? this.#tokensSince(c.completionTokens) : -1
    if (c.bears || (tokens > 0 && c.hasChoices)) this.#onOutput(tokens, c.visible || !c.bears, '')
    if (c.hasUsage) {
      this.#sink.onUsage({
        ...(c.promptTokens >= 0 && { inputTokens: c.promptTokens }),
        ...(c.completionTokens >= 0 && { outputTokens: c.completionTokens }),
      })
    }
    if (c.finish !== '') this.#sink.onFinish(c.finish)
    if (c.texts === 1 && !c.hasUsage && c.finish === '') this.#feed.plain(bytes, c.visible)
  }

  #onText(data: string): void {
    const chunk = parseChunk(data)
    if (chunk === undefined) {
      this.#sink.onFailure({
        code: 'protocol-violation',
        message: 'an event whose data is no JSON object',
      })
    } else if (chunk.error) this.#sink.onFailure(streamFailure(chunk.error))
    else this.#onChunk(chunk)
  }

  #onChunk({ model, choices, usage, timings }: Chunk): void {
    if (model !== '') {
      const name = Buffer.from(model)
      this.#onModel(name, 0, name.length)
    }
    const { text, bears, visible } = outputOf(choices)
    const told = usage && usageOf(usage)
    const tokens = told ? this.#tokensSince(told.outputTokens ?? -1) : -1
    if (bears || (tokens > 0 && choices.length > 0)) {
      this.#onOutput(tokens, visible || !bears, this.#wantsText ? text : '')
    }
    if (told) this.#sink.onUsage(told)
    const serverTimings = timingsOf(timings)
    if (serverTimings !== undefined) this.#sink.onServerTimings(serverTimings)
    this.#onFinish(finishOf(choices))
  }

  #onFinish(finish: string): void {
    if (finish === 'abort' || finish === 'error') {
      this.#sink.onFailure({
        code: 'server-error',
        message: `the server ended the answer with finish_reason "${finish}"`,
      })
    } else if (finish !== '') this.#sink.onFinish(finish)
  }

  #onOutput(tokens: number, visible: boolean, text: string): void {
    if (tokens < 0) this.#uncounted = true
    this.#sink.onOutput(tokens, visible, text)
  }

  /**
   * A running count on every chunk tells how many tokens this one brought. A count after output that had none is no running
   * one but the sum of the answer, which LiteLLM and TGI tell beside a choice; and Ollama's completions tell 0 all the way
   * up to that. @param total −1 when not told
   */
  #tokensSince(total: number): number {
    if (this.#uncounted || total === 0) return -1
    const fresh = total < 0 ? 0 : total - this.#countedTokens
    this.#countedTokens += fresh
    return fresh
  }

  #onModel(bytes: Buffer, from: number, to: number): void {
    if (this.#model !== undefined && equal(this.#model, bytes, from, to)) return
    // Those that name the model of before will tell of a change.
    this.#feed.forget()
    this.#model = Buffer.from(bytes.subarray(from, to))
    this.#sink.onModel(this.#model.toString('utf8'))
  }
}

/** For a few bytes a loop is quicker than a call out of JavaScript. */
function equal(word: Buffer, bytes: Buffer, from: number, to: number): boolean {
  if (word.length !== to - from) return false
  for (let i = 0; i < word.length; i++) if (word[i] !== bytes[from + i]) return false
  return true
}
