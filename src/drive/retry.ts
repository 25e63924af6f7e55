import type { RequestFailure } from '../base/index.js'
import type { RetryPolicy } from '../profile/index.js'

/** One attempt that failed, as far as the decision to try again needs it. */
export interface FailedAttempt {
  readonly failure: RequestFailure
  readonly httpStatus?: number | undefined
  /** Output had begun: no client can take back what its user has read. */
  readonly hadOutput: boolean
}

/** Uniform in [0, 1). */
type Uniform = () => number

/**
 * How long to wait before trying again, in ms; undefined when the failure is final.
 * @param attempt number of the one that failed, from 1
 */
export function delayBeforeNextMs(
  policy: RetryPolicy,
  attempt: number,
  { failure, httpStatus = 0, hadOutput }: FailedAttempt,
  uniform: Uniform,
): number | undefined {
  if (attempt >= policy.attempts || hadOutput || !policy.on.includes(failure.code)) return undefined
  if (!policy.afterHeaders && httpStatus >= 200 && httpStatus < 300) return undefined
  if (policy.honourRetryAfter && failure.retryAfterMs !== undefined) return failure.retryAfterMs
  return jittered(policy, backoffMs(policy, attempt), uniform)
}

function backoffMs({ backoff, baseS, maxS, factor }: RetryPolicy, attempt: number): number {
  if (backoff === 'none') return 0
  const growth = backoff === 'exponential' ? factor ** (attempt - 1) : 1
  return 1000 * Math.min(maxS, baseS * growth)
}

function jittered({ jitter }: RetryPolicy, waitMs: number, uniform: Uniform): number {
  if (jitter === 'none') return waitMs
  if (jitter === 'full') return waitMs * uniform()
  return waitMs * (1 - (jitter === 'equal' ? 0.5 : jitter) * uniform())
}
