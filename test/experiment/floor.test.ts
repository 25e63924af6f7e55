import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { FalloffError } from '../../src/base/index.js'
import { fireFrom } from '../../src/experiment/floor/child.js'
import { type FloorOptions, measureFloor } from '../../src/experiment/index.js'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function served(handler: RequestListener): Promise<string> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const never = new AbortController().signal
const options = (given: Partial<FloorOptions> & Pick<FloorOptions, 'places'>): FloorOptions => ({
  path: '/health',
  headers: {},
  connections: [2],
  seconds: 5,
  amount: 20,
  turns: 1,
  command: 'falloff floor',
  onPhase: () => {},
  interruption: { soon: never, now: never },
  ...given,
})

/** A server that answers after so many ms, and what it was asked. */
async function slow(ms: number) {
  const asked: string[] = []
  const url = await served(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    asked.push(`${request.method} ${request.url} ${request.headers['x-key'] ?? ''} ${body}`.trimEnd())
    setTimeout(() => response.end('ok'), ms)
  })
  return { url, asked }
}

test('asks both places in turns, no more than asked for, and says what the gateway adds', async () => {
  const [gateway, direct] = [await slow(40), await slow(10)]
  const phases: string[] = []
  const floor = await measureFloor(
    options({
      places: { target: gateway.url, direct: direct.url },
      headers: { 'x-key': 'sesame' },
      turns: 2,
      onPhase: (text) => phases.push(text.replace(/ \(.*/, '')),
    }),
  )
  expect(phases).toEqual([
    'direct: 2 connections',
    'target: 2 connections',
    'target: 2 connections',
    'direct: 2 connections',
  ])
  for (const { asked } of [gateway, direct]) {
    expect(asked).toHaveLength(40)
    expect(new Set(asked)).toEqual(new Set(['GET /health sesame']))
  }
  const [first, second] = floor.figures
  expect(first).toMatchObject({ place: 'direct', connections: 2, answers: 40, non2xx: 0, errors: 0 })
  expect(second).toMatchObject({ place: 'target', answers: 40 })
  // The servers hold every answer for so long at least: a latency below would be wrong in its unit or its start.
  expect(first?.latencyNs?.p50).toBeGreaterThan(9e6)
  expect(second?.latencyNs?.p50).toBeGreaterThan(39e6)
  expect(second?.requestsPerS).toBeLessThan(2 / 0.039)
  const [cost] = floor.gateway
  expect(cost?.p50Ns).toBe((second?.latencyNs?.p50 ?? 0) - (first?.latencyNs?.p50 ?? 0))
  expect(JSON.stringify(floor)).not.toContain('sesame')
}, 60_000)

test('a body is posted', async () => {
  const { url, asked } = await slow(0)
  const floor = await measureFloor(
    options({ places: { target: url }, path: '/v1/x', body: '{"a":1}', amount: 4 }),
  )
  expect(floor).toMatchObject({ asked: 'POST /v1/x', gateway: [] })
  expect(asked).toEqual(Array.from({ length: 4 }, () => 'POST /v1/x  {"a":1}'))
}, 60_000)

test('answers of another status are counted, and are no latency', async () => {
  const url = await served((_request, response) => response.writeHead(503).end())
  const floor = await measureFloor(options({ places: { target: url } }))
  expect(floor.figures).toMatchObject([{ answers: 20, non2xx: 20, latencyNs: null }])
}, 60_000)

test('nobody there is errors, not an end without a word', async () => {
  const floor = await measureFloor(options({ places: { target: 'http://127.0.0.1:9' }, seconds: 1 }))
  expect(floor.figures[0]).toMatchObject({ answers: 0, latencyNs: null })
  expect(floor.figures[0]?.errors).toBeGreaterThan(0)
}, 60_000)

test('time ends it where the answers do not', async () => {
  const { url, asked } = await slow(400)
  const floor = await measureFloor(options({ places: { target: url }, seconds: 1, amount: 1000 }))
  expect(floor.figures[0]?.answers).toBeGreaterThan(0)
  expect(asked.length).toBeLessThan(20)
}, 60_000)

test('a process that fails tells its last words', async () => {
  const broken = new URL('no-such-entry.js', import.meta.url).pathname
  const job = {
    url: 'http://127.0.0.1:9',
    method: 'GET',
    headers: {},
    connections: 1,
    seconds: 1,
    amount: 1,
  } as const
  await expect(fireFrom(job, never, broken)).rejects.toThrow(FalloffError)
})
