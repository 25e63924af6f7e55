import { once } from 'node:events'
import { createServer as createHttpServer, type Server } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { monotonicNs, NS_PER_MS, runClock } from '../../src/base/index.js'
import {
  createTransport,
  kernelStampsAvailable,
  type ResponseSink,
  type Transport,
  type TransportName,
} from '../../src/transport/index.js'

const TRANSPORTS: readonly TransportName[] = kernelStampsAvailable().available
  ? ['kernel', 'undici']
  : ['undici']

interface Heard {
  calls: string[]
  body: string
  sentNs: number
  reused: boolean | undefined
  status: number
  retryAfter: string | undefined
  readsNs: number[]
  awayNs: number[]
  endNs: number
  failure: string | undefined
  message: string
}

/** Writes down what a transport tells; `ended` resolves with it. */
function hear(): { heard: Heard; sink: ResponseSink; ended: Promise<Heard> } {
  const heard: Heard = {
    calls: [],
    body: '',
    sentNs: Number.NaN,
    reused: undefined,
    status: 0,
    retryAfter: undefined,
    readsNs: [],
    awayNs: [],
    endNs: Number.NaN,
    failure: undefined,
    message: '',
  }
  let end: (heard: Heard) => void = () => {}
  const ended = new Promise<Heard>((resolve) => {
    end = resolve
  })
  const sink: ResponseSink = {
    onSent(atNs, reused) {
      heard.calls.push('sent')
      heard.sentNs = atNs
      heard.reused = reused
    },
    onHeaders(_atNs, status, headers) {
      heard.calls.push('headers')
      heard.status = status
      heard.retryAfter = headers['retry-after']
    },
    onData(atNs, bytes, from, to, awayNs) {
      heard.calls.push('data')
      heard.body += bytes.toString('utf8', from, to)
      heard.readsNs.push(atNs)
      heard.awayNs.push(awayNs)
    },
    onEnd(atNs) {
      heard.calls.push('end')
      heard.endNs = atNs
      end(heard)
    },
    onBroken(atNs, failure) {
      heard.calls.push('broken')
      heard.endNs = atNs
      heard.failure = failure.code
      heard.message = failure.message
      end(heard)
    },
  }
  return { heard, sink, ended }
}

const request = (body = '{}') => ({
  path: '/x?y=1',
  headers: { 'content-type': 'application/json', 'x-request-id': 'a-1' },
  body,
})

/** Busy, so that nothing of the event loop runs. */
function holdLoop(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

describe.each(TRANSPORTS)('the %s transport', (name) => {
  const clock = runClock(monotonicNs())
  const servers: { close(): void }[] = []
  let transport: Transport
  beforeEach(async () => {
    transport = await createTransport(name, clock)
  })
  afterEach(async () => {
    await transport.close()
    for (const server of servers.splice(0)) server.close()
  })

  /** @returns the origin of a server that hands each connection to `serve` */
  async function serveRaw(serve: (socket: Socket) => void, host = '127.0.0.1'): Promise<string> {
    const sockets = new Set<Socket>()
    const server = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      serve(socket)
    })
    await new Promise<void>((resolve) => server.listen(0, host, resolve))
    servers.push({
      close() {
        for (const socket of sockets) socket.destroy()
        server.close()
      },
    })
    const { port } = server.address() as AddressInfo
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  async function serveHttp(handler: Parameters<typeof createHttpServer>[1]): Promise<string> {
    const server: Server = createHttpServer(handler as never)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    servers.push({
      close() {
        server.closeAllConnections()
        server.close()
      },
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

  test('sends what was asked for, byte for byte', async () => {
    const got: { url: string; method: string; headers: object; body: string }[] = []
    const origin = await serveHttp(async (req, res) => {
      let body = ''
      for await (const piece of req) body += piece
      got.push({ url: req.url ?? '', method: req.method ?? '', headers: req.headers, body })
      res.end('ok')
    })
    const { sink, ended } = hear()
    transport.open(origin, 1).send(request('{"text":"žluťoučký 🐎"}'), sink)
    expect((await ended).body).toBe('ok')
    expect(got).toMatchObject([
      {
        url: '/x?y=1',
        method: 'POST',
        body: '{"text":"žluťoučký 🐎"}',
        headers: { host: new URL(origin).host, 'content-type': 'application/json', 'x-request-id': 'a-1' },
      },
    ])
  })

  test('tells of an answer in order, and its times rise', async () => {
    const origin = await serveHttp((_req, res) => {
      res.writeHead(429, { 'retry-after': '7' })
      res.write('one')
      setTimeout(() => res.end('two'), 20)
    })
    const beforeNs = clock.nowNs()
    const { sink, ended } = hear()
    transport.open(origin, 1).send(request(), sink)
    const heard = await ended
    expect(heard.calls.join(' ')).toBe('sent headers data data end')
    expect(heard).toMatchObject({ status: 429, retryAfter: '7', body: 'onetwo', reused: false })
    const times = [beforeNs, heard.sentNs, ...heard.readsNs, heard.endNs, clock.nowNs()]
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  test('uses a connection again, tells so, and opens a second one beside a busy one', async () => {
    let connections = 0
    const origin = await serveRaw((socket) => {
      connections++
      socket.on('data', () => setTimeout(() => socket.write(OK), 20))
    })
    const channel = transport.open(origin, 4)
    const [first, second] = [hear(), hear()]
    channel.send(request(), first.sink)
    channel.send(request(), second.sink)
    await Promise.all([first.ended, second.ended])
    expect(connections).toBe(2)
    await sleep(5)
    const third = hear()
    channel.send(request(), third.sink)
    expect(await third.ended).toMatchObject({ reused: true, body: 'ok' })
    expect(connections).toBe(2)
  })

  test('a server that closes after its answer is asked over a new connection', async () => {
    let connections = 0
    const origin = await serveRaw((socket) => {
      connections++
      socket.once('data', () => socket.end(OK.replace('\r\n', '\r\nconnection: close\r\n')))
    })
    const channel = transport.open(origin, 1)
    for (const expected of [1, 2, 3]) {
      const { sink, ended } = hear()
      channel.send(request(), sink)
      expect(await ended).toMatchObject({ body: 'ok', reused: false })
      expect(connections).toBe(expected)
    }
  })

  test('an idle connection that the server closes is not used again', async () => {
    let close: (() => Promise<unknown>) | undefined
    const origin = await serveRaw((socket) => {
      socket.once('data', () => socket.write(OK))
      close = () => {
        socket.end()
        // Comes once the client has closed its side, too.
        return once(socket, 'close')
      }
    })
    const channel = transport.open(origin, 1)
    for (let i = 0; i < 2; i++) {
      const { sink, ended } = hear()
      channel.send(request(), sink)
      expect(await ended).toMatchObject({ body: 'ok', reused: false })
      await close?.()
      for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
  })

  test('a request larger than the socket takes at once arrives whole', async () => {
    const body = `"${'0123456789'.repeat(1_200_000)}"`
    const origin = await serveHttp(async (req, res) => {
      await sleep(30)
      let size = 0
      for await (const piece of req) size += (piece as Buffer).length
      res.end(String(size))
    })
    const { sink, ended } = hear()
    transport.open(origin, 1).send(request(body), sink)
    expect((await ended).body).toBe(String(body.length))
  })

  test('cancelling closes the connection, and nothing is told any more', async () => {
    let closed: (() => void) | undefined
    const serverSawClose = new Promise<void>((resolve) => {
      closed = resolve
    })
    const origin = await serveRaw((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n'))
      socket.on('close', () => closed?.())
    })
    const { heard, sink } = hear()
    const flight = transport.open(origin, 1).send(request(), sink)
    while (heard.body === '') await sleep(1)
    flight.cancel()
    const calls = [...heard.calls]
    await serverSawClose
    await sleep(5)
    expect(heard.calls).toEqual(calls)
  })

  test('cancelling before the connection is made sends nothing', async () => {
    let bytes = 0
    const origin = await serveRaw((socket) => {
      socket.on('data', (data: Buffer) => {
        bytes += data.length
      })
    })
    const { heard, sink } = hear()
    transport.open(origin, 1).send(request(), sink).cancel()
    await sleep(40)
    expect(heard.calls).toEqual([])
    expect(bytes).toBe(0)
  })

  test.each([
    ['refused', 'http://127.0.0.1:1', 'refused'],
    ['a name that does not exist', 'http://no-such-host.invalid', 'dns'],
  ])('%s is told as such, and only after send has returned', async (_what, origin, code) => {
    const { heard, sink, ended } = hear()
    transport.open(origin, 1).send(request(), sink)
    expect(heard.calls).toEqual([])
    expect(await ended).toMatchObject({ calls: ['broken'], failure: code })
  })

  test('a header that cannot be sent is told as such, and only after send has returned', async () => {
    let requests = 0
    const origin = await serveHttp((_req, res) => {
      requests++
      res.end('ok')
    })
    const channel = transport.open(origin, 1)
    const unsendable = { ...request(), headers: { authorization: 'Bearer schlüssel-ž' } }
    // Both without a connection and with a free one.
    for (const sent of [1, 2]) {
      const { heard, sink, ended } = hear()
      channel.send(unsendable, sink)
      expect(heard.calls).toEqual([])
      expect(await ended).toMatchObject({ calls: ['broken'], failure: 'protocol-violation' })
      expect(heard.message).not.toContain('schl')
      const good = hear()
      channel.send(request(), good.sink)
      expect(await good.ended).toMatchObject({ body: 'ok', reused: sent === 2 })
      expect(requests).toBe(sent)
    }
  })

  test('a request given up in the turn in which it turned out that it cannot be sent is not heard of', async () => {
    const { heard, sink } = hear()
    const unsendable = { ...request(), headers: { 'x-name': 'ž' } }
    transport.open('http://127.0.0.1:1', 1).send(unsendable, sink).cancel()
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(heard.calls).toEqual([])
  })

  test('a host of one’s own replaces that of the origin, and goes out once', async () => {
    const raw: string[][] = []
    const origin = await serveHttp((req, res) => {
      raw.push(req.rawHeaders.map((text) => text.toLowerCase()))
      res.end('ok')
    })
    const { sink, ended } = hear()
    transport.open(origin, 1).send({ ...request(), headers: { host: 'models.test' } }, sink)
    await ended
    const [headers = []] = raw
    expect(headers.filter((text) => text === 'host')).toHaveLength(1)
    expect(headers[headers.indexOf('host') + 1]).toBe('models.test')
  })

  test.each([
    ['closes without a word', '', 'reset'],
    ['closes inside the head', 'HTTP/1.1 200 OK\r\nconte', 'reset'],
    ['closes inside a body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf', 'reset'],
    ['does not speak HTTP', 'SSH-2.0-OpenSSH_9\r\n', 'protocol-violation'],
    [
      'sends a chunk without a size',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      'protocol-violation',
    ],
  ])('a server that %s', async (_what, bytes, code) => {
    const origin = await serveRaw((socket) => {
      socket.once('data', () => socket.end(bytes))
    })
    const { sink, ended } = hear()
    transport.open(origin, 1).send(request(), sink)
    const heard = await ended
    expect(heard.calls.at(-1)).toBe('broken')
    expect(heard.failure).toBe(code)
  })

  test('pieces that left the server together carry one time', async () => {
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
    const origin = await serveRaw((socket) => {
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
        setTimeout(() => socket.write(`${chunk('one')}${chunk('two')}0\r\n\r\n`), 50)
      })
    })
    const { sink, ended } = hear()
    transport.open(origin, 1).send(request(), sink)
    const heard = await ended
    expect(heard.body).toBe('onetwo')
    expect(new Set(heard.readsNs).size).toBe(1)
  })

  test('pieces that came while the loop was held may have come apart: the absence is told', async () => {
    let write: ((text: string) => void) | undefined
    const origin = await serveRaw((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\na'))
      write = (text) => void socket.write(text)
    })
    const { heard, sink, ended } = hear()
    transport.open(origin, 1).send(request(), sink)
    while (heard.body === '') await sleep(1)
    // One process is server and client: what is written now is read when the loop goes on.
    write?.('b')
    holdLoop(30)
    write?.('cd')
    await ended
    expect(heard.body).toBe('abcd')
    expect(Math.max(...heard.awayNs.slice(1))).toBeGreaterThan(20 * NS_PER_MS)
  })

  test('reaches a server on IPv6', async () => {
    const origin = await serveRaw((socket) => socket.on('data', () => socket.write(OK)), '::1')
    const { sink, ended } = hear()
    transport.open(origin, 1).send(request(), sink)
    expect((await ended).body).toBe('ok')
  })

  test('a name with several addresses reaches the one that listens', async () => {
    const origin = await serveRaw((socket) => socket.on('data', () => socket.write(OK)))
    const { sink, ended } = hear()
    transport.open(origin.replace('127.0.0.1', 'localhost'), 1).send(request(), sink)
    expect((await ended).body).toBe('ok')
  })
})

test('what undici refuses at once is told only after send has returned', async () => {
  const transport = await createTransport('undici', runClock(monotonicNs()))
  const channel = transport.open('http://127.0.0.1:1', 1)
  await transport.close()
  const { heard, sink, ended } = hear()
  channel.send(request(), sink)
  expect(heard.calls).toEqual([])
  expect((await ended).calls).toEqual(['broken'])
})

test.runIf(kernelStampsAvailable().available)(
  'the kernel stamps what came while we were away with the time at which it came',
  async () => {
    const clock = runClock(monotonicNs())
    const transport = await createTransport('kernel', clock)
    let write: ((text: string) => void) | undefined
    const server = createServer((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na'))
      write = (text) => void socket.write(text)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { heard, sink, ended } = hear()
    transport.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 1).send(request(), sink)
    while (heard.body === '') await sleep(1)
    const beforeNs = clock.nowNs()
    write?.('b')
    holdLoop(100)
    const heldNs = clock.nowNs()
    await ended
    const stampNs = heard.readsNs.at(-1) ?? Number.NaN
    expect(stampNs).toBeGreaterThanOrEqual(beforeNs - 5 * NS_PER_MS)
    expect(stampNs).toBeLessThanOrEqual(heldNs - 20 * NS_PER_MS)
    expect(transport.takeUnstampedReads()).toBe(0)
    await transport.close()
    server.close()
  },
)
