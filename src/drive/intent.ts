import type { RateLimits, ServerTimings } from '../base/index.js'
import type { Usage } from '../protocol/index.js'
import type { Attempt, RequestRecord } from '../record/index.js'
import type { Blueprint } from '../workload/index.js'

/** What is known of a request before it is sent. */
export interface Intent {
  readonly blueprint: Blueprint
  readonly phase: RequestRecord['phase']
  readonly scheduledNs: number
  /** Keep the generated text until the request has ended: for the next turn of a conversation, or to count its characters. */
  readonly keepText: boolean
}

/** What a request left behind by the time it ended. Undefined: it never came to that. */
export interface Trail {
  readonly intent: Intent
  readonly bytesSent: number
  /** Of this attempt. */
  readonly sentNs: number | undefined
  /** The attempts before this one. */
  readonly earlier: readonly Attempt[]
  /** When this attempt was sent, or tried. Undefined: there was none after those. */
  readonly triedNs: number | undefined
  readonly connectionReused: boolean | undefined
  readonly headersNs: number | undefined
  readonly httpStatus: number | undefined
  readonly firstEventNs: number | undefined
  readonly firstTokenNs: number | undefined
  readonly firstVisibleNs: number | undefined
  readonly lastTokenNs: number | undefined
  readonly usage: Usage | undefined
  readonly finishReason: string | undefined
  /** '' unless it is kept. */
  readonly text: string
  readonly bytesReceived: number
  readonly coalescedChunks: number
  readonly lateCoalescedChunks: number
  readonly servedModel: string | undefined
  readonly serverTimings: ServerTimings | undefined
  readonly rateLimits: RateLimits | undefined
  readonly requestId: string | undefined
  /** Delta-coded pairs, as in the record, not yet rounded. */
  readonly chunks: readonly number[]
}
