import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Profile } from '../../src/profile/index.js'
import { profileSchema } from '../../src/profile/schema.js'
import type { RequestRecord } from '../../src/record/index.js'
import { kernelStampsAvailable, type TransportName } from '../../src/transport/index.js'
import { driveHere } from './harness.js'

/** What the server does with the nth request it gets. */
const FAULTS = [
  'none',
  '429',
  '500',
  'reset',
  'cut',
  'stall',
  'error-event',
  'garbage',
  'no-finish',
  'silent',
] as const
type Fault = (typeof FAULTS)[number]

const event = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`
const USAGE = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 3 } })}\n\n`

function answer(fault: Fault, req: IncomingMessage, res: ServerResponse): void {
  if (fault === 'silent') return
  if (fault === 'reset') return void req.socket.destroy()
  if (fault === '429')
    return void res.writeHead(429, { 'retry-after': '2' }).end('{"error":{"message":"slow"}}')
  if (fault === '500') return void res.writeHead(500).end('broken')
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  res.write(event('') + event('a'))
  if (fault === 'stall') return
  if (fault === 'cut') return void setImmediate(() => req.socket.destroy())
  if (fault === 'error-event')
    return void res.end('data: {"error":{"message":"boom","code":500}}\n\ndata: [DONE]\n\n')
  if (fault === 'garbage') return void res.end('data: {nonsense\n\n')
  if (fault === 'no-finish') return void res.end(`${event('b')}data: [DONE]\n\n`)
  res.end(`${event('b')}${event('c', 'stop')}${USAGE}data: [DONE]\n\n`)
}

const EXPECTED: Readonly<Record<Fault, string>> = {
  none: 'completed',
  '429': 'failed rate-limited',
  '500': 'failed server-error',
  reset: 'failed reset',
  cut: 'cut-off cut-stream',
  stall: 'timed-out deadline-stall',
  'error-event': 'failed server-error',
  garbage: 'failed protocol-violation',
  'no-finish': 'cut-off cut-stream',
  silent: 'timed-out deadline-ttft',
}

/** Nothing above `transport` may know which of the two is at work: all of this holds for both. */
const TRANSPORTS: readonly TransportName[] = kernelStampsAvailable().available
  ? ['kernel', 'undici']
  : ['undici']
let transportName: TransportName = 'undici'

let server: Server
let faults: readonly Fault[] = ['none']
beforeAll(async () => {
  server = createServer((req, res) => {
    const index = Number(String(req.headers['x-request-id']).split('-').at(-1))
    req.resume().on('end', () => answer(faults[index % faults.length] ?? 'none', req, res))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const drive = (
  profile: Profile,
  {
    stopAfterMs,
    abortAfterMs,
    port = portOf(server),
  }: { stopAfterMs?: number; abortAfterMs?: number; port?: number } = {},
) =>
  driveHere({
    profile,
    transport: transportName,
    port,
    meddle(stop, sender) {
      const abort = (): void => sender.cancelAll({ code: 'stopped', message: 'now' })
      const timers = [
        stopAfterMs === undefined ? undefined : setTimeout(() => stop.abort(), stopAfterMs),
        abortAfterMs === undefined ? undefined : setTimeout(abort, abortAfterMs),
      ]
      return () => {
        for (const timer of timers) clearTimeout(timer)
      }
    },
  })

const portOf = (listening: Server): number => (listening.address() as AddressInfo).port

const limits = { ttftMs: 150, stallMs: 150, totalMs: 2000 }
const closed = (requests: number, concurrency: number, more: object = {}) =>
  profileSchema.parse({ load: { kind: 'closed', concurrency }, limits: { ...limits, requests }, ...more })

/** Every index of the plan once, and the states sum to it. */
function expectWholePlan({ records, requests, states }: Awaited<ReturnType<typeof drive>>): void {
  expect(records.map((r) => r.index).sort((a, b) => a - b)).toEqual(
    Array.from({ length: requests }, (_, i) => i),
  )
  expect(Object.values(states).reduce((a, b) => a + b, 0)).toBe(requests)
}

const outcome = (r: RequestRecord): string => [r.state, r.error?.code].filter(Boolean).join(' ')

describe.each(TRANSPORTS)('over the %s transport', (name) => {
  beforeAll(() => {
    transportName = name
  })

  describe('every fault ends in the one state that fits it', () => {
    for (const fault of FAULTS) {
      test(`${fault}: ${EXPECTED[fault]}`, async () => {
        faults = [fault]
        const { records } = await drive(closed(2, 2))
        expect(records.map(outcome)).toEqual([EXPECTED[fault], EXPECTED[fault]])
      })
    }

    test('a refused connection is a failure, and many in a row mean that the target is lost', async () => {
      const probe = createServer()
      await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
      const { port } = probe.address() as AddressInfo
      await new Promise((resolve) => probe.close(resolve))
      const run = await drive(closed(200, 20), { port })
      expect(run.lost).toBe(true)
      expectWholePlan(run)
      expect(new Set(run.records.map(outcome))).toEqual(new Set(['failed refused', 'unsent stopped']))
    })
  })

  describe('every planned request ends in exactly one state', () => {
    test('under any mix of faults, closed or open, stopped or not', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom(...FAULTS), { minLength: 1, maxLength: 6 }),
          fc.boolean(),
          fc.option(fc.integer({ min: 5, max: 120 }), { nil: undefined }),
          fc.integer({ min: 1, max: 8 }),
          async (mix, open, stopAfterMs, concurrency) => {
            faults = mix
            const profile = open
              ? profileSchema.parse({
                  load: { kind: 'poisson', ratePerS: 200 },
                  limits: { ...limits, requests: 25, maxInFlight: concurrency },
                })
              : closed(25, concurrency)
            expectWholePlan(await drive(profile, stopAfterMs === undefined ? {} : { stopAfterMs }))
          },
        ),
        { numRuns: 12 },
      )
    })

    test('an arrival that finds no free slot is unsent, and stays in the plan', async () => {
      faults = ['stall']
      const run = await drive(
        profileSchema.parse({
          load: { kind: 'constant', ratePerS: 500 },
          limits: { ...limits, requests: 20, maxInFlight: 4 },
        }),
      )
      expectWholePlan(run)
      expect(run.records.filter((r) => outcome(r) === 'unsent no-slot')).toHaveLength(16)
    })

    test('ending at once cancels what is open', async () => {
      faults = ['silent']
      const patient = { limits: { requests: 10, ttftMs: 10_000, totalMs: 10_000 } }
      const run = await drive(closed(10, 5, patient), { stopAfterMs: 300, abortAfterMs: 400 })
      expectWholePlan(run)
      expect(run.records.filter((r) => r.state === 'cancelled')).toHaveLength(5)
      expect(run.records.filter((r) => r.state === 'unsent')).toHaveLength(5)
    })

    test('the turns after a failed one are lost, and say so', async () => {
      faults = ['none', '500', 'none', 'none']
      const run = await drive(closed(8, 1, { workload: { conversation: { turns: 4 } } }))
      expectWholePlan(run)
      const first = run.records.filter((r) => r.conversation === 0).sort((a, b) => a.index - b.index)
      expect(first.map(outcome)).toEqual([
        'completed',
        'failed server-error',
        'unsent turn-lost',
        'unsent turn-lost',
      ])
    })
  })

  test('a loop that time bounds stays full until the measured requests have ended; what filled it is no part of the plan', async () => {
    faults = ['none']
    const { records, states } = await drive(
      profileSchema.parse({
        load: { kind: 'closed', concurrency: 6 },
        limits: { ...limits, durationS: 0.2 },
      }),
    )
    const measured = records.filter((r) => r.phase === 'measured')
    expect(measured.length).toBeGreaterThan(6)
    expect(measured.every((r) => r.state === 'completed')).toBe(true)
    expect(Object.values(states).reduce((a, b) => a + b, 0)).toBe(measured.length)
    expect(new Set(records.map((r) => r.index)).size).toBe(records.length)
  })

  test('a stalled server does not slow later arrivals', async () => {
    faults = ['stall']
    const { records } = await drive(
      profileSchema.parse({ load: { kind: 'constant', ratePerS: 100 }, limits: { ...limits, requests: 30 } }),
    )
    const inOrder = records.toSorted((a, b) => a.index - b.index)
    const first = inOrder[0]?.scheduledNs ?? 0
    for (const [i, r] of inOrder.entries()) expect(Math.abs(r.scheduledNs - first - i * 10e6)).toBeLessThan(2)
    expect(inOrder.every((r) => (r.sentNs ?? 0) >= r.scheduledNs)).toBe(true)
  })

  test('what a record holds of a completed request', async () => {
    faults = ['none']
    const { records } = await drive(closed(1, 1))
    const r = records[0]
    if (r?.sentNs === undefined || r.firstTokenNs === undefined || r.lastTokenNs === undefined)
      throw new Error('stamps are missing')
    expect(r).toMatchObject({
      state: 'completed',
      httpStatus: 200,
      inputTokens: 9,
      outputTokens: 3,
      tokenSource: 'usage',
      finishReason: 'stop',
      connectionReused: false,
    })
    const times = [
      r.scheduledNs,
      r.sentNs,
      r.headersNs ?? 0,
      r.firstEventNs ?? 0,
      r.firstTokenNs,
      r.lastTokenNs,
      r.endNs,
    ]
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    // Three chunks, three tokens by usage: one each. The stamps lead from send to last token.
    expect(r.chunks.filter((_, i) => i % 2 === 1)).toEqual([1, 1, 1])
    const sum = r.chunks.filter((_, i) => i % 2 === 0).reduce((a, b) => a + b, 0)
    expect(Math.abs(r.sentNs + sum - r.lastTokenNs)).toBeLessThanOrEqual(1)
  })
})
