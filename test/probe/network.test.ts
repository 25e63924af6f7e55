import { readFileSync } from 'node:fs'
import { createSecureServer } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { Answer } from '../../src/probe/asker.js'
import { clockOffset } from '../../src/probe/clock.js'
import { examineNetwork } from '../../src/probe/network.js'
import { networkFindings } from '../../src/probe/network-findings.js'
import { probeAt, shownIn } from './fakes.js'

const pem = (name: string): string =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')
const CA = pem('ca.pem')
const SERVER = { cert: pem('server.pem'), key: pem('server.key.pem') }

const open: { close(): unknown }[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

async function listen(server: Pick<Server, 'listen' | 'address' | 'close'>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(server)
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** We hang up on it, which is no error of anybody's. */
const tcpServer = (onSocket: (socket: Socket) => void = () => {}): Server =>
  createTcpServer((socket) => onSocket(socket.on('error', () => {})))

const shown = (network: Awaited<ReturnType<typeof examineNetwork>>) =>
  Object.fromEntries(networkFindings(network, []).map((finding) => [finding.name, finding.shown]))

describe('the way to a server', () => {
  test('HTTP/2 is found where ALPN chooses it, and trust where our CA signed', async () => {
    const host = await listen(createSecureServer({ ...SERVER, allowHTTP1: true }) as unknown as Server)
    const network = await examineNetwork(new URL(`https://${host}`), { tls: { ca: CA } }, 2_000)
    expect(network.connectNs).toHaveLength(5)
    expect(network.tls).toMatchObject({ alpn: 'h2', version: 'TLSv1.3', mistrust: null })
    expect(shown(network)['TLS and HTTP']).toBe('TLSv1.3, HTTP/2 and 1.1')
  })

  test('a certificate that nobody here signed is told, and so is a server of HTTP/1.1 alone', async () => {
    const host = await listen(createHttpsServer(SERVER))
    const network = await examineNetwork(new URL(`https://${host}`), {}, 2_000)
    expect(network.tls).toMatchObject({
      alpn: 'http/1.1',
      mistrust: expect.stringMatching(/^[A-Z_]+$/) as string,
    })
    expect(shown(network)['TLS and HTTP']).toMatch(
      /^TLSv1\.3, HTTP\/1\.1; the certificate is not trusted: [A-Z_]+$/,
    )
  })

  test('without trust every API says so, and nothing is written', async () => {
    const host = await listen(createHttpsServer(SERVER, (_, response) => response.end()))
    const result = await probeAt(`https://${host}`)
    expect(shownIn(result)['openai-chat']).toBe('no answer')
    expect(result.target).toBeUndefined()
  })

  test('a port that speaks no TLS, or says nothing, is no crash', async () => {
    const plain = await listen(tcpServer((socket) => socket.end('220 mail\r\n')))
    const mute = await listen(tcpServer())
    for (const host of [plain, mute]) {
      const network = await examineNetwork(new URL(`https://${host}`), {}, 300)
      expect(network.failure).toBeDefined()
      expect(shown(network)['TLS and HTTP']).toBe('no TLS came about')
    }
  })

  test('over a unix socket', async () => {
    const path = join(tmpdir(), `falloff-probe-${process.pid}.sock`)
    const server = tcpServer((socket) => socket.end())
    await new Promise<void>((resolve) => server.listen(path, resolve))
    open.push(server)
    const network = await examineNetwork(new URL('http://localhost'), { socketPath: path }, 1_000)
    expect(network.connectNs).toHaveLength(5)
  })

  test('nothing there: why, and no times', async () => {
    const server = tcpServer()
    const host = await listen(server)
    await new Promise((resolve) => server.close(resolve))
    const network = await examineNetwork(new URL(`http://${host}`), {}, 1_000)
    expect(network).toMatchObject({ connectNs: [], failure: { code: 'refused' } })
  })
})

describe('the clock of the server', () => {
  const answerAt = (askedAtMs: number, headAtMs: number, dateMs: number): Answer => ({
    ...{ askedAtMs, headAtMs, text: '', sentNs: 0, endNs: 0, status: 200 },
    headers: { date: new Date(dateMs).toUTCString() },
  })

  test('its true offset always lies between the bounds, and they are at most 2 s and a round trip apart', () => {
    const exchange = fc.record({
      startMs: fc.integer({ min: 0, max: 60_000 }),
      thereMs: fc.integer({ min: 0, max: 400 }),
      backMs: fc.integer({ min: 0, max: 400 }),
      // Servers write the date of up to a second ago.
      keptMs: fc.integer({ min: 0, max: 999 }),
    })
    const offset = fc.integer({ min: -7_200_000, max: 7_200_000 })
    fc.assert(
      fc.property(offset, fc.array(exchange, { minLength: 1, maxLength: 20 }), (offsetMs, exchanges) => {
        const base = Date.UTC(2026, 10, 21)
        const answers = exchanges.map(({ startMs, thereMs, backMs, keptMs }) => {
          const askedAtMs = base + startMs
          const seenMs = askedAtMs + thereMs + offsetMs - keptMs
          return answerAt(askedAtMs, askedAtMs + thereMs + backMs, Math.floor(seenMs / 1000) * 1000)
        })
        const { leastS, mostS } = clockOffset(answers) ?? { leastS: Number.NaN, mostS: Number.NaN }
        expect(leastS).toBeLessThanOrEqual(offsetMs / 1000)
        expect(mostS).toBeGreaterThanOrEqual(offsetMs / 1000)
        expect(mostS - leastS).toBeLessThanOrEqual(2 + 0.8)
      }),
    )
  })

  test.each([
    [0, 'as ours, ±1.0 s'],
    [90_000, '90.0 s ahead of ours, ±1.0 s'],
    [-3_600_000, '3600.0 s behind ours, ±1.0 s'],
  ])('%i ms off is shown as: %s', (offsetMs, text) => {
    const nowMs = Date.UTC(2026, 10, 21, 12)
    const answer = answerAt(nowMs, nowMs, nowMs - 1000 + offsetMs)
    expect(networkFindings({ connectNs: [1e5] }, [answer]).find(({ name }) => name === 'clock')?.shown).toBe(
      text,
    )
  })

  test('is not told where there is no date', () => {
    expect(
      clockOffset([{ headers: {}, text: '', askedAtMs: 1, headAtMs: 2, sentNs: 0, endNs: 0 }]),
    ).toBeUndefined()
  })
})
