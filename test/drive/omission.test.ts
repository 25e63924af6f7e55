import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { monotonicNs } from '../../src/base/index.js'
import { profileSchema } from '../../src/profile/schema.js'
import { driveHere } from './harness.js'

const RATE_PER_S = 100
const REQUESTS = 400
const STALL_NS = 2e9

const event = (content: string, finish: string | null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`

/** Answers at once, but for 2 s from the hundredth request on, in which answers wait. Times are the process's own clock. */
let waiting: ServerResponse[] | undefined
let stall: { readonly fromNs: number; toNs: number } | undefined
let seen = 0
const answer = (res: ServerResponse): void => {
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  res.end(`${event('a', null)}${event('b', 'stop')}data: [DONE]\n\n`)
}
function startStall(): void {
  waiting = []
  const from = monotonicNs()
  setTimeout(() => {
    const held = waiting ?? []
    waiting = undefined
    stall = { fromNs: from, toNs: monotonicNs() }
    for (const res of held) answer(res)
  }, STALL_NS / 1e6)
}

let server: Server
beforeAll(async () => {
  server = createServer((req, res) => {
    req.resume().on('end', () => {
      if (++seen === 100) startStall()
      if (waiting === undefined) answer(res)
      else waiting.push(res)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** Drives the server at a constant rate; what is returned are the records, and the run's zero on the process's clock. */
const drive = () =>
  driveHere({
    profile: profileSchema.parse({
      load: { kind: 'constant', ratePerS: RATE_PER_S },
      limits: { requests: REQUESTS, maxInFlight: REQUESTS },
    }),
    transport: 'undici',
    port: (server.address() as AddressInfo).port,
  })

test('a server that stands still for 2 s under a constant rate: every request that was due in it bears what was left of it', async () => {
  const { records, zeroNs } = await drive()
  expect(records).toHaveLength(REQUESTS)
  const [fromNs, toNs] = [(stall?.fromNs ?? 0) - zeroNs, (stall?.toNs ?? 0) - zeroNs]
  expect(toNs - fromNs).toBeGreaterThanOrEqual(STALL_NS * 0.999)

  // The load did not wait: what is due in the stall is what the rate says, to the one request at either end. On a machine that
  // is held up the stall may outlast the plan.
  const planEndNs = Math.max(...records.map((r) => r.scheduledNs)) + 1e9 / RATE_PER_S
  const due = records.filter((r) => r.scheduledNs >= fromNs && r.scheduledNs < toNs)
  expect(
    Math.abs(due.length - ((Math.min(toNs, planEndNs) - fromNs) / 1e9) * RATE_PER_S),
  ).toBeLessThanOrEqual(1)
  // No answer can have come before the stall was over: bounds by cause, not by how fast this machine is.
  for (const r of due) {
    expect(r.state).toBe('completed')
    expect(r.firstTokenNs ?? 0).toBeGreaterThanOrEqual(toNs)
  }
  // From the schedule, then, at least (2 s − x)·rate requests took x or longer: half a second or more in 150 of 400.
  const latenciesNs = records.map((r) => (r.firstTokenNs ?? Number.NaN) - r.scheduledNs)
  for (const xNs of [0.5e9, 1e9, 1.5e9]) {
    const atLeast = Math.floor(((STALL_NS * 0.999 - xNs) / 1e9) * RATE_PER_S) - 1
    expect(latenciesNs.filter((ns) => ns >= xNs).length).toBeGreaterThanOrEqual(atLeast)
  }
})
