import { Worker } from 'node:worker_threads'
import { type Clock, FalloffError, NS_PER_MS } from '../base/index.js'
import type { BudgetCap } from '../profile/index.js'
import { createLedger, plannedSoFar } from './ledger.js'
import type { Assignment, FromWorker, Progress, ToWorker } from './messages.js'

/** Time between the start order and the first arrival: every worker has it in hand by then. */
const START_LEAD_NS = 20 * NS_PER_MS

interface DriveHooks {
  /** About twice a second from each worker. */
  onProgress(progress: Progress): void
  onTargetLost(): void
  /** A cap of the budget was reached; told by every worker that meets it. */
  onBudget(cap: BudgetCap): void
}

export interface Drive {
  /** Start of the plan, in ns since the run's zero. */
  readonly startNs: number
  /** Start nothing more; let open requests end. */
  stop(): void
  /** End now. */
  abort(): void
  /** How many requests of a closed loop have been drawn: its plan, where time bounds it. */
  drawn(): number
  /** Resolves with the end in ns since the run's zero, when every worker has written its last record. */
  readonly ended: Promise<number>
}

/** Starts the workers, waits until each is ready, and lets them begin together. */
export async function startDrive(
  assignment: Omit<Assignment, 'worker' | 'ledger'>,
  clock: Clock,
  hooks: DriveHooks,
): Promise<Drive> {
  const ledger = createLedger()
  const workers = Array.from({ length: assignment.workers }, (_, worker) =>
    spawn({ ...assignment, worker, ledger }, hooks),
  )
  await Promise.all(workers.map((w) => w.ready))
  const startNs = clock.nowNs() + START_LEAD_NS
  const tell = (message: ToWorker): void => {
    for (const { thread } of workers) thread.postMessage(message)
  }
  tell({ kind: 'start', startNs })
  return {
    startNs,
    stop: () => tell({ kind: 'stop' }),
    abort: () => tell({ kind: 'abort' }),
    drawn: () => plannedSoFar(ledger),
    ended: Promise.all(workers.map((w) => w.done)).then((ends) => Math.max(...ends)),
  }
}

interface WorkerHandle {
  readonly thread: Worker
  readonly ready: Promise<void>
  readonly done: Promise<number>
}

function spawn(assignment: Assignment, hooks: DriveHooks): WorkerHandle {
  const thread = new Worker(new URL('./worker.js', import.meta.url), { workerData: assignment })
  const died = (thrown: unknown): FalloffError =>
    new FalloffError('WORKER_DIED', `worker ${assignment.worker} ended unexpectedly`, { cause: thrown })

  const ready = new Promise<void>((resolve, reject) => {
    thread.on('message', (message: FromWorker) => message.kind === 'ready' && resolve())
    thread.once('error', (thrown) => reject(died(thrown)))
  })
  const done = new Promise<number>((resolve, reject) => {
    thread.on('message', (message: FromWorker) => {
      if (message.kind === 'progress') hooks.onProgress(message)
      else if (message.kind === 'target-lost') hooks.onTargetLost()
      else if (message.kind === 'budget') hooks.onBudget(message.cap)
      else if (message.kind === 'done') resolve(message.endNs)
    })
    thread.once('error', (thrown) => reject(died(thrown)))
    thread.once('exit', (code) => reject(died(`exit code ${code}`)))
  })
  return { thread, ready, done }
}
