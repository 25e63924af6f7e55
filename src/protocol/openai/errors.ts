import type { FailureCode, RequestFailure, ResponseHeaders } from '../../base/index.js'
import { retryAfterMsOf } from '../retry-after.js'

interface ErrorBody {
  readonly message?: unknown
  readonly type?: unknown
  readonly code?: unknown
}

const MAX_MESSAGE = 200
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, MAX_MESSAGE)

/** OpenAI nests the error, SGLang writes it flat, TGI writes a plain string: whatever is found serves. */
function errorIn(value: unknown): ErrorBody {
  if (typeof value !== 'object' || value === null) return {}
  const { error, error_type: type } = value as { error?: unknown; error_type?: unknown }
  if (typeof error === 'string') return { message: error, type }
  return typeof error === 'object' && error !== null ? error : (value as ErrorBody)
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** Failure of a whole request, from its status and body. */
export function httpFailure(status: number, body: string, headers: ResponseHeaders): RequestFailure {
  const error = errorIn(parsed(body))
  const text = typeof error.message === 'string' ? error.message : body
  const retryAfterMs = retryAfterMsOf(headers)
  return {
    code: codeOf(status, error, text),
    message: oneLine(`HTTP ${status} ${text}`),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

/** Failure told inside a stream that began with status 200. */
export function streamFailure(chunk: unknown): RequestFailure {
  const error = errorIn(chunk)
  const status = typeof error.code === 'number' ? error.code : 500
  const text = typeof error.message === 'string' ? error.message : 'an error event'
  return { code: codeOf(status, error, text), message: oneLine(`in the stream: ${text}`) }
}

const TOO_LONG = /context length|maximum context|exceed_context_size|too long|max_model_len/i

function codeOf(status: number, error: ErrorBody, text: string): FailureCode {
  if (error.code === 'insufficient_quota') return 'quota'
  if (/overloaded/i.test(`${error.type} ${text}`)) return 'overloaded'
  switch (status) {
    case 401:
    case 403:
      return 'authentication'
    case 402:
      return 'quota'
    case 404:
      return 'not-found'
    case 429:
      return 'rate-limited'
    case 502:
    case 504:
      return 'gateway'
    case 503:
    case 529:
      return 'overloaded'
    default:
      if (status >= 500) return 'server-error'
      return TOO_LONG.test(text) ? 'context-too-long' : 'invalid-request'
  }
}
