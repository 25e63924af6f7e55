import type { SimulatorSettings } from './description-schema.js'
import { RequestError } from './request-error.js'

/** How far a limit is used up. Amounts are requests or tokens. */
export interface LimitStanding {
  readonly perMin: number
  /** Whole ones left. */
  readonly remaining: number
  /** Until nothing is used up any more, in ms. */
  readonly resetMs: number
}

export interface Standing {
  readonly requests: LimitStanding | undefined
  readonly tokens: LimitStanding | undefined
}

/**
 * A token bucket: full at the start, filled again at a steady rate, never beyond its capacity.
 *
 *     level(t) = min(capacity, level(t0) + (t − t0) · perMin / 60 s)
 */
export class Bucket {
  readonly #perMin: number
  readonly #capacity: number
  #level: number
  #atNs = 0

  /** @param burstS how many seconds' worth the bucket holds; it holds one at least */
  constructor(perMin: number, burstS: number) {
    this.#perMin = perMin
    this.#capacity = Math.max(1, (perMin * burstS) / 60)
    this.#level = this.#capacity
  }

  /** How long until `amount` can be taken, in ns; infinite for more than it ever holds. */
  waitNs(amount: number, nowNs: number): number {
    if (amount > this.#capacity) return Number.POSITIVE_INFINITY
    return Math.max(0, amount - this.#levelAt(nowNs)) * this.#nsPerOne
  }

  take(amount: number, nowNs: number): void {
    this.#level = this.#levelAt(nowNs) - amount
    this.#atNs = nowNs
  }

  standing(nowNs: number): LimitStanding {
    const level = this.#levelAt(nowNs)
    const resetMs = ((this.#capacity - level) * this.#nsPerOne) / 1e6
    return { perMin: this.#perMin, remaining: Math.max(0, Math.floor(level + ROUNDING)), resetMs }
  }

  #levelAt(nowNs: number): number {
    return Math.min(this.#capacity, this.#level + (nowNs - this.#atNs) / this.#nsPerOne)
  }

  get #nsPerOne(): number {
    return 60e9 / this.#perMin
  }
}

/** Of binary fractions: a wait of exactly the time told must do. */
const ROUNDING = 1e-9

/** What an account may use per minute. A refused request uses up nothing. */
export class RateLimiter {
  readonly #requests: Bucket | undefined
  readonly #tokens: Bucket | undefined

  constructor({ requestsPerMin, tokensPerMin, burstS }: NonNullable<SimulatorSettings['rateLimits']>) {
    this.#requests = requestsPerMin === undefined ? undefined : new Bucket(requestsPerMin, burstS)
    this.#tokens = tokensPerMin === undefined ? undefined : new Bucket(tokensPerMin, burstS)
  }

  /**
   * Takes a request of so many tokens, prompt and most output together.
   *
   * @throws RequestError with the time to wait; without one when the request is above what is ever left
   */
  take(tokens: number, nowNs: number): void {
    const requestNs = this.#requests?.waitNs(1 - ROUNDING, nowNs) ?? 0
    const tokenNs = this.#tokens?.waitNs(tokens - ROUNDING, nowNs) ?? 0
    const waitNs = Math.max(requestNs, tokenNs)
    if (waitNs > 0) throw limited(requestNs >= tokenNs ? 'requests' : 'tokens', waitNs)
    this.#requests?.take(1, nowNs)
    this.#tokens?.take(tokens, nowNs)
  }

  standing(nowNs: number): Standing {
    return { requests: this.#requests?.standing(nowNs), tokens: this.#tokens?.standing(nowNs) }
  }
}

function limited(limit: 'requests' | 'tokens', waitNs: number): RequestError {
  if (waitNs === Number.POSITIVE_INFINITY)
    return new RequestError('rate-limited', `the request alone is above the limit on ${limit}`, { limit })
  const retryAfterMs = Math.ceil(waitNs / 1e6)
  const message = `the limit on ${limit} per minute is reached; try again in ${retryAfterMs} ms`
  return new RequestError('rate-limited', message, { limit, retryAfterMs })
}
