import { connect } from 'node:net'
import { Agent, type Dispatcher, request } from 'undici'
import { FalloffError, messageOf } from '../base/index.js'
import { type ConnectionSetting, createWay, isPlain } from '../transport/index.js'

/** Connections of their own: a scrape must never wait behind the load it watches. */
const CONNECTIONS = 8
const agent = new Agent({ connections: CONNECTIONS, keepAliveTimeout: 60_000 })

/** By origin, where a plain connection would not reach it. */
const ways = new Map<string, Dispatcher>()

/** From now on calls to this origin are made as the load's are. */
export function reachBy(origin: string, setting: ConnectionSetting): void {
  ways.delete(origin)
  if (isPlain(setting)) return
  // A call that waits for its connection is bounded by its own deadline: nothing of this needs HTTP/2.
  ways.set(origin, createWay(origin, CONNECTIONS, { ...setting, http2: false }).dispatcher)
}

export interface HttpAnswer {
  readonly status: number
  readonly text: string
  /** Where a redirect points to. */
  readonly location?: string
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
    dispatcher: ways.get(new URL(url).origin) ?? agent,
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  })
  return {
    status: answer.statusCode,
    text: await bodyOf(answer.body),
    ...(typeof answer.headers.location === 'string' && { location: answer.headers.location }),
  }
}

/** A page that is longer is none of ours: a log that never ends, or somebody's file. */
const MOST_BYTES = 16 * 1024 * 1024

async function bodyOf(body: AsyncIterable<unknown>): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  // Leaving the loop by the error closes the connection.
  for await (const part of body) {
    if (!Buffer.isBuffer(part)) continue
    size += part.length
    if (size > MOST_BYTES) throw new Error(`an answer of more than ${MOST_BYTES / 1024 / 1024} MiB`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 307, 308])

/**
 * GET that follows one redirect on the same server (`/metrics` to `/metrics/`): the headers may hold a key, which is no other
 * server's business.
 */
export async function callFollowing(
  url: string,
  options: Pick<CallOptions, 'headers' | 'timeoutMs'>,
): Promise<HttpAnswer> {
  const answer = await call(url, options)
  if (!REDIRECTS.has(answer.status) || answer.location === undefined) return answer
  const next = new URL(answer.location, url)
  return next.origin === new URL(url).origin ? call(next.href, options) : answer
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

/** The other side hung up, or wrote what is no HTTP: somebody is there. */
const MET: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'ECONNRESET', 'EPIPE'])

/** Whether somebody takes connections there, who only has no answer to what we asked: a gateway may serve one route alone. */
async function takesConnections(baseUrl: string, thrown: unknown): Promise<boolean> {
  const { code, name } = thrown as { code?: unknown; name?: unknown }
  if (typeof code === 'string' && MET.has(code)) return true
  const { origin, hostname, port, protocol } = new URL(baseUrl)
  if (name !== 'TimeoutError' || ways.has(origin)) return false
  return new Promise((resolve) => {
    const socket = connect(
      { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) },
      () => settle(true),
    )
    const settle = (met: boolean): void => {
      socket.destroy()
      resolve(met)
    }
    socket.setTimeout(2_000, () => settle(false))
    socket.on('error', () => settle(false))
  })
}

/** @throws FalloffError TARGET_UNREACHABLE when nothing answers at all */
export async function assertReachable(
  baseUrl: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    await call(`${baseUrl}/v1/models`, { headers, timeoutMs: 5_000 })
  } catch (thrown) {
    if (await takesConnections(baseUrl, thrown)) return
    throw new FalloffError('TARGET_UNREACHABLE', `nothing answers at ${baseUrl} (${messageOf(thrown)})`, {
      hint: 'Start the server, or check --target. `falloff demo` runs without any server.',
      cause: thrown,
    })
  }
}
