import type { Dispatcher } from 'undici'
import { messageOf, monotonicNs, type RequestFailure, type ResponseHeaders } from '../base/index.js'
import { type ConnectionSetting, createWay, socketFailure } from '../transport/index.js'

/** What one small request brought, a failure included: nothing here throws. */
export interface Answer {
  /** Undefined: no head came. */
  readonly status?: number
  readonly headers: ResponseHeaders
  /** As far as it came; cut at 4 MiB. */
  readonly text: string
  readonly failure?: RequestFailure
  /** Wall clock around the head of the answer, ms since 1970: for the server's `Date`. */
  readonly askedAtMs: number
  readonly headAtMs?: number
  /** ns on the machine's monotonic clock. */
  readonly sentNs: number
  readonly endNs: number
}

export interface Question {
  /** Below the base URL. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON text; without it the request is a GET. */
  readonly body?: string
  readonly deadlineMs: number
  /** Body bytes as they come, ns on the monotonic clock. */
  onData?(atNs: number, bytes: Buffer): void
}

/** Asks one server, never more often nor for longer than it was allowed to. */
export interface Asker {
  ask(question: Question): Promise<Answer>
  /** Requests so far. */
  asked(): number
  close(): Promise<void>
}

export interface AskerOptions {
  readonly baseUrl: string
  readonly connection: ConnectionSetting
  readonly maxRequests: number
  /** For all requests together. */
  readonly maxMs: number
}

const MAX_BODY = 4 * 1024 * 1024

/** More are never asked at a time. */
const CONNECTIONS = 16

export function createAsker({ baseUrl, connection, maxRequests, maxMs }: AskerOptions): Asker {
  const { origin, pathname } = new URL(baseUrl)
  const base = pathname.replace(/\/$/, '')
  const way = createWay(origin, CONNECTIONS, connection)
  const endsAtMs = performance.now() + maxMs
  let asked = 0
  const ask = async (question: Question): Promise<Answer> => {
    const leftMs = endsAtMs - performance.now()
    if (asked >= maxRequests) return unasked(`not asked: ${maxRequests} requests were made already`)
    if (leftMs <= 0) return unasked(`not asked: ${maxMs / 1000} s were over`)
    asked++
    const deadlineMs = Math.min(question.deadlineMs, leftMs)
    const answer = await exchange(way.dispatcher, origin, { ...question, deadlineMs })
    const next = question.body === undefined ? redirect(answer, origin, question.path) : undefined
    return next === undefined ? answer : ask({ ...question, path: next })
  }
  return {
    asked: () => asked,
    close: () => way.close(),
    ask: (question) => ask({ ...question, path: `${base}${question.path}` }),
  }
}

/** Only that of a page to itself with a slash behind it: what else redirects leads elsewhere, where no key may follow. */
function redirect({ status = 0, headers }: Answer, origin: string, path: string): string | undefined {
  const { location = '' } = headers
  if (status < 300 || status > 399 || !URL.canParse(location, origin + path)) return undefined
  const next = new URL(location, origin + path)
  return next.origin === origin && next.pathname === `${path}/` ? next.pathname : undefined
}

function unasked(message: string): Answer {
  const sentNs = monotonicNs()
  return {
    headers: {},
    text: '',
    askedAtMs: Date.now(),
    sentNs,
    endNs: sentNs,
    failure: { code: 'stopped', message },
  }
}

async function exchange(
  dispatcher: Dispatcher,
  origin: string,
  { path, headers, body, deadlineMs, onData }: Question,
): Promise<Answer> {
  const answer: { -readonly [K in keyof Answer]: Answer[K] } = {
    ...{ headers: {}, text: '', askedAtMs: Date.now(), sentNs: monotonicNs(), endNs: 0 },
  }
  // A timer of its own: that of AbortSignal.timeout does not keep the process awake.
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(), deadlineMs)
  const parts: Buffer[] = []
  try {
    const response = await dispatcher.request({
      ...{ origin, path, method: body === undefined ? 'GET' : 'POST' },
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body }),
      signal: giveUp.signal,
    })
    answer.headAtMs = Date.now()
    answer.status = response.statusCode
    answer.headers = joined(response.headers)
    let size = 0
    for await (const part of response.body as AsyncIterable<Buffer>) {
      onData?.(monotonicNs(), part)
      parts.push(part)
      size += part.length
      if (size > MAX_BODY) {
        answer.failure = { code: 'protocol-violation', message: 'an answer of more than 4 MiB' }
        break
      }
    }
  } catch (thrown) {
    answer.failure = giveUp.signal.aborted ? timedOut(answer, parts, deadlineMs) : faultOf(thrown)
  } finally {
    clearTimeout(timer)
    giveUp.abort()
  }
  answer.endNs = monotonicNs()
  answer.text = Buffer.concat(parts).toString('utf8')
  return answer
}

function timedOut({ status }: Answer, parts: readonly Buffer[], deadlineMs: number): RequestFailure {
  const after = `within ${(deadlineMs / 1000).toFixed(deadlineMs < 1000 ? 1 : 0)} s`
  if (status === undefined) return { code: 'deadline-ttft', message: `no answer ${after}` }
  const what = parts.length === 0 ? 'nothing but a head' : 'no end of the answer'
  return { code: 'deadline-total', message: `HTTP ${status}, ${what} ${after}` }
}

const faultOf = (thrown: unknown): RequestFailure =>
  thrown instanceof Error ? socketFailure(thrown) : { code: 'reset', message: messageOf(thrown) }

const joined = (headers: Readonly<Record<string, string | string[] | undefined>>): ResponseHeaders =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  )

/** The JSON object of a 2xx answer; undefined for anything else. */
export function objectIn({ status = 0, text, failure }: Answer): Record<string, unknown> | undefined {
  if (status < 200 || status > 299 || failure) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
