import type { FailureCode, RequestFailure } from '../base/index.js'
import { type RetryPolicy, sdkPolicy } from '../profile/index.js'

/** One attempt that failed, as far as later decisions need it. */
interface Failed {
  readonly code: FailureCode
  readonly httpStatus?: number | undefined
}

/** The last one. */
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
 * @param earlier attempts that failed before this one, in their order
 */
export function delayBeforeNextMs(
  policy: RetryPolicy,
  earlier: readonly Failed[],
  { failure, httpStatus, hadOutput }: FailedAttempt,
  uniform: Uniform,
): number | undefined {
  if (hadOutput) return undefined
  const sdk = sdkPolicy(policy)
  const last = { code: failure.code, httpStatus }
  const { calls, within } = countCalls(sdk, earlier)
  const [deciding, number] = isRetried(sdk, within, last) ? [sdk, within] : [policy, calls]
  if (!isRetried(deciding, number, last)) return undefined
  if (deciding.honourRetryAfter && failure.retryAfterMs !== undefined) return failure.retryAfterMs
  return jittered(deciding, backoffMs(deciding, number), uniform)
}

/** Which call of the client the next attempt belongs to, and which it is within that call; both from 1. */
function countCalls(sdk: RetryPolicy, earlier: readonly Failed[]) {
  let [calls, within] = [1, 1]
  for (const failed of earlier) {
    if (isRetried(sdk, within, failed)) within++
    else [calls, within] = [calls + 1, 1]
  }
  return { calls, within }
}

/** @param number of the attempt that failed, from 1 */
function isRetried(
  { attempts, on, afterHeaders }: RetryPolicy,
  number: number,
  { code, httpStatus = 0 }: Failed,
) {
  const hadHeaders = httpStatus >= 200 && httpStatus < 300
  return number < attempts && on.includes(code) && (afterHeaders || !hadHeaders)
}

function backoffMs({ backoff, baseS, minS, maxS, factor }: RetryPolicy, attempt: number): number {
  if (backoff === 'none') return 0
  const growth = backoff === 'exponential' ? factor ** (attempt - 1) : 1
  return 1000 * Math.max(minS, Math.min(maxS, baseS * growth))
}

function jittered({ jitter }: RetryPolicy, waitMs: number, uniform: Uniform): number {
  if (jitter === 'none') return waitMs
  if (jitter === 'full') return waitMs * uniform()
  return waitMs * (1 - (jitter === 'equal' ? 0.5 : jitter) * uniform())
}
