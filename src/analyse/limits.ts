import { NS_PER_S, type RateLimits } from '../base/index.js'
import type { LimitFindings } from './findings-traffic.js'
import type { ReadRecord } from './scan-record.js'

type Kind = keyof RateLimits
const KINDS = ['requests', 'tokens', 'inputTokens', 'outputTokens'] as const satisfies readonly Kind[]

interface Told {
  limit: number
  lowestRemaining: number
  lowestAtS: number
}

/** Follows what a provider tells of its limits, answer by answer, and when it refused. */
export class LimitWatch {
  readonly #told = new Map<Kind, Told>()
  #refusals = 0
  #firstNs = Number.POSITIVE_INFINITY
  #lastNs = Number.NEGATIVE_INFINITY

  add({ rateLimits, headersNs, endNs, error, attempts = [] }: ReadRecord): void {
    for (const { code, endNs: atNs } of attempts) if (code === 'rate-limited') this.#refusedAt(atNs)
    if (error?.code === 'rate-limited') this.#refusedAt(endNs)
    if (rateLimits === undefined) return
    for (const kind of KINDS) this.#note(kind, rateLimits[kind], (headersNs ?? endNs) / NS_PER_S)
  }

  #note(kind: Kind, state: RateLimits[Kind], atS: number): void {
    if (state?.limit === undefined || state.remaining === undefined) return
    const before = this.#told.get(kind)
    if (before !== undefined && before.lowestRemaining <= state.remaining) return
    this.#told.set(kind, { limit: state.limit, lowestRemaining: state.remaining, lowestAtS: atS })
  }

  #refusedAt(atNs: number): void {
    this.#refusals++
    this.#firstNs = Math.min(this.#firstNs, atNs)
    this.#lastNs = Math.max(this.#lastNs, atNs)
  }

  /** Null where no limit was told and none was met. */
  close(): LimitFindings | null {
    if (this.#told.size === 0 && this.#refusals === 0) return null
    const inS = (ns: number): number | null => (this.#refusals === 0 ? null : ns / NS_PER_S)
    return {
      told: KINDS.flatMap((kind) => {
        const told = this.#told.get(kind)
        return told === undefined ? [] : [{ kind, ...told }]
      }),
      refusals: this.#refusals,
      firstRefusalAtS: inS(this.#firstNs),
      lastRefusalAtS: inS(this.#lastNs),
    }
  }
}
