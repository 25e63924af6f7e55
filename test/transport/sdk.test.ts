import type { RequestListener } from 'node:http'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { SDK_APIS } from '../../src/transport/index.js'
import { ANSWERS, answering, asker, type Heard, type Question, serving, TEXT } from './asking.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function served(handler: RequestListener): Promise<string> {
  const { origin, close } = await serving(handler)
  closing.push(close)
  return origin
}

/** The same question through both. */
async function both(origin: string, api: string, question?: Partial<Question>): Promise<[Heard, Heard]> {
  const heard: Heard[] = []
  for (const name of ['undici', 'sdk'] as const) {
    const { ask, transport } = await asker(name, origin, {}, api)
    heard.push(await ask(question))
    await transport.close()
  }
  return heard as [Heard, Heard]
}

/** All that a record holds but times. */
const told = ({ stampsNs: _stamps, reused: _reused, failure, ...rest }: Heard) => ({
  ...rest,
  code: failure?.code,
})

describe.each(SDK_APIS)('%s through its official client', (api) => {
  test('the same tokens, text, usage and finish as from the bytes', async () => {
    const origin = await served(answering)
    const [raw, sdk] = await both(origin, api)
    expect(raw).toMatchObject({ state: 'completed', text: TEXT, chunks: 3, usage: { outputTokens: 3 } })
    expect(told(sdk)).toEqual(told(raw))
    expect(sdk.stampsNs).toHaveLength(5)
    expect(sdk.stampsNs).toEqual(sdk.stampsNs.toSorted((a, b) => a - b))
  })

  test.each([
    [401, 'authentication', 'authentication_error'],
    [429, 'rate-limited', 'rate_limit_error'],
    [500, 'server-error', 'api_error'],
  ])('status %i is the same failure as from the bytes', async (status, code, type) => {
    const origin = await served((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '7' })
      response.end(JSON.stringify({ type: 'error', error: { type, message: 'not so fast' } }))
    })
    const [raw, sdk] = await both(origin, api)
    expect(raw).toMatchObject({ state: 'failed', httpStatus: status, failure: { code } })
    expect(told(sdk)).toEqual(told(raw))
    expect(sdk.failure).toEqual(raw.failure)
  })

  test('a connection that breaks inside the answer cuts it off', async () => {
    const events = ANSWERS[api] ?? []
    const origin = await served((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(events.slice(0, 4).join(''))
      setTimeout(() => response.destroy(), 20)
    })
    const [raw, sdk] = await both(origin, api)
    expect(raw).toMatchObject({ state: 'cut-off', failure: { code: 'cut-stream' } })
    expect(told(sdk)).toEqual(told(raw))
  })

  test('a stream that ends before it has finished is cut off', async () => {
    const events = ANSWERS[api] ?? []
    const origin = await served((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(events.slice(0, 3).join(''))
    })
    const [raw, sdk] = await both(origin, api)
    expect(raw).toMatchObject({ state: 'cut-off', failure: { code: 'cut-stream' } })
    expect(told(sdk)).toEqual(told(raw))
  })

  test('a failure that the server reports inside the stream is the same', async () => {
    const origin = await served((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const name = api === 'anthropic-messages' || api === 'openai-responses' ? 'event: error\n' : ''
      const error = { type: 'error', error: { type: 'overloaded_error', code: 503, message: 'too busy' } }
      response.end(`${(ANSWERS[api] ?? [])[0]}${name}data: ${JSON.stringify(error)}\n\n`)
    })
    const [raw, sdk] = await both(origin, api)
    expect(raw.state).toBe('failed')
    expect(told(sdk)).toEqual(told(raw))
  })

  test('an event that is no JSON violates the protocol', async () => {
    const origin = await served((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`${(ANSWERS[api] ?? [])[0]}event: x\ndata: {"choices":[\n\n`)
    })
    const [raw, sdk] = await both(origin, api)
    expect(raw).toMatchObject({ state: 'failed', failure: { code: 'protocol-violation' } })
    expect(told(sdk)).toEqual(told(raw))
  })

  test.each(['null', '7', '[]', '{"choices":7}'])(
    'an event that is %s does not break the client off',
    async (data) => {
      const origin = await served((_request, response) => {
        const [first = '', ...others] = ANSWERS[api] ?? []
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.end(`${first}event: x\ndata: ${data}\n\n${others.join('')}`)
      })
      const [raw, sdk] = await both(origin, api)
      expect(told(sdk)).toEqual(told(raw))
    },
  )

  test('nobody listens: refused, and never sent', async () => {
    // `fetch` refuses some ports by itself, the lowest among them: one that was free a moment ago it does not.
    const { origin, close } = await serving(answering)
    close()
    const [raw, sdk] = await both(origin, api)
    expect(raw).toMatchObject({ state: 'failed', failure: { code: 'refused' } })
    expect(told(sdk)).toEqual(told(raw))
    expect(sdk.stampsNs).toHaveLength(1)
  })

  test('a server that closes without a word is a reset', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => server.close())
    const { port } = server.address() as { port: number }
    const [raw, sdk] = await both(`http://127.0.0.1:${port}`, api)
    expect(raw).toMatchObject({ state: 'failed', failure: { code: 'reset' } })
    expect(told(sdk)).toEqual(told(raw))
  })
})

test('the client sends what it was given, and no key of its own making', async () => {
  const heard: { headers: NodeJS.Dict<string | string[]>; body: string }[] = []
  const origin = await served(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    heard.push({ headers: request.headers, body })
    response.end()
  })
  for (const api of SDK_APIS) {
    const { ask, transport } = await asker('sdk', origin, {}, api)
    await ask({ id: 'run-7' })
    await ask({ headers: { authorization: 'Bearer sesame', 'x-api-key': 'open' } })
    await transport.close()
  }
  expect(heard).toHaveLength(2 * SDK_APIS.length)
  for (const [i, { headers, body }] of heard.entries()) {
    const { stream, model } = JSON.parse(body) as { stream: boolean; model: string }
    expect({ stream, model }).toEqual({ stream: true, model: 'm' })
    // The client's own: proof that it was one.
    expect(headers['x-stainless-lang']).toBe('js')
    expect(headers['x-stainless-retry-count']).toBe('0')
    const [authorization, key] = i % 2 === 0 ? [undefined, undefined] : ['Bearer sesame', 'open']
    expect(headers).toMatchObject({ ...(authorization && { authorization, 'x-api-key': key }) })
    expect(headers.authorization).toBe(authorization)
    if (i % 2 === 0) expect(headers['x-request-id']).toBe('run-7')
  }
})

test('a connection that has carried a request is told as used again', async () => {
  const origin = await served(answering)
  const { ask, transport } = await asker('sdk', origin)
  const heard: Heard[] = []
  for (let i = 0; i < 3; i++) {
    heard.push(await ask())
    // Under a client a connection is free only some turns after the answer has ended.
    await sleep(30)
  }
  await transport.close()
  expect(heard.map(({ reused }) => reused)).toEqual([false, true, true])
})

test('failures are not tried again by the client', async () => {
  let requests = 0
  const origin = await served((_request, response) => {
    requests++
    response.writeHead(429, { 'retry-after': '0' }).end('{}')
  })
  const { ask, transport } = await asker('sdk', origin)
  expect((await ask()).httpStatus).toBe(429)
  await transport.close()
  expect(requests).toBe(1)
})

test('a request given up is heard of no more, and its connection is closed', async () => {
  let closed: (() => void) | undefined
  const sawClose = new Promise<void>((resolve) => {
    closed = resolve
  })
  const origin = await served((_request, response) => {
    response.on('close', () => closed?.())
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write((ANSWERS['openai-chat'] ?? []).slice(0, 2).join(''))
  })
  const { transport } = await asker('sdk', origin)
  const calls: string[] = []
  const flight = await new Promise<{ cancel(): void }>((resolve) => {
    const body = JSON.stringify({ model: 'm', messages: [], stream: true })
    const sent = transport.open(origin, 1).send(
      { path: '/v1/chat/completions', headers: { 'x-request-id': 'c-1' }, body },
      {
        onSent: () => calls.push('sent'),
        onHeaders: () => calls.push('headers'),
        onData: () => {
          calls.push('data')
          setImmediate(() => resolve(sent))
        },
        onEnd: () => calls.push('end'),
        onBroken: () => calls.push('broken'),
      },
    )
    expect(calls).toEqual([])
  })
  flight.cancel()
  const before = [...calls]
  await sawClose
  expect(calls).toEqual(before)
  expect(calls).toEqual(['sent', 'headers', 'data', 'data'])
  await transport.close()
})

test('a path that no official client asks for is told as such, after send', async () => {
  const { transport } = await asker('sdk', 'http://127.0.0.1:1')
  const outcome = await new Promise<string>((resolve) => {
    let inside = true
    transport.open('http://127.0.0.1:1', 1).send(
      { path: '/api/chat', headers: {}, body: '{}' },
      {
        onSent: () => {},
        onHeaders: () => {},
        onData: () => {},
        onEnd: () => {},
        onBroken: (_atNs, { code, message }) => resolve(`${inside ? 'inside' : 'after'} ${code} ${message}`),
      },
    )
    inside = false
  })
  expect(outcome).toContain('after protocol-violation')
  expect(outcome).toContain('/api/chat')
})
