import type { LimitState, RateLimits, ResponseHeaders, ServerTimings } from '../base/index.js'

/** What the head of an answer tells beside its status. */
export interface HeaderNotes {
  readonly timings?: ServerTimings
  readonly rateLimits?: RateLimits
  readonly requestId?: string
}

/** Reads what OpenAI, Anthropic and TGI put into their headers, and whoever does it like them. */
export function readHeaders(headers: ResponseHeaders, nowMs = Date.now()): HeaderNotes {
  const timings = timingsOf(headers)
  const rateLimits = rateLimitsOf(headers, nowMs)
  const requestId = headers['x-request-id'] ?? headers['request-id']
  return {
    ...(timings && { timings }),
    ...(rateLimits && { rateLimits }),
    ...(requestId !== undefined && { requestId: requestId.slice(0, 100) }),
  }
}

const NS_PER_MS = 1e6

/** Milliseconds, all of them. TGI tells its only on answers that are not streamed. */
function timingsOf(headers: ResponseHeaders): ServerTimings | undefined {
  const totalNs = nsOf(headers['openai-processing-ms'] ?? headers['x-total-time'])
  const queueNs = nsOf(headers['x-queue-time'])
  const decodeNs = nsOf(headers['x-inference-time'])
  if (totalNs === undefined && queueNs === undefined && decodeNs === undefined) return undefined
  return {
    ...(queueNs !== undefined && { queueNs }),
    ...(decodeNs !== undefined && { decodeNs }),
    ...(totalNs !== undefined && { totalNs }),
  }
}

const nsOf = (text: string | undefined): number | undefined => {
  const ms = numberOf(text)
  return ms === undefined ? undefined : Math.round(ms * NS_PER_MS)
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const value = Number(text)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

function rateLimitsOf(headers: ResponseHeaders, nowMs: number): RateLimits | undefined {
  const limits: Record<string, LimitState> = {}
  for (const [field, openAi, anthropic] of KINDS) {
    const state =
      stateOf((what) => (openAi === '' ? undefined : headers[`x-ratelimit-${what}-${openAi}`]), nowMs) ??
      stateOf((what) => headers[`anthropic-ratelimit-${anthropic}-${what}`], nowMs)
    if (state !== undefined) limits[field] = state
  }
  return Object.keys(limits).length === 0 ? undefined : limits
}

const KINDS = [
  ['requests', 'requests', 'requests'],
  ['tokens', 'tokens', 'tokens'],
  ['inputTokens', '', 'input-tokens'],
  ['outputTokens', '', 'output-tokens'],
] as const

function stateOf(
  read: (what: 'limit' | 'remaining' | 'reset') => string | undefined,
  nowMs: number,
): LimitState | undefined {
  const limit = numberOf(read('limit'))
  const remaining = numberOf(read('remaining'))
  const resetMs = resetMsOf(read('reset'), nowMs)
  if (limit === undefined && remaining === undefined && resetMs === undefined) return undefined
  return {
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(resetMs !== undefined && { resetMs }),
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** OpenAI writes a duration (`6m0s`, `20ms`), Anthropic the moment (RFC 3339). */
function resetMsOf(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  if (/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) {
    let sum = 0
    for (const [, value, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
      sum += Number(value) * (UNIT_MS[unit ?? ''] ?? 0)
    }
    return sum
  }
  const atMs = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}
