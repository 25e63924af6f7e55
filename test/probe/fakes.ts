import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ProbeResult, probe } from '../../src/probe/index.js'

/** How a server deals with what it does not serve. */
export type Elsewhere = 'not-found' | 'html' | 'reset' | 'hang' | 'json-for-all'

/** A chat endpoint and nothing beside it; the parts that servers differ in can be set. */
export interface FakeChat {
  readonly elsewhere?: Elsewhere
  /** What is wrong with a request; undefined: nothing. */
  readonly refuse?: (body: Body, request: IncomingMessage) => { status: number; body: unknown } | undefined
  /** How many tokens the answer has. */
  readonly length?: (body: Body) => number
  readonly usage?: boolean
  readonly streams?: boolean
  /** Tokens in each chunk. */
  readonly perChunk?: number
  /** Without a pause all chunks go out in one write. */
  readonly pauseMs?: number
  readonly headers?: Readonly<Record<string, string>>
}

interface Body {
  readonly model: string
  readonly max_tokens: number
  readonly ignore_eos?: boolean
  readonly stream_options?: { readonly continuous_usage_stats?: boolean }
}

export interface Fake {
  readonly url: string
  /** Method and path of every request, in order. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

const OTHERS: Readonly<Record<Elsewhere, (response: ServerResponse) => void>> = {
  'not-found': (response) =>
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"detail":"Not Found"}'),
  html: (response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Welcome</title>'),
  reset: (response) => response.socket?.destroy(),
  hang: () => {},
  'json-for-all': (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}'),
}

export async function startFake(chat: FakeChat = {}): Promise<Fake> {
  const { elsewhere = 'not-found' } = chat
  const asked: string[] = []
  const onRequest: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (request.method === 'POST' && request.url === '/v1/chat/completions')
      void answer(chat, request, response)
    else OTHERS[elsewhere](response)
  }
  const server = createServer(onRequest)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(chat: FakeChat, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = ''
  for await (const part of request) text += part
  const body = JSON.parse(text) as Body
  const refusal = chat.refuse?.(body, request)
  if (refusal) {
    response.writeHead(refusal.status, { 'content-type': 'application/json', ...chat.headers })
    response.end(JSON.stringify(refusal.body))
    return
  }
  const tokens = chat.length?.(body) ?? body.max_tokens
  if (chat.streams === false) whole(chat, tokens, response)
  else await stream(chat, body, tokens, response)
}

const usageOf = (tokens: number) => ({
  prompt_tokens: 9,
  completion_tokens: tokens,
  total_tokens: 9 + tokens,
})

function whole({ headers, usage = true }: FakeChat, tokens: number, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers })
  const message = { role: 'assistant', content: 'yes '.repeat(tokens) }
  const choices = [{ index: 0, message, finish_reason: 'stop' }]
  response.end(JSON.stringify({ model: 'fake', choices, ...(usage && { usage: usageOf(tokens) }) }))
}

async function stream(
  { headers, usage = true, perChunk = 1, pauseMs = 2 }: FakeChat,
  body: Body,
  tokens: number,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers })
  const running = body.stream_options?.continuous_usage_stats === true
  const chunk = (content: string, finish: string | null, sent: number | undefined) =>
    `data: ${JSON.stringify({
      model: 'fake-from-the-stream',
      choices: [{ index: 0, delta: { content }, finish_reason: finish }],
      ...(sent !== undefined && { usage: usageOf(sent) }),
    })}\n\n`
  let held = ''
  for (let sent = 0; sent < tokens; ) {
    sent = Math.min(tokens, sent + perChunk)
    const finish = sent < tokens ? null : tokens < body.max_tokens ? 'stop' : 'length'
    const event = chunk('yes', finish, running && usage ? sent : undefined)
    if (pauseMs === 0) held += event
    else {
      response.write(event)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  const last = usage ? `data: ${JSON.stringify({ choices: [], usage: usageOf(tokens) })}\n\n` : ''
  response.end(`${held}${last}data: [DONE]\n\n`)
}

/** A probe with nothing given but the address. */
export const probeAt = (
  baseUrl: string,
  options: Partial<Parameters<typeof probe>[0]> = {},
): Promise<ProbeResult> =>
  probe({ baseUrl, headersOf: () => ({}), connection: {}, timeoutMs: 5_000, ...options })

/** What is shown for each thing, by its name. */
export const shownIn = ({ groups }: ProbeResult): Record<string, string> =>
  Object.fromEntries(groups.flatMap(({ findings }) => findings.map(({ name, shown }) => [name, shown])))

export const howIn = ({ groups }: ProbeResult): Record<string, string> =>
  Object.fromEntries(groups.flatMap(({ findings }) => findings.map(({ name, how }) => [name, how])))
