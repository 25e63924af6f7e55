import type { FailureCode, RateLimits, RequestFailure, ServerTimings } from '../base/index.js'

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
  /** Which of the target's base URLs served it, from 0; only where there are several. */
  readonly origin?: number
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
  /** The moment before its first byte was handed to the socket; of the first attempt, where there were several. */
  readonly sentNs?: number
  /**
   * Attempts that failed and were not the last. What else the record tells is the last one's, but for `sentNs` and for the
   * time to the first chunk, which count from the first. Missing: the first attempt was the only one.
   */
  readonly attempts?: readonly Attempt[]
  /** When the last of several attempts was sent, or tried; missing when the run ended in the pause before it. */
  readonly lastSentNs?: number
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
  /**
   * Characters of the output (Unicode code points), of every 32nd request and of conversations: to keep every text costs more
   * than it tells. Missing where some of it was no visible text, such as reasoning, whose tokens are counted too.
   */
  readonly outputChars?: number
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

/** A try that failed before any output, and that the retry policy did not leave at that. */
export interface Attempt {
  /** When it was sent; when it was tried, where no connection came about. */
  readonly sentNs: number
  readonly endNs: number
  readonly httpStatus?: number
  readonly code: FailureCode
  /** The pause that the policy made of it; the next attempt's own stamp tells how long it was in fact. */
  readonly waitNs: number
}

/** Every planned request ends in exactly one of these. */
export const REQUEST_STATES = ['completed', 'failed', 'timed-out', 'cut-off', 'cancelled', 'unsent'] as const
export type RequestState = (typeof REQUEST_STATES)[number]

type StampSource = 'loop' | 'kernel'

/** `usage`: one final count; `chunk-usage`: a running count on every chunk; `counted`: one token a chunk was assumed. */
export type TokenSource = 'usage' | 'chunk-usage' | 'counted' | 'none'
