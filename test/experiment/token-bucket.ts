import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Bucket {
  /** Most requests at once. */
  readonly capacity: number
  readonly refillPerS: number
}

/** A server behind a request limit, as providers have it: what finds no token is a 429. */
export interface LimitedServer {
  readonly port: number
  /** Moments of all requests, in s, and whether each was let in. */
  readonly seen: readonly { readonly atS: number; readonly letIn: boolean }[]
  close(): Promise<void>
}

interface Limits {
  readonly requests: Bucket
  /** Of input and output together. */
  readonly tokens?: Bucket
  /** Tell the state of the limits with every answer, as OpenAI does. */
  readonly withHeaders?: boolean
  readonly retryAfterS?: number
}

const TOKENS_EACH = 3

export async function startLimitedServer({
  requests,
  tokens,
  withHeaders,
  retryAfterS,
}: Limits): Promise<LimitedServer> {
  const seen: { atS: number; letIn: boolean }[] = []
  const bucket = createBucket(requests)
  const tokenBucket = tokens && createBucket(tokens)
  const server = createServer((req, res) => {
    let body = ''
    req.on('data', (chunk: Buffer) => {
      body += chunk
    })
    req.on('end', () => {
      if (req.url === '/v1/models')
        return void res.end(JSON.stringify({ data: [{ id: 'm', owned_by: 'x' }] }))
      if (req.url === '/tokenize') return void res.end(JSON.stringify({ count: wordsIn(body) }))
      if (req.method !== 'POST' || !req.url?.endsWith('/chat/completions'))
        return void res.writeHead(404).end()
      const atS = performance.now() / 1000
      const asked = JSON.parse(body) as { max_tokens?: number }
      const words = wordsIn(body)
      const cost = words + (asked.max_tokens ?? 0)
      const letIn =
        bucket.has(1, atS) && (tokenBucket === undefined || tokenBucket.has(cost, atS)) && bucket.take(1, atS)
      if (letIn) tokenBucket?.take(cost, atS)
      seen.push({ atS, letIn })
      const head: Record<string, string> = withHeaders
        ? headersOf(requests, bucket, tokens, tokenBucket, atS)
        : {}
      if (!letIn) {
        if (retryAfterS !== undefined) head['retry-after'] = String(retryAfterS)
        return void res.writeHead(429, head).end('{"error":{"message":"Rate limit reached"}}')
      }
      res.writeHead(200, { 'content-type': 'text/event-stream', ...head })
      const event = (content: string, finish: string | null) =>
        `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`
      const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: words, completion_tokens: TOKENS_EACH } })}\n\n`
      res.end(`${event('a', null)}${event('b', null)}${event('c', 'stop')}${usage}data: [DONE]\n\n`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, seen, close: () => closeServer(server) }
}

/** A word is a token. */
function wordsIn(body: string): number {
  const { messages = [] } = JSON.parse(body) as { messages?: { content: string }[] }
  return messages.reduce((sum, m) => sum + m.content.split(/\s+/).length, 0)
}

function createBucket({ capacity, refillPerS }: Bucket) {
  let level = capacity
  let filledS: number | undefined
  const fill = (atS: number): void => {
    level = Math.min(capacity, level + (atS - (filledS ?? atS)) * refillPerS)
    filledS = atS
  }
  const has = (amount: number, atS: number): boolean => {
    fill(atS)
    return level >= amount
  }
  const take = (amount: number, atS: number): boolean => {
    if (!has(amount, atS)) return false
    level -= amount
    return true
  }
  return { has, take, left: () => Math.max(0, Math.floor(level)) }
}

type State = ReturnType<typeof createBucket>

function headersOf(
  requests: Bucket,
  left: State,
  tokens: Bucket | undefined,
  tokensLeft: State | undefined,
  _atS: number,
) {
  return {
    'x-ratelimit-limit-requests': String(Math.round(requests.refillPerS * 60)),
    'x-ratelimit-remaining-requests': String(left.left()),
    ...(tokens &&
      tokensLeft && {
        'x-ratelimit-limit-tokens': String(Math.round(tokens.refillPerS * 60)),
        'x-ratelimit-remaining-tokens': String(tokensLeft.left()),
      }),
  }
}

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.closeAllConnections()
    server.close(() => resolve())
  })
