import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { monotonicNs, runClock } from '../../src/base/index.js'
import { createChores } from '../../src/drive/chores.js'
import { createLedger } from '../../src/drive/ledger.js'
import { createLiveMetrics } from '../../src/drive/live.js'
import { runLoop } from '../../src/drive/loop.js'
import { createSender } from '../../src/drive/sender.js'
import { profileSchema } from '../../src/profile/schema.js'
import { apiOf } from '../../src/protocol/index.js'
import type { RequestRecord } from '../../src/record/index.js'
import { planSchedule } from '../../src/schedule/index.js'
import { createTransport } from '../../src/transport/index.js'
import { createWorkload } from '../../src/workload/index.js'

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
async function drive(): Promise<{ records: RequestRecord[]; zeroNs: number }> {
  const zeroNs = monotonicNs()
  const clock = runClock(zeroNs)
  const records: RequestRecord[] = []
  const profile = profileSchema.parse({
    load: { kind: 'constant', ratePerS: RATE_PER_S },
    limits: { requests: REQUESTS, maxInFlight: REQUESTS },
  })
  const transport = await createTransport('undici', clock)
  const chores = createChores()
  const sender = createSender({
    api: apiOf('openai-chat'),
    channel: transport.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, REQUESTS),
    chores,
    clock,
    limits: profile.limits,
    live: createLiveMetrics(),
    context: { point: 'run', worker: 0, stamps: transport.stamps },
    headers: { 'content-type': 'application/json' },
    requestIdPrefix: 'test',
    model: 'm',
    exactOutput: false,
    chunkUsage: false,
    extraBody: {},
    write: (record) => records.push(record),
  })
  const lexicon = { source: 'server' as const, baseTokens: 2, words: [{ text: 'the', tokens: 1 }] }
  await runLoop({
    schedule: planSchedule(profile),
    workload: createWorkload({ profile, lexicon, salt: '', requests: REQUESTS }),
    sender,
    chores,
    clock,
    startNs: clock.nowNs(),
    worker: 0,
    workers: 1,
    ledger: createLedger(),
    maxInFlight: profile.limits.maxInFlight,
    counted: true,
    stop: new AbortController().signal,
    onTargetLost: () => {},
  })
  sender.close()
  await transport.close()
  return { records, zeroNs }
}

test('a server that stands still for 2 s under a constant rate: every request that was due in it bears what was left of it', async () => {
  const { records, zeroNs } = await drive()
  expect(records).toHaveLength(REQUESTS)
  const [fromNs, toNs] = [(stall?.fromNs ?? 0) - zeroNs, (stall?.toNs ?? 0) - zeroNs]
  expect(toNs - fromNs).toBeGreaterThanOrEqual(STALL_NS * 0.999)

  // The load did not wait: what is due in the stall is what the rate says, to the one request at either end.
  const due = records.filter((r) => r.scheduledNs >= fromNs && r.scheduledNs < toNs)
  expect(Math.abs(due.length - ((toNs - fromNs) / 1e9) * RATE_PER_S)).toBeLessThanOrEqual(1)
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
