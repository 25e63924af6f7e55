import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import { NS_PER_MS, runClock, sToNs } from '../base/index.js'
import { apiOf } from '../protocol/index.js'
import { requestWriter } from '../record/index.js'
import { createUndiciTransport } from '../transport/index.js'
import { createWorkload } from '../workload/index.js'
import { createLiveMetrics } from './live.js'
import { runLoop } from './loop.js'
import type { Assignment, FromWorker, ToWorker } from './messages.js'
import { createSender } from './sender.js'

/** Entry of a worker thread: owns its connections, its clock readings and its record file. */

const PROGRESS_MS = 500
const LOOP_DELAY_RESOLUTION_MS = 2

const port = parentPort
if (port === null) throw new Error('this file runs as a worker thread')
const a = workerData as Assignment
const post = (message: FromWorker): void => port.postMessage(message)

const clock = runClock(a.zeroNs)
const live = createLiveMetrics()
const file = requestWriter(a.folder, a.worker)
const maxInFlight = Math.ceil(
  (a.schedule.kind === 'closed' ? a.schedule.maxConcurrency : a.profile.limits.maxInFlight) / a.workers,
)
const transport = createUndiciTransport({ origin: a.origin, connections: maxInFlight, clock })
const api = apiOf(a.profile.target.api)
const sender = createSender({
  api: { ...api, path: a.basePath + api.path },
  transport,
  clock,
  limits: a.profile.limits,
  live,
  context: { point: a.point, worker: a.worker, stamps: transport.stamps },
  headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...a.headers },
  requestIdPrefix: a.runId,
  model: a.model,
  exactOutput: a.exactOutput,
  chunkUsage: a.chunkUsage,
  extraBody: a.profile.target.extraBody,
  write: (record) => file.write(record),
})

const loopDelay = monitorEventLoopDelay({ resolution: LOOP_DELAY_RESOLUTION_MS })
let utilization = performance.eventLoopUtilization()

function reportProgress(): void {
  const now = performance.eventLoopUtilization()
  // The monitor counts from one of its own timers to the next: its period is no delay.
  const delayOf = (ns: number): number => Math.max(0, Math.round(ns - LOOP_DELAY_RESOLUTION_MS * NS_PER_MS))
  const measured = loopDelay.count > 0
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
      loopDelayP99Ns: measured ? delayOf(loopDelay.percentile(99)) : 0,
      loopDelayMaxNs: measured ? delayOf(loopDelay.max) : 0,
      cpuShare: performance.eventLoopUtilization(now, utilization).utilization,
    },
  })
  utilization = now
  loopDelay.reset()
}

const stop = new AbortController()
let drainTimer: NodeJS.Timeout | undefined

function startDrain(): void {
  stop.abort()
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
  loopDelay.enable()
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
  loopDelay.disable()
  sender.close()
  file.close()
  post({ kind: 'done', endNs: Math.round(clock.nowNs()) })
  await transport.close()
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
