import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { openInTurn } from '../../src/drive/origins.js'
import {
  chooseTransport,
  kernelStampsAvailable,
  learnHandshake,
  type TransportName,
} from '../../src/transport/index.js'
import { answering, asker, serving, TEXT } from './asking.js'

const pem = (name: string): string =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')
const CA = pem('ca.pem')
const SERVER = { cert: pem('server.pem'), key: pem('server.key.pem') }
const CLIENT = { cert: pem('client.pem'), key: pem('client.key.pem') }
const WHOLE = { state: 'completed', text: TEXT, chunks: 3, usage: { outputTokens: 3 } }

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** @returns the port */
async function listen(server: {
  listen: Server['listen']
  address(): unknown
  close(): unknown
}): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  return (server.address() as AddressInfo).port
}

async function ask(name: TransportName, origin: string, setting: object, times = 1) {
  const { ask: once, transport } = await asker(name, origin, setting)
  closing.unshift(() => transport.close())
  const heard = [await once()]
  while (heard.length < times) {
    await sleep(20)
    heard.push(await once())
  }
  return heard
}

describe.each(['undici', 'sdk'] as const)('%s', (name) => {
  test('trusts an own CA, and no other server', async () => {
    const port = await listen(createHttpsServer(SERVER, answering))
    const origin = `https://127.0.0.1:${port}`
    expect(await ask(name, origin, { tls: { ca: CA } })).toMatchObject([WHOLE])
    for (const setting of [{}, { tls: { ca: pem('other-ca.pem') } }]) {
      expect(await ask(name, origin, setting)).toMatchObject([{ state: 'failed', failure: { code: 'tls' } }])
    }
  })

  test('checks the certificate against the name that it was told', async () => {
    const port = await listen(createHttpsServer(SERVER, answering))
    const origin = `https://127.0.0.1:${port}`
    expect(await ask(name, origin, { tls: { ca: CA, serverName: 'models.test' } })).toMatchObject([WHOLE])
    const other = { tls: { ca: CA, serverName: 'elsewhere.test' } }
    expect(await ask(name, origin, other)).toMatchObject([{ failure: { code: 'tls' } }])
  })

  test('shows a client certificate where one is required', async () => {
    const required = { ...SERVER, ca: CA, requestCert: true, rejectUnauthorized: true }
    const port = await listen(createHttpsServer(required, answering))
    const origin = `https://127.0.0.1:${port}`
    expect(await ask(name, origin, { tls: { ca: CA, ...CLIENT } })).toMatchObject([WHOLE])
    const [without] = await ask(name, origin, { tls: { ca: CA } })
    expect(without).toMatchObject({ state: 'failed', httpStatus: undefined })
    // In TLS 1.3 the refusal comes after the handshake, when the request is under way.
    expect(without?.failure?.code).toBe('tls')
  })

  test('speaks HTTP/2 where the server does: the same tokens, side by side on one connection', async () => {
    const versions: string[] = []
    let sessions = 0
    const server = createSecureServer({ ...SERVER, allowHTTP1: true }, (request, response) => {
      versions.push(request.httpVersion)
      void answering(request as never, response as never)
    })
    server.on('session', () => sessions++)
    const port = await listen(server as never)
    const { ask: askOne, transport } = await asker(name, `https://127.0.0.1:${port}`, {
      tls: { ca: CA },
      http2: true,
    })
    closing.unshift(() => transport.close())
    const first = await askOne()
    const heard = await Promise.all([askOne(), askOne(), askOne()])
    expect([first, ...heard]).toMatchObject([WHOLE, WHOLE, WHOLE, WHOLE])
    expect(new Set(versions)).toEqual(new Set(['2.0']))
    expect(sessions).toBe(1)
    expect(heard.map(({ reused }) => reused)).toEqual([true, true, true])
  })

  test('does not speak HTTP/2 unasked', async () => {
    const versions: string[] = []
    const server = createSecureServer({ ...SERVER, allowHTTP1: true }, (request, response) => {
      versions.push(request.httpVersion)
      void answering(request as never, response as never)
    })
    const port = await listen(server as never)
    expect(await ask(name, `https://127.0.0.1:${port}`, { tls: { ca: CA } })).toMatchObject([WHOLE])
    expect(versions).toEqual(['1.1'])
  })

  test('connects to a unix socket, and names the host of the URL', async () => {
    const socketPath = join(mkdtempSync(join(tmpdir(), 'falloff-socket-')), 'engine.sock')
    const hosts: (string | undefined)[] = []
    const server = createServer((request, response) => {
      hosts.push(request.headers.host)
      void answering(request, response)
    })
    server.listen(socketPath)
    await once(server, 'listening')
    closing.push(() => server.close())
    expect(await ask(name, 'http://models.test', { socketPath }, 2)).toMatchObject([WHOLE, WHOLE])
    expect(hosts).toEqual(['models.test', 'models.test'])
    const nowhere = await ask(name, 'http://models.test', { socketPath: `${socketPath}.gone` })
    expect(nowhere).toMatchObject([{ failure: { code: 'refused' } }])
  })

  test('asks through a proxy for plain HTTP with the whole URL and its credentials', async () => {
    const seen: IncomingMessage[] = []
    const proxy = createServer((request, response) => {
      seen.push(request)
      void answering(request, response)
    })
    const port = await listen(proxy)
    const setting = { proxy: `http://user:p%40ss@127.0.0.1:${port}` }
    expect((await ask(name, 'http://models.test:8000', setting))[0]).toMatchObject({
      state: 'completed',
      text: TEXT,
    })
    expect(seen.map(({ url }) => url)).toEqual(['http://models.test:8000/v1/chat/completions'])
    expect(seen[0]?.headers).toMatchObject({
      host: 'models.test:8000',
      'proxy-authorization': `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    })
  })

  test('opens a tunnel through a proxy to a server that speaks TLS', async () => {
    const target = await listen(createHttpsServer(SERVER, answering))
    const asked: { url: string | undefined; credentials: string | undefined }[] = []
    const proxy = createServer()
    proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
      asked.push({ url: request.url, credentials: request.headers['proxy-authorization'] })
      const tunnel = connect(target, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        tunnel.pipe(socket).pipe(tunnel)
      })
      for (const end of [tunnel, socket]) end.on('error', () => {})
    })
    const port = await listen(proxy)
    const setting = { proxy: `http://user:secret@127.0.0.1:${port}`, tls: { ca: CA } }
    expect(await ask(name, `https://models.test:8443`, setting)).toMatchObject([WHOLE])
    expect(asked).toEqual([
      { url: 'models.test:8443', credentials: `Basic ${Buffer.from('user:secret').toString('base64')}` },
    ])
  })

  test('a proxy that will not is the gateway’s failure; one that is not there refuses', async () => {
    const proxy = createServer()
    proxy.on('connect', (_request, socket: Socket) => socket.end('HTTP/1.1 407 Who are you\r\n\r\n'))
    const port = await listen(proxy)
    const refused = await ask(name, 'https://models.test', { proxy: `http://127.0.0.1:${port}` })
    expect(refused).toMatchObject([{ state: 'failed', failure: { code: 'gateway' } }])
    const gone = await serving(answering)
    gone.close()
    const away = await ask(name, 'https://models.test', { proxy: gone.origin })
    expect(away).toMatchObject([{ state: 'failed', failure: { code: 'refused' } }])
  })
})

const TRANSPORTS: readonly TransportName[] = [
  ...(kernelStampsAvailable().available ? (['kernel'] as const) : []),
  'undici',
  'sdk',
]

test.each(TRANSPORTS)('%s: connection per request is a new one each time, and is closed', async (name) => {
  const said: (string | undefined)[] = []
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    said.push(request.headers.connection)
    void answering(request, response)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
  })
  const port = await listen(server)
  const heard = await ask(name, `http://127.0.0.1:${port}`, { perRequest: true }, 3)
  expect(heard).toMatchObject([WHOLE, WHOLE, WHOLE])
  expect(heard.map(({ reused }) => reused)).toEqual([false, false, false])
  expect(said).toEqual(['close', 'close', 'close'])
  expect(sockets.size).toBe(3)
  await sleep(20)
  expect([...sockets].every(({ destroyed }) => destroyed)).toBe(true)
})

test.runIf(kernelStampsAvailable().available)(
  'kernel: a server that keeps the connection of a request that is to be alone is not asked again on it',
  async () => {
    const sockets = new Set<Socket>()
    const server = createServer((request, response) => {
      response.shouldKeepAlive = true
      response.setHeader('connection', 'keep-alive')
      void answering(request, response)
    })
    server.on('connection', (socket) => sockets.add(socket))
    const port = await listen(server)
    const heard = await ask('kernel', `http://127.0.0.1:${port}`, { perRequest: true }, 2)
    expect(heard.map(({ reused }) => reused)).toEqual([false, false])
    expect(sockets.size).toBe(2)
  },
)

test('several base URLs are asked in turn, in the order of the plan', async () => {
  const seen: string[] = []
  const ways: { origin: string; connection: object }[] = []
  for (const place of ['a', 'b', 'c']) {
    const { origin, close } = await serving((request, response) => {
      seen.push(`${place}${request.headers['x-request-id']}`)
      response.end()
    })
    closing.push(close)
    ways.push({ origin, connection: {} })
  }
  const { transport } = await asker('undici', 'http://127.0.0.1:9')
  closing.unshift(() => transport.close())
  const channel = openInTurn(transport, ways, 4)
  // Two workers draw from one plan: which of them sends makes no difference.
  for (const index of [0, 2, 1, 3, 5, 4]) {
    await new Promise<void>((resolve) => {
      channel.send(
        { path: '/', headers: { 'x-request-id': `run-20261121-${index}` }, body: '' },
        { onSent() {}, onHeaders() {}, onData() {}, onEnd: () => resolve(), onBroken: () => resolve() },
      )
    })
  }
  expect(seen.map((text) => text.replace('run-20261121-', ''))).toEqual(['a0', 'c2', 'b1', 'a3', 'c5', 'b4'])
})

describe('the handshake', () => {
  test.each([
    ['h2', true, createSecureServer, 'h2'],
    ['only HTTP/1.1', true, createHttpsServer, 'http/1.1'],
    ['h2, unasked', false, createSecureServer, 'http/1.1'],
  ] as const)('with a server that offers %s', async (_what, http2, create, http) => {
    const server = (create as typeof createSecureServer)({ ...SERVER, allowHTTP1: true }, answering as never)
    const port = await listen(server as never)
    expect(await learnHandshake(`https://127.0.0.1:${port}`, { tls: { ca: CA }, http2 })).toEqual({
      http,
      tls: 'TLSv1.3',
    })
  })

  test('is nothing without TLS, and where none was made', async () => {
    const port = await listen(createHttpsServer(SERVER, answering))
    expect(await learnHandshake(`http://127.0.0.1:${port}`, {})).toBeUndefined()
    expect(await learnHandshake(`https://127.0.0.1:${port}`, {})).toBeUndefined()
  })
})

test.each([
  ['https://a.test', {}, 'TLS'],
  ['https://a.test', { http2: true }, 'HTTP/2'],
  ['http://a.test', { socketPath: '/run/engine.sock' }, 'unix socket'],
  ['http://a.test', { proxy: 'http://p.test' }, 'proxy'],
] as const)('%s with %o is for undici, and the choice says why', (origin, setting, word) => {
  for (const wanted of ['auto', 'kernel'] as const) {
    const { name, reason, words } = chooseTransport(origin, wanted, setting)
    expect(name).toBe('undici')
    expect(reason).toContain(word)
    expect(words).toBe(`stamps by the event loop (undici: ${reason})`)
  }
})
