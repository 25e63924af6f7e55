import { type Clock, monotonicNs, runClock } from '../../src/base/index.js'
import type { Budget } from '../../src/drive/budget.js'
import { createChores } from '../../src/drive/chores.js'
import { createLedger } from '../../src/drive/ledger.js'
import { createLiveMetrics } from '../../src/drive/live.js'
import { runLoop } from '../../src/drive/loop.js'
import { createSender, type Sender } from '../../src/drive/sender.js'
import type { Profile } from '../../src/profile/index.js'
import { apiOf } from '../../src/protocol/index.js'
import type { RequestRecord } from '../../src/record/index.js'
import { planSchedule } from '../../src/schedule/index.js'
import { createTransport, type TransportName } from '../../src/transport/index.js'
import { createWorkload } from '../../src/workload/index.js'

interface Driven {
  readonly records: RequestRecord[]
  /** As planned. */
  readonly requests: number
  readonly states: Sender['states']
  readonly lost: boolean
  /** The run's zero on the process's clock. */
  readonly zeroNs: number
}

interface DriveOptions {
  readonly profile: Profile
  readonly transport: TransportName
  readonly port: number
  /** As a profile names it. */
  readonly api?: string
  readonly model?: string
  /** Called once all is ready; what it returns is called when the loop has ended. */
  readonly budget?: Budget
  readonly meddle?: (stop: AbortController, sender: Sender) => () => void
}

/** What a worker does, in this thread: the loop and sender of the product on a real transport. */
export async function driveHere(options: DriveOptions): Promise<Driven> {
  const { profile, transport, port, meddle, budget, api = 'openai-chat', model = 'm' } = options
  const zeroNs = monotonicNs()
  const clock: Clock = runClock(zeroNs)
  const records: RequestRecord[] = []
  const carrier = await createTransport(transport, clock)
  const chores = createChores()
  const sender = createSender({
    api: apiOf(api),
    channel: carrier.open(`http://127.0.0.1:${port}`, 200),
    chores,
    clock,
    limits: profile.limits,
    retry: profile.retry,
    retrySeed: profile.seeds.arrivals,
    ...(budget && { budget }),
    live: createLiveMetrics(),
    context: { point: 'run', worker: 0, stamps: carrier.stamps },
    headers: { 'content-type': 'application/json' },
    requestIdPrefix: 'test',
    model,
    exactOutput: false,
    chunkUsage: false,
    extraBody: {},
    write: (record) => records.push(record),
  })
  const schedule = planSchedule(profile)
  const requests = schedule.kind === 'open' ? schedule.arrivalsNs.length : schedule.requests
  const lexicon = { source: 'server' as const, baseTokens: 2, words: [{ text: 'the', tokens: 1 }] }
  const workload = createWorkload({ profile, lexicon, salt: '', requests })
  const stop = new AbortController()
  let lost = false
  const leaveBe = meddle?.(stop, sender)
  await runLoop({
    schedule,
    workload,
    sender,
    chores,
    clock,
    startNs: clock.nowNs(),
    worker: 0,
    workers: 1,
    ledger: createLedger(),
    maxInFlight: profile.limits.maxInFlight,
    counted: profile.limits.requests !== undefined,
    stop: stop.signal,
    onTargetLost: () => {
      lost = true
      stop.abort()
    },
  })
  leaveBe?.()
  sender.close()
  await carrier.close()
  return { records, requests: workload.requests, states: sender.states, lost, zeroNs }
}
