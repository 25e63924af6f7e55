import type { LimitStanding } from '../../rate-limits.js'
import type { ErrorKind, RequestError } from '../../request-error.js'
import type { Headers } from '../../shape.js'
import type { Manners } from '../dialect.js'

interface Words {
  readonly status: number
  readonly type: string
  /** OpenAI's own code; vLLM repeats the status as a number instead. */
  readonly code?: string
}

/** vLLM's names where vLLM has such an error, OpenAI's where only OpenAI does. */
const WORDS: Readonly<Record<ErrorKind, Words>> = {
  invalid: { status: 400, type: 'BadRequestError' },
  'too-long': { status: 400, type: 'BadRequestError' },
  'no-model': { status: 404, type: 'NotFoundError' },
  'no-key': { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
  'rate-limited': { status: 429, type: 'RateLimitError' },
  'no-quota': { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
  overloaded: { status: 503, type: 'service_unavailable_error', code: 'server_is_overloaded' },
  unavailable: { status: 503, type: 'ServiceUnavailableError' },
  failed: { status: 500, type: 'InternalServerError' },
}

/** An account's limit has a name of its own; a refusal that was injected has not. */
const wordsOf = ({ kind, particulars: { limit } }: RequestError): Words =>
  limit === undefined ? WORDS[kind] : { status: 429, type: limit, code: 'rate_limit_exceeded' }

export const statusOf = (error: RequestError): number => wordsOf(error).status

export function errorBody(error: RequestError): string {
  const { status, type, code = status } = wordsOf(error)
  return JSON.stringify({ error: { message: error.message, type, param: error.param, code } })
}

/** OpenAI's code of an error, for the API that tells no other. */
export const errorCode = (error: RequestError): string => wordsOf(error).code ?? 'server_error'

/** How OpenAI writes a duration: `20ms`, `1.5s`, `6m0s`, `1h0m0s`. */
export function goDuration(ms: number): string {
  const whole = Math.ceil(ms)
  if (whole < 1000) return `${whole}ms`
  const hours = Math.floor(whole / 3_600_000)
  const minutes = Math.floor(whole / 60_000) % 60
  const seconds = (whole % 60_000) / 1000
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`
}

const standingOf = (what: string, standing: LimitStanding | undefined): Headers =>
  standing === undefined
    ? {}
    : {
        [`x-ratelimit-limit-${what}`]: String(standing.perMin),
        [`x-ratelimit-remaining-${what}`]: String(standing.remaining),
        [`x-ratelimit-reset-${what}`]: goDuration(standing.resetMs),
      }

export const openAiManners: Manners = {
  refuse: (error) => ({ status: statusOf(error), body: errorBody(error) }),
  headers: (id, elapsedMs) => ({
    'x-request-id': id,
    'openai-processing-ms': String(Math.round(elapsedMs)),
  }),
  limitHeaders: ({ requests, tokens }, error) => ({
    ...standingOf('requests', requests),
    ...standingOf('tokens', tokens),
    ...(error?.particulars.retryAfterMs && { 'retry-after-ms': String(error.particulars.retryAfterMs) }),
  }),
}
