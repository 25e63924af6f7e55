import type { RequestError } from './request-error.js'
import type { FinishReason } from './sequence.js'

/** Puts one frame on its way as it stands; `tells` when it is the one that tells of a piece's tokens. */
export type Emit = (frame: string, tells?: boolean) => void

/** Tokens as `usage` tells them. `reasoning` is part of `output`, `cached` of `prompt`. */
export interface Counts {
  readonly prompt: number
  readonly output: number
  readonly reasoning: number
  readonly cached: number
}

/** Moments of a request on the machine's monotonic clock, in ns. */
export interface Times {
  readonly arrivalNs: number
  /** How long it waited for the model to be loaded. */
  readonly loadNs: number
  /** When the engine began on its prompt. */
  readonly startedNs: number
  readonly firstNs: number
  readonly endNs: number
}

/** Output of one or more tokens, all of one kind. */
export interface Piece {
  readonly kind: 'reasoning' | 'text'
  /** Empty only for a token without text. */
  readonly text: string
  readonly ids: readonly number[]
  /** Set on the last piece. */
  readonly finish: FinishReason | undefined
  /** Counts with this piece. */
  readonly counts: Counts
  readonly times: Times
}

export interface Ending {
  readonly finish: FinishReason
  readonly counts: Counts
  readonly times: Times
}

/** The answer to a request that does not stream. */
export interface Whole extends Ending {
  readonly reasoning: string
  readonly text: string
  readonly ids: readonly number[]
}

export type Headers = Readonly<Record<string, string>>

/** One answer in the terms of an API: made anew for every request, so that it may count and remember. */
export interface Shape {
  /** Content type of a stream. */
  readonly contentType: string
  /** Beside those that every answer of the API has; of streams. */
  readonly headers?: Headers
  /** A stream's headers go out with its first frame, and not as soon as the request is understood. */
  readonly opensLate?: boolean
  /** Frames that go out at once, before the engine has even seen the request. */
  accepted?(emit: Emit): void
  /** Frames right before the first token. */
  opening?(emit: Emit, counts: Counts, times: Times): void
  piece(emit: Emit, piece: Piece): void
  /** Frames after the last piece, up to the end of the stream. */
  closing?(emit: Emit, ending: Ending): void
  /** Frames of a stream that fails on its way, up to its end. */
  failure(emit: Emit, error: RequestError): void
  /** A frame whose JSON breaks off. */
  readonly broken: string
  whole(answer: Whole): { readonly body: string; readonly headers?: Headers }
}

/** What an answer says of itself. */
export interface Identity {
  /** Without the prefix that an API may give it. */
  readonly id: string
  readonly model: string
  /** Unix time in seconds. */
  readonly created: number
}

export const EVENT_STREAM = 'text/event-stream; charset=utf-8'

/** One server-sent event without a name. */
export const dataEvent = (data: string): string => `data: ${data}\n\n`
/** One with. */
export const namedEvent = (name: string, data: object): string =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
