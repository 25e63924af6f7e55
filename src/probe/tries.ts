import type { RequestFailure } from '../base/index.js'
import type { Api, DecodeSink, PromptRequest, Usage } from '../protocol/index.js'
import { type Answer, type Asker, objectIn } from './asker.js'

/** What one answer of an API was, as its decoder heard it. Stamps are ns on the machine's monotonic clock. */
export interface Heard {
  readonly api: string
  readonly answer: Answer
  /** One for each event that bore output: when it was read, and its tokens; −1 where the server does not count them. */
  readonly outputs: readonly { readonly atNs: number; readonly tokens: number }[]
  readonly usage: Usage
  /** Whether `usage` told the output's tokens before the last output had come. */
  readonly runningUsage: boolean
  readonly finish?: string
  /** The end was told, by marker or by last event. */
  readonly terminal: boolean
  readonly model?: string
  readonly failure?: RequestFailure
}

export type Question = Pick<PromptRequest, 'model' | 'outputTokens'> & {
  readonly prompt: string
  readonly exactOutput?: boolean
  readonly chunkUsage?: boolean
  /** With the key, as the API wants it. */
  readonly headers: Headers
  readonly deadlineMs: number
}

type Headers = Readonly<Record<string, string>>

/** The request as the API writes it. */
export const bodyOf = (
  api: Api,
  {
    model,
    outputTokens,
    prompt,
    exactOutput = false,
    chunkUsage = false,
  }: Omit<Question, 'deadlineMs' | 'headers'>,
): string =>
  api.encode({
    ...{ model, outputTokens, exactOutput, chunkUsage, extraBody: {} },
    messages: [{ role: 'user', content: prompt }],
  })

/** Asks once, and hears the answer through the API's own decoder. */
export async function hear(api: Api, asker: Asker, question: Question): Promise<Heard> {
  const ear = new Ear(api.name)
  const decoder = api.createDecoder(ear, false)
  const answer = await asker.ask({
    path: api.path,
    headers: { ...api.headers, ...question.headers },
    body: bodyOf(api, question),
    deadlineMs: question.deadlineMs,
    onData(atNs, bytes) {
      ear.atNs = atNs
      decoder.feed(bytes, 0, bytes.length)
    },
  })
  decoder.end()
  return ear.heard(answer, failureIn(api, answer))
}

function failureIn(api: Api, { status, text, headers, failure }: Answer): RequestFailure | undefined {
  if (failure || status === undefined || status < 400) return failure
  return api.failureOf(status, text.slice(0, 8 * 1024), headers)
}

class Ear implements DecodeSink {
  /** Of the read that is being decoded. */
  atNs = 0
  readonly #api: string
  readonly #outputs: { atNs: number; tokens: number }[] = []
  #usage: Usage = {}
  #runningUsage = false
  #finish: string | undefined
  #terminal = false
  #model: string | undefined
  #failure: RequestFailure | undefined

  constructor(api: string) {
    this.#api = api
  }

  onEvent(): void {
    // Only what an event brings is of interest.
  }

  onOutput(tokens: number): void {
    if (this.#usage.outputTokens !== undefined) this.#runningUsage = true
    this.#outputs.push({ atNs: this.atNs, tokens })
  }

  onModel(name: string): void {
    this.#model = name
  }

  onUsage(usage: Usage): void {
    this.#usage = { ...this.#usage, ...usage }
  }

  onFinish(reason: string): void {
    this.#finish = reason
  }

  onServerTimings(): void {
    // Our own stamps are what is shown.
  }

  onTerminal(): void {
    this.#terminal = true
  }

  onFailure(failure: RequestFailure): void {
    this.#failure ??= failure
  }

  /** @param failure of the answer as a whole; what the server said inside it goes first */
  heard(answer: Answer, failure: RequestFailure | undefined): Heard {
    // A body that is no stream makes a decoder complain of its form; then the status says what happened.
    const told = answer.status !== undefined && answer.status >= 400 ? failure : (this.#failure ?? failure)
    return {
      api: this.#api,
      answer,
      outputs: this.#outputs,
      usage: this.#usage,
      runningUsage: this.#runningUsage,
      ...(this.#finish !== undefined && { finish: this.#finish }),
      terminal: this.#terminal,
      ...(this.#model !== undefined && { model: this.#model }),
      ...(told && { failure: told }),
    }
  }
}

/**
 * `streams`: a stream with output. `whole`: one JSON document.
 * `refused`: the route is there and says no. `absent`: no such route. `silent`: no usable answer at all.
 */
export type Verdict = 'streams' | 'whole' | 'refused' | 'absent' | 'silent' | 'not asked'

/** Field that an answer in one piece has at its top. */
const WHOLE: Readonly<Record<string, string>> = {
  'openai-chat': 'choices',
  'openai-completions': 'choices',
  'openai-responses': 'output',
  'anthropic-messages': 'content',
  'tgi-generate': 'generated_text',
  'ollama-chat': 'message',
  'ollama-generate': 'response',
  'llamacpp-completion': 'content',
  'sglang-generate': 'text',
}

export function verdictOf(heard: Heard): Verdict {
  const { answer, outputs, failure, terminal, finish } = heard
  const { status } = answer
  if (failure?.code === 'stopped' && status === undefined) return 'not asked'
  if (outputs.length > 0) return 'streams'
  if (status === undefined) return 'silent'
  if (status < 300) {
    // A stream of one line is a document, too, by its looks.
    if (!isStream(answer) && objectIn(answer)?.[WHOLE[heard.api] ?? ''] !== undefined) return 'whole'
    // An end without any output: the model had nothing to say, in this API's own way.
    if (terminal && finish !== undefined) return 'streams'
    return failure !== undefined && isStream(answer) ? 'refused' : answer.failure ? 'silent' : 'absent'
  }
  if (status < 400 || status === 405 || status === 501) return 'absent'
  return status === 404 ? missing(answer) : 'refused'
}

const isStream = ({ headers }: Answer): boolean => /event-stream|ndjson/.test(headers['content-type'] ?? '')

/** A route that is there may not know the model; the answer then speaks of it. */
const missing = ({ text }: Answer): Verdict =>
  /\bmodel\b/i.test(text) && !/<html/i.test(text) ? 'refused' : 'absent'

/** Whether what was asked for came. */
export const answers = (verdict: Verdict): boolean => verdict === 'streams' || verdict === 'whole'

/** Reads that brought output; what comes in one read was there at the same time. */
export const readsOf = ({ outputs }: Heard): number => new Set(outputs.map(({ atNs }) => atNs)).size

/** Output tokens by the server's own count. */
export function countedTokens({ usage, answer }: Heard): number | undefined {
  if (usage.outputTokens !== undefined) return usage.outputTokens
  // An answer in one piece, which the decoders of streams pass over.
  const whole = objectIn(answer)
  const counts = whole?.usage as Record<string, unknown> | undefined
  const count = counts?.completion_tokens ?? counts?.output_tokens ?? whole?.eval_count
  return typeof count === 'number' ? count : undefined
}
