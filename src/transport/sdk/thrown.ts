import type { Socket } from 'node:net'
import type { RequestFailure } from '../../base/index.js'
import { socketFailure, timeoutError } from '../failure.js'
import { causeOf } from '../use.js'

/** What an official client threw, told apart by what it carries: its classes are not loaded here. */
export type Thrown =
  /** The server answered with an error status. */
  | { readonly kind: 'status'; readonly status: number; readonly headers: Headers; readonly body: string }
  /** The server reported a failure inside the stream. */
  | { readonly kind: 'in-stream'; readonly body: string }
  /** An event that is no JSON. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'broken'; readonly failure: RequestFailure }

interface ApiErrorLike {
  readonly status?: unknown
  readonly headers?: unknown
  readonly error?: unknown
  readonly message?: unknown
}

/**
 * @param begun whether headers of an answer had come
 * @param socket that the request went over, where it was sent
 */
export function readThrown(
  thrown: unknown,
  vendor: 'openai' | 'anthropic',
  begun: boolean,
  socket?: Socket,
): Thrown {
  if (thrown instanceof SyntaxError) return { kind: 'unreadable' }
  const { status, headers, error } = thrown as ApiErrorLike
  if (typeof status === 'number' && headers instanceof Headers) {
    return { kind: 'status', status, headers, body: bodyOf(thrown as ApiErrorLike, vendor, status) }
  }
  if (error !== undefined && begun) return { kind: 'in-stream', body: bodyOf(thrown as ApiErrorLike, vendor) }
  return { kind: 'broken', failure: socketFailure(causeOf(socket, rootOf(thrown))) }
}

/**
 * The body as far as the client kept it: `openai` hands on the member `error` alone, `@anthropic-ai/sdk` the whole object,
 * and of a body that is no JSON both keep the text inside the message.
 */
function bodyOf({ error, message }: ApiErrorLike, vendor: 'openai' | 'anthropic', status?: number): string {
  if (error !== undefined) return JSON.stringify(vendor === 'openai' ? { error } : error)
  const text = String(message ?? '')
  if (status === undefined || text === `${status} status code (no body)`) return ''
  return text.replace(new RegExp(`^${status} `), '')
}

/** Clients wrap what `fetch` threw, and that wraps what the socket said; of a connect deadline nothing but a word is left. */
function rootOf(thrown: unknown): Error {
  if (!(thrown instanceof Error)) return new Error(String(thrown))
  if (thrown.constructor.name === 'APIConnectionTimeoutError') return timeoutError()
  return thrown.cause instanceof Error ? rootOf(thrown.cause) : thrown
}
