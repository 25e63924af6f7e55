import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A round-robin on loopback, which takes a request to the next replica when one cannot be reached. */
export interface Front {
  readonly url: string
  /** From now on its share of the requests goes there too. */
  join(url: string): void
  /** Requests passed on, by replica in the order of joining, and those that were taken on to another one. */
  counts(): { readonly passed: readonly number[]; readonly retried: number }
  close(): Promise<void>
}

interface Replica {
  readonly host: string
  readonly port: number
  passed: number
}

/** Headers that belong to one connection and not to what is passed on (RFC 9110, 7.6.1). */
const OF_A_CONNECTION: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade'],
])

export async function startFront(urls: readonly string[]): Promise<Front> {
  const replicas: Replica[] = urls.map(replicaOf)
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, noDelay: true })
  let turn = 0
  let retried = 0

  async function pass(from: IncomingMessage, to: ServerResponse): Promise<void> {
    // A request is small: held whole, it can be sent again.
    const body = await buffer(from)
    const first = turn++
    // Once more than there are replicas: a kept connection may have been closed under our hands.
    for (let i = 0; i <= replicas.length && !to.destroyed; i++) {
      const replica = replicas[(first + i) % replicas.length]
      if (i > 0) retried++
      if (replica === undefined || (await passTo(replica, agent, from, body, to)) === 'passed') return
    }
    if (!to.destroyed) refuse(to, 'no replica can be reached')
  }

  const server = createServer({ keepAlive: true, noDelay: true }, (from, to) => {
    pass(from, to).catch(() => to.destroy())
  })
  server.keepAliveTimeout = 75_000
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    join: (url) => void replicas.push(replicaOf(url)),
    counts: () => ({ passed: replicas.map(({ passed }) => passed), retried }),
    close() {
      agent.destroy()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function replicaOf(url: string): Replica {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port), passed: 0 }
}

/** `unreached`: the replica has seen nothing of it, and nothing was sent back. */
function passTo(
  replica: Replica,
  agent: Agent,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  to: ServerResponse,
): Promise<'passed' | 'unreached'> {
  return new Promise((resolve) => {
    const { host, port } = replica
    const options = {
      host,
      port,
      agent,
      method,
      path: url,
      headers: { ...keptHeaders(headers), host: `${host}:${port}` },
    }
    const upstream = request(options, (answer) => {
      replica.passed++
      to.writeHead(answer.statusCode ?? 502, keptHeaders(answer.headers))
      // Chunk by chunk, as they come: a stream that is gathered is no stream.
      answer.on('data', (chunk: Buffer) => void (to.write(chunk) || waitFor(answer, to)))
      answer.once('end', () => to.end())
      answer.once('error', () => to.destroy())
      to.once('close', () => answer.destroy())
      resolve('passed')
    })
    upstream.once('error', ({ code }: NodeJS.ErrnoException) => {
      const unreached = code === 'ECONNREFUSED' || (code === 'ECONNRESET' && upstream.reusedSocket)
      if (unreached && !to.headersSent) return resolve('unreached')
      if (to.headersSent) to.destroy()
      else refuse(to, 'the replica broke the connection off')
      resolve('passed')
    })
    to.once('close', () => upstream.destroy())
    upstream.end(body)
  })
}

/** A client that reads slowly slows the replica, as it would without us. */
function waitFor(answer: IncomingMessage, to: ServerResponse): void {
  answer.pause()
  to.once('drain', () => answer.resume())
}

const keptHeaders = (headers: IncomingMessage['headers']): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || OF_A_CONNECTION.has(name) ? [] : [[name, value] as const],
    ),
  )

function refuse(to: ServerResponse, message: string): void {
  const error = { message, type: 'no_replica', code: 502 }
  to.writeHead(502, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
}
