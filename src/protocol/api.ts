import type { RequestFailure, ResponseHeaders, ServerTimings } from '../base/index.js'

/** A request in no API's form. */
export interface PromptRequest {
  readonly model: string
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  readonly outputTokens: number
  /** Ask for exactly `outputTokens` (the engine obeys `ignore_eos` and `min_tokens`). */
  readonly exactOutput: boolean
  /** Ask for a running token count on every chunk. */
  readonly chunkUsage: boolean
  /** Undefined: greedy where the API lets a client ask for it. */
  readonly temperature?: number | undefined
  readonly seed?: number | undefined
  /** As the API itself writes them: passed through. */
  readonly tools?: readonly unknown[] | undefined
  /** A JSON Schema that the answer is to follow. */
  readonly jsonSchema?: Readonly<Record<string, unknown>> | undefined
  /** `off`: ask the engine not to use its prefix cache; `mark`: ask the provider to cache the prompt. */
  readonly promptCache?: 'default' | 'off' | 'mark'
  readonly extraBody: Readonly<Record<string, unknown>>
}

export interface Usage {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cachedTokens?: number
  readonly reasoningTokens?: number
}

/**
 * What a decoder hands up, in stream order. All of it happens inside `feed`, so the stamp of the read that was fed is the
 * stamp of everything called.
 */
export interface DecodeSink {
  /** Any complete protocol event: role, ping and usage events too. */
  onEvent(): void
  /**
   * Generated output. `tokens` is -1 when the server does not count per chunk; `visible` is false for reasoning; `text` is
   * empty unless the decoder was made to tell it.
   */
  onOutput(tokens: number, visible: boolean, text: string): void
  /** The model that answers, as the server names it: with the first event, and again when it changes. */
  onModel(name: string): void
  onUsage(usage: Usage): void
  onFinish(reason: string): void
  /** The server's own account, told at the end. */
  onServerTimings(timings: ServerTimings): void
  /** The terminal marker: nothing that follows belongs to this answer. */
  onTerminal(): void
  /** The server reported a failure inside the stream, or sent what is no valid event. */
  onFailure(failure: RequestFailure): void
}

export interface Decoder {
  /** Body bytes from one read, `from` up to `to`; they are not needed after the call. */
  feed(bytes: Buffer, from: number, to: number): void
  /** The body is over: whatever is held is all there will be. */
  end(): void
}

/** One API: all that is particular to it. Adding one touches one folder. */
export interface Api {
  readonly name: string
  readonly path: string
  /** Headers that every request of this API carries, beside its content type. */
  readonly headers: Readonly<Record<string, string>>
  /** The server puts its chat template around what is sent, so that the prompt is longer than the text. */
  readonly templated?: boolean
  /** The shortest output that the API lets a client ask for; 1 when left out. */
  readonly minOutputTokens?: number
  /** How a key goes with a request. */
  authorize(key: string): Readonly<Record<string, string>>
  /** The request body as JSON text. */
  encode(request: PromptRequest): string
  /** @param wantsText whether the generated text is of interest: without it, none is decoded */
  createDecoder(sink: DecodeSink, wantsText: boolean): Decoder
  /** Maps an answer with a status of 400 or above into the one taxonomy. `body` is cut to a few kilobytes. */
  failureOf(status: number, body: string, headers: ResponseHeaders): RequestFailure
}
