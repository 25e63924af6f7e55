import { Agent, request } from 'undici'
import { FalloffError, messageOf } from '../base/index.js'

/** Connections of their own: a scrape must never wait behind the load it watches. */
const agent = new Agent({ connections: 8, keepAliveTimeout: 60_000 })

export interface HttpAnswer {
  readonly status: number
  readonly text: string
}

interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly timeoutMs?: number
}

/** One small call beside the load. Rejects on network faults and time-outs; any HTTP status is an answer. */
export async function call(
  url: string,
  { headers = {}, body, timeoutMs = 10_000 }: CallOptions = {},
): Promise<HttpAnswer> {
  const answer = await request(url, {
    dispatcher: agent,
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  })
  return { status: answer.statusCode, text: await answer.body.text() }
}

/** The JSON of a 2xx answer; undefined for any other answer, and for none. */
export async function tryJson(url: string, options?: CallOptions): Promise<unknown> {
  try {
    const { status, text } = await call(url, options)
    return status < 300 ? (JSON.parse(text) as unknown) : undefined
  } catch {
    return undefined
  }
}

/** @throws FalloffError TARGET_UNREACHABLE when nothing answers at all */
export async function assertReachable(
  baseUrl: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    await call(`${baseUrl}/v1/models`, { headers, timeoutMs: 5_000 })
  } catch (thrown) {
    throw new FalloffError('TARGET_UNREACHABLE', `nothing answers at ${baseUrl} (${messageOf(thrown)})`, {
      hint: 'Start the server, or check --target. `falloff demo` runs without any server.',
      cause: thrown,
    })
  }
}
