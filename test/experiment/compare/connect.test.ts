import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectPhases } from '../../../src/experiment/compare/connect.js'

const pem = (name: string): string =>
  readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8')

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    }),
  )

let plain: Server
let secure: Server
let plainPort = 0
let securePort = 0
let connections = 0

beforeAll(async () => {
  plain = createServer((socket) => {
    connections++
    socket.on('error', () => undefined)
  })
  secure = createTlsServer({ cert: pem('server.pem'), key: pem('server.key.pem') })
  plainPort = await listening(plain)
  securePort = await listening(secure)
})

afterAll(() => {
  plain.close()
  secure.close()
})

test('an address has no name to look up, and plain HTTP no TLS', async () => {
  const before = connections
  const phases = await connectPhases({ origin: `http://127.0.0.1:${plainPort}`, connection: {} })
  expect(phases).toMatchObject({ attempts: 5, dnsMs: null, tlsMs: null })
  expect(phases?.tcpMs).toBeGreaterThan(0)
  expect(connections - before).toBe(5)
})

test('a name is looked up', async () => {
  const phases = await connectPhases({ origin: `http://localhost:${plainPort}`, connection: {} })
  expect(phases?.dnsMs).toBeGreaterThan(0)
})

test('TLS is shaken hands for with what the profile gives', async () => {
  const way = {
    origin: `https://127.0.0.1:${securePort}`,
    connection: { tls: { ca: pem('ca.pem'), serverName: 'localhost' } },
  }
  expect((await connectPhases(way))?.tlsMs).toBeGreaterThan(0)
})

test.each([
  { what: 'nobody listens', origin: 'http://127.0.0.1:1', connection: {} },
  { what: 'the certificate is nobody’s', origin: () => `https://127.0.0.1:${securePort}`, connection: {} },
  { what: 'a proxy is in between', origin: 'http://127.0.0.1:1', connection: { proxy: 'http://p:1' } },
  { what: 'it is a unix socket', origin: 'http://localhost', connection: { socketPath: '/tmp/none' } },
])('nothing is told where $what', async ({ origin, connection }) => {
  const at = typeof origin === 'string' ? origin : origin()
  expect(await connectPhases({ origin: at, connection })).toBeNull()
})
