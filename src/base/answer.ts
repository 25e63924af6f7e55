/** What a server tells of its own work on one request; ns. Missing: not told. */
export interface ServerTimings {
  readonly queueNs?: number
  /** Bringing the model into memory. */
  readonly loadNs?: number
  readonly prefillNs?: number
  readonly decodeNs?: number
  /** From request to answer, as the server saw it. */
  readonly totalNs?: number
}

/** One of a provider's limits at the moment of an answer. */
export interface LimitState {
  readonly limit?: number
  readonly remaining?: number
  /** Until it is whole again, counted from the answer. */
  readonly resetMs?: number
}

/** The limits that an answer's headers tell. Missing: not told. */
export interface RateLimits {
  readonly requests?: LimitState
  readonly tokens?: LimitState
  readonly inputTokens?: LimitState
  readonly outputTokens?: LimitState
}

/** Names in lower case; repeated fields joined by a comma. */
export type ResponseHeaders = Readonly<Record<string, string>>
