import { z } from 'zod'
import { FAILURE_CODES, type FailureCode } from '../base/index.js'

/** What an application does when a request fails before any output has come. Times in seconds. */
export interface RetryPolicy {
  /** The name it goes by; its values may have been changed one by one. */
  readonly policy: RetryPolicyName
  /** Of one request, the first included: 1 never retries. */
  readonly attempts: number
  readonly backoff: 'none' | 'fixed' | 'exponential'
  /** Before the second attempt, unless `minS` is longer. */
  readonly baseS: number
  /** No wait of the backoff's own is shorter, nor longer. */
  readonly minS: number
  readonly maxS: number
  /** Exponential: each wait is so many times the one before. */
  readonly factor: number
  /** none; full: anything from 0 to the wait; equal: from half of it on; a share: up to so much less. */
  readonly jitter: 'none' | 'full' | 'equal' | number
  /** A wait that the server asks for takes the place of the backoff's. */
  readonly honourRetryAfter: boolean
  /** Whether an answer with status 200 that fails before its first output is tried again too. */
  readonly afterHeaders: boolean
  readonly on: readonly FailureCode[]
  /** How often the official client beneath tries again by itself, before each attempt of the policy counts as failed. */
  readonly sdkRetries: number
}

const RETRY_POLICY_NAMES = [
  'none',
  'fixed',
  'exponential',
  'openai-sdk',
  'tenacity',
  'tenacity-over-sdk',
] as const
type RetryPolicyName = (typeof RETRY_POLICY_NAMES)[number]

const TRANSIENT: readonly FailureCode[] = [
  'rate-limited',
  'overloaded',
  'server-error',
  'gateway',
  'reset',
  'refused',
  'deadline-ttft',
]

/** Whatever a target or the way to it can do to a call: all that reaches the caller as an exception. */
const EXCEPTIONS: readonly FailureCode[] = FAILURE_CODES.filter(
  (code) => !['client-limit', 'stopped', 'no-slot', 'budget', 'turn-lost'].includes(code),
)

const NONE: Omit<RetryPolicy, 'policy'> = {
  attempts: 1,
  backoff: 'none',
  baseS: 1,
  minS: 0,
  maxS: 60,
  factor: 2,
  jitter: 'none',
  honourRetryAfter: false,
  afterHeaders: true,
  on: TRANSIENT,
  sdkRetries: 0,
}

/**
 * `@retry(stop_after_attempt(4), wait_exponential(multiplier=1, min=2, max=30))` around the call, as many applications have
 * it: 1 s · 2ⁿ raised to 2 s makes waits of 2, 2 and 4 s, and every exception is tried again, a wrong key too.
 */
const TENACITY: Omit<RetryPolicy, 'policy'> = {
  ...NONE,
  ...{ attempts: 4, backoff: 'exponential', baseS: 1, minS: 2, maxS: 30, on: EXCEPTIONS },
}

const POLICIES: Readonly<Record<RetryPolicyName, Omit<RetryPolicy, 'policy'>>> = {
  none: NONE,
  fixed: { ...NONE, attempts: 4, backoff: 'fixed' },
  exponential: { ...NONE, attempts: 4, backoff: 'exponential', jitter: 'full', honourRetryAfter: true },
  // As the official clients do, in JavaScript and Python: 2 retries, 0.5 s · 2ⁿ up to 8 s less up to a quarter.
  'openai-sdk': {
    ...NONE,
    ...{ attempts: 3, backoff: 'exponential', baseS: 0.5, maxS: 8, jitter: 0.25 },
    ...{ honourRetryAfter: true, afterHeaders: false },
  },
  tenacity: TENACITY,
  // The client beneath retries by itself unless it is told not to: up to 12 attempts.
  'tenacity-over-sdk': { ...TENACITY, sdkRetries: 2 },
}

const seconds = z.number().nonnegative().max(3600)

export const retrySchema = z
  .strictObject({
    policy: z
      .enum(RETRY_POLICY_NAMES)
      .default('none')
      .describe(
        'a named policy, whose values the others here change one by one; openai-sdk: 3 attempts, 0.5 s · 2ⁿ up to 8 s less up to a quarter, honours Retry-After; tenacity: 4 attempts of whatever fails, after 2, 2 and 4 s; tenacity-over-sdk: the same around a client that retries by itself, up to 12 attempts',
      ),
    attempts: z.int().positive().max(100).optional().describe('of one request, the first included'),
    backoff: z.enum(['none', 'fixed', 'exponential']).optional().describe('how the wait grows'),
    baseS: seconds.optional().describe('wait before the second attempt'),
    minS: seconds.optional().describe('the shortest wait of the backoff'),
    maxS: seconds.optional().describe('the longest wait, unless the server asks for a longer one'),
    factor: z.number().min(1).max(100).optional().describe('exponential: growth from one wait to the next'),
    jitter: z
      .union([z.enum(['none', 'full', 'equal']), z.number().min(0).max(1)])
      .optional()
      .describe(
        'none, full (from 0 to the wait), equal (from half of it on), or the share it may be shorter by',
      ),
    honourRetryAfter: z.boolean().optional().describe('wait as long as the server asks'),
    afterHeaders: z
      .boolean()
      .optional()
      .describe(
        'retry also an answer with status 200 that fails before its first output; official SDKs do not',
      ),
    on: z.array(z.enum(FAILURE_CODES)).optional().describe('failures that are tried again'),
    sdkRetries: z
      .int()
      .min(0)
      .max(20)
      .optional()
      .describe('retries of the official client beneath, which come first and by its own rules'),
  })
  .transform(
    (given): RetryPolicy => ({ ...POLICIES[given.policy], ...withoutAbsent(given), policy: given.policy }),
  )

/** What the official client beneath a policy does. */
export const sdkPolicy = ({ sdkRetries }: RetryPolicy): RetryPolicy => ({
  ...POLICIES['openai-sdk'],
  ...{ policy: 'openai-sdk', attempts: 1 + sdkRetries },
})

/** Of one request, at the most. */
export const attemptsAllowed = ({ attempts, sdkRetries }: RetryPolicy): number => attempts * (1 + sdkRetries)

const withoutAbsent = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
