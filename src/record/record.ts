import type { RateLimits, RequestFailure, ServerTimings } from '../base/index.js'

/**
 * The one record type. `drive` writes it, `analyse` reads it; neither knows the other.
 *
 *     scheduled ──late──▶ sent ──▶ headers ──▶ first event ──▶ first token ──gaps──▶ last token ──▶ end
 *
 * Every time is in nanoseconds since the run's zero (`run.json`: `zeroMonotonicNs`), on one monotonic clock.
 */
export interface RequestRecord {
  /** Position in the plan, from 0. */
  readonly index: number
  /** Label of the point this request belongs to, such as `concurrency=8`. */
  readonly point: string
  /** The worker that sent it. */
  readonly worker: number
  /**
   * No metric includes warm-up and cool-down. Cool-down requests are no part of the plan: they keep a closed loop that time
   * bounds at full load until the measured requests have ended, and are then cancelled.
   */
  readonly phase: 'warmup' | 'measured' | 'cooldown'
  readonly state: RequestState
  /** Present unless the state is `completed`. */
  readonly error?: RequestFailure

  /** When the plan wanted it sent. In a closed loop: the moment its slot became free. */
  readonly scheduledNs: number
  /** The moment before its first byte was handed to the socket. */
  readonly sentNs?: number
  /** Status line and headers parsed. */
  readonly headersNs?: number
  /** First complete protocol event of any kind. */
  readonly firstEventNs?: number
  /** First event that carries generated output of any kind (text, reasoning, tool call, or a counted token). */
  readonly firstTokenNs?: number
  /** First event that carries visible text: later than `firstTokenNs` on reasoning models. */
  readonly firstVisibleNs?: number
  readonly lastTokenNs?: number
  /** When the request came to its end, whatever the end was. */
  readonly endNs: number
  /** Where the stamps come from: the event loop, or the kernel. */
  readonly stamps: StampSource

  readonly inputTokensAsked: number
  /** As the server counted them (`usage.prompt_tokens`). */
  readonly inputTokens?: number
  readonly cachedTokens?: number
  readonly outputTokensAsked: number
  readonly outputTokens?: number
  readonly reasoningTokens?: number
  /** Where `outputTokens` comes from. */
  readonly tokenSource: TokenSource
  /**
   * Output-bearing chunks, delta-coded pairs: time since the previous chunk in ns (the first since `sentNs`), and the number
   * of tokens in it; -1 when the server did not say. A chunk of k tokens is one stamp with count k: times are never invented.
   */
  readonly chunks: readonly number[]
  /** How many of the chunks shared a read with the chunk before, and so share its stamp. */
  readonly coalescedChunks: number
  /**
   * Of these, how many may have come apart and were bunched by our own lateness: we read them more than a millisecond after
   * the earliest moment at which they can have arrived. The others the server sent together.
   */
  readonly lateCoalescedChunks?: number

  readonly bytesSent: number
  readonly bytesReceived: number
  /** Whether the connection had carried a request before. */
  readonly connectionReused?: boolean
  readonly httpStatus?: number
  readonly finishReason?: string
  /** The model that the answer names, present only where it is not the one asked for: an alias, or another model. */
  readonly servedModel?: string
  /** The server's own account of its work, from its headers or its last event. */
  readonly serverTimings?: ServerTimings
  /** What the answer's headers told of the provider's limits. */
  readonly rateLimits?: RateLimits
  /** As the server calls this request. */
  readonly requestId?: string
  readonly conversation?: number
  readonly turn?: number
}

/** Every planned request ends in exactly one of these. */
export const REQUEST_STATES = ['completed', 'failed', 'timed-out', 'cut-off', 'cancelled', 'unsent'] as const
export type RequestState = (typeof REQUEST_STATES)[number]

type StampSource = 'loop' | 'kernel'

/** `usage`: one final count; `chunk-usage`: a running count on every chunk; `counted`: one token a chunk was assumed. */
export type TokenSource = 'usage' | 'chunk-usage' | 'counted' | 'none'
