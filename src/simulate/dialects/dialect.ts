import type { Standing } from '../rate-limits.js'
import type { RequestError } from '../request-error.js'
import type { Headers, Identity, Shape } from '../shape.js'

/** What a client asked of the engine, whichever API it used. */
export interface GenerateRequest {
  /** Undefined: whatever is served. */
  readonly model: string | undefined
  readonly prompt: Int32Array
  /** Undefined: up to the end of the context. */
  readonly maxTokens: number | undefined
  readonly minTokens: number
  readonly ignoreEos: boolean
  readonly stream: boolean
  /** Output tokens per frame after the first. */
  readonly streamInterval: number
  /** Set where the same request must give the same output: a seed was given, or the temperature is 0. */
  readonly outputSeed: number | undefined
  readonly salt: number
  /** Whether the answer keeps its reasoning apart, where the simulator is set to reason. */
  readonly reasons: boolean
}

/** A request that was understood, and how its answer is told. */
export interface Ask {
  readonly request: GenerateRequest
  shape(identity: Identity): Shape
}

/** What a request may refer to. */
export interface Served {
  readonly model: string
  readonly maxModelLen: number
}

/** An answer that is no generation. */
interface Refusal {
  readonly status: number
  readonly body: string
  /** JSON unless given. */
  readonly contentType?: string
}

/** What the answers of an API have in common. */
export interface Manners {
  /** @param body the request as far as it could be read: some APIs refuse a stream with a stream */
  refuse(error: RequestError, body: unknown, id: string): Refusal
  /** Headers of every answer, refusals included. `elapsedMs` is the time since the request's receipt. */
  headers?(id: string, elapsedMs: number): Headers
  /** How the account's limits are told; not at all where the API knows none. */
  limitHeaders?(standing: Standing, error: RequestError | undefined): Headers
}

/** One generating endpoint. */
export interface Endpoint extends Manners {
  /** @throws RequestError when the request cannot be used */
  parse(body: unknown, served: Served): Ask
}
