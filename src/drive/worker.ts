import { parentPort, workerData } from 'node:worker_threads'
import { keepSecrets, NS_PER_MS, runClock, sToNs } from '../base/index.js'
import { createAlarm, preferPromptness } from '../kernel/index.js'
import { apiOf } from '../protocol/index.js'
import { requestWriter } from '../record/index.js'
import { createTransport } from '../transport/index.js'
import { createWorkload } from '../workload/index.js'
import { startCanary } from './canary.js'
import { createChores } from './chores.js'
import { watchThread } from './instrument.js'
import { createLiveMetrics } from './live.js'
import { runLoop } from './loop.js'
import type { Assignment, FromWorker, ToWorker } from './messages.js'
import { openInTurn } from './origins.js'
import { createSender } from './sender.js'

/** Entry of a worker thread: owns its connections, its clock readings and its record file. */

const PROGRESS_MS = 500
const CANARY_CONNECTIONS = 16
/** Two readings of the offset between two clocks differ by less. */
const CLOCK_NOISE_NS = 20_000

const port = parentPort
if (port === null) throw new Error('this file runs as a worker thread')
const a = workerData as Assignment
const post = (message: FromWorker): void => port.postMessage(message)

keepSecrets(a.secrets)
preferPromptness()
const alarm = createAlarm()
const clock = runClock(a.zeroNs, alarm)
const live = createLiveMetrics()
const file = requestWriter(a.folder, a.worker)
const maxInFlight = Math.ceil(
  (a.schedule.kind === 'closed' ? a.schedule.maxConcurrency : a.profile.limits.maxInFlight) / a.workers,
)
const transport = await createTransport(a.transport, clock, a.profile.target.api)
const api = apiOf(a.profile.target.api)
const chores = createChores()
const sender = createSender({
  chores,
  api: { ...api, path: a.basePath + api.path },
  channel: openInTurn(transport, a.ways, maxInFlight),
  clock,
  limits: a.profile.limits,
  retry: a.profile.retry,
  retrySeed: a.profile.seeds.arrivals,
  ...(a.budget && { budget: a.budget }),
  onBudget(cap) {
    if (stop.signal.aborted) return
    // At once here: a loop without a pause would plan thousands more before the main thread could answer.
    startDrain()
    post({ kind: 'budget', cap })
  },
  live,
  context: { point: a.point, worker: a.worker, stamps: transport.stamps, origins: a.ways.length },
  headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...api.headers, ...a.headers },
  requestIdPrefix: a.runId,
  model: a.model,
  exactOutput: a.exactOutput,
  chunkUsage: a.chunkUsage,
  extraBody: a.profile.target.extraBody,
  ...a.profile.target.request,
  write: (record) => file.write(record),
})

const thread = watchThread(clock)
const canary =
  a.canary && startCanary(transport.open(a.canary.url, CANARY_CONNECTIONS), a.zeroNs, a.canary.model)

function reportProgress(): void {
  const clockJumpNs = Math.round(transport.takeClockJumpNs())
  const unstampedReads = transport.takeUnstampedReads()
  post({
    kind: 'progress',
    worker: a.worker,
    states: { ...sender.states },
    inFlight: sender.inFlight(),
    batch: live.takeBatch(),
    instrument: {
      atNs: Math.round(clock.nowNs()),
      worker: a.worker,
      inFlight: sender.inFlight(),
      ...thread.take(),
      ...(Math.abs(clockJumpNs) > CLOCK_NOISE_NS && { clockJumpNs }),
      ...(unstampedReads > 0 && { unstampedReads }),
      ...(canary && { canary: canary.take() }),
    },
  })
}

const stop = new AbortController()
let drainTimer: NodeJS.Timeout | undefined

function startDrain(): void {
  stop.abort()
  sender.endRetries({ code: 'stopped', message: 'the run ended before the next attempt' })
  drainTimer ??= setTimeout(abortNow, a.profile.limits.drainS * 1000)
}

function abortNow(): void {
  stop.abort()
  sender.cancelAll({ code: 'stopped', message: 'the run ended before the answer did' })
}

async function drive(startNs: number): Promise<void> {
  const workload = createWorkload({
    profile: a.profile,
    lexicon: a.lexicon,
    salt: a.salt,
    requests: a.requests,
    ...(a.dataset && { dataset: a.dataset }),
    ...(a.trace && { trace: a.trace }),
  })
  const progress = setInterval(reportProgress, PROGRESS_MS)
  const { schedule } = a
  const endTimer =
    schedule.kind === 'closed' && Number.isFinite(schedule.endNs)
      ? armEnd(startNs + schedule.endNs)
      : undefined
  await runLoop({
    schedule,
    workload,
    sender,
    chores,
    clock,
    startNs,
    worker: a.worker,
    workers: a.workers,
    ledger: a.ledger,
    maxInFlight,
    counted: a.counted,
    stop: stop.signal,
    onTargetLost: () => post({ kind: 'target-lost' }),
  })
  for (const timer of [progress, endTimer, drainTimer]) clearTimeout(timer)
  reportProgress()
  canary?.stop()
  thread.stop()
  sender.close()
  file.close()
  post({ kind: 'done', endNs: Math.round(clock.nowNs()) })
  await transport.close()
  alarm?.close()
}

/** A time-bounded closed loop stops drawing at its end; what is still open then has the drain time. */
function armEnd(atNs: number): NodeJS.Timeout {
  const drainNs = sToNs(a.profile.limits.drainS)
  return setTimeout(abortNow, (atNs + drainNs - clock.nowNs()) / NS_PER_MS)
}

port.on('message', (message: ToWorker) => {
  if (message.kind === 'start') {
    void drive(message.startNs).then(() => port.close())
  } else if (message.kind === 'stop') startDrain()
  else abortNow()
})
post({ kind: 'ready' })
