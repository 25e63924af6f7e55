import { setMaxListeners } from 'node:events'
import { type Clock, NS_PER_MS } from '../base/index.js'
import type { RequestFailure, RequestRecord } from '../record/index.js'
import type { ClosedSchedule, OpenSchedule, Schedule } from '../schedule/index.js'
import type { Blueprint, Message, Session, Workload } from '../workload/index.js'
import type { Chores } from './chores.js'
import type { Intent } from './intent.js'
import { closePlanned, drawSession, type Ledger, openPlanned, plannedAreOpen } from './ledger.js'
import type { Sender } from './sender.js'

export interface LoopOptions {
  readonly schedule: Schedule
  readonly workload: Workload
  readonly sender: Sender
  readonly chores: Chores
  readonly clock: Clock
  /** Start of the plan, in ns since the run's zero. */
  readonly startNs: number
  readonly worker: number
  readonly workers: number
  readonly ledger: Ledger
  readonly maxInFlight: number
  /** Whether a number of requests alone bounds the plan, so that what an interruption leaves over is `unsent`. */
  readonly counted: boolean
  /** Aborted when nothing more is to be started. */
  readonly stop: AbortSignal
  /** Called when the target refuses connection after connection. */
  readonly onTargetLost: () => void
}

const STOPPED: RequestFailure = { code: 'stopped', message: 'the run ended before its turn' }
const MEASURED: RequestFailure = { code: 'stopped', message: 'every measured request had ended' }
const NO_SLOT: RequestFailure = {
  code: 'no-slot',
  message: 'limits.maxInFlight requests were already in flight',
}
const TURN_LOST: RequestFailure = { code: 'turn-lost', message: 'an earlier turn of the conversation failed' }

/** Connection failures in a row, without any answer between, after which the target counts as lost. */
const LOST_AFTER = 25
/** A slot whose connection was refused waits so long before it tries again. */
const BACK_OFF_NS = 100 * NS_PER_MS

/** Resolves when every session that was started has ended. */
export function runLoop(options: LoopOptions): Promise<void> {
  const { schedule } = options
  // Every waiting slot listens to the one signal.
  setMaxListeners(0, options.stop)
  return schedule.kind === 'open' ? openLoop(options, schedule) : closedLoop(options, schedule)
}

/** Every arrival starts at its moment, whatever became of the ones before. */
async function openLoop(options: LoopOptions, schedule: OpenSchedule): Promise<void> {
  const { workload, clock, startNs, stop, chores } = options
  const run = createSessionRunner(options, (scheduledNs) =>
    scheduledNs - startNs < schedule.warmupUntilNs ? 'warmup' : 'measured',
  )
  const running = new Set<Promise<unknown>>()
  const sessions = Math.min(workload.sessions, schedule.arrivalsNs.length)
  for (let s = options.worker; s < sessions; s += options.workers) {
    const atNs = startNs + (schedule.arrivalsNs[s] ?? 0)
    // Made before its moment, so that making it delays nothing.
    const session = workload.session(s)
    if (clock.nowNs() < atNs) await clock.until(atNs, stop)
    // Behind schedule the arrivals come without a pause: the loop must still read its sockets.
    else await chores.turn()
    if (stop.aborted) run.skip(session, atNs, STOPPED)
    else if (options.sender.inFlight() >= options.maxInFlight) run.skip(session, atNs, NO_SLOT)
    else {
      const ended = run.session(session, atNs).finally(() => running.delete(ended))
      running.add(ended)
    }
  }
  await Promise.all(running)
}

/** So many slots; a slot that becomes free draws the next session. */
async function closedLoop(options: LoopOptions, schedule: ClosedSchedule): Promise<void> {
  const runs = {
    planned: createSessionRunner(options, closedWarmup(options, schedule), schedule.endNs),
    cooldown: createSessionRunner(options, () => 'cooldown'),
  }
  const slots: Promise<void>[] = []
  for (let slot = options.worker; slot < schedule.maxConcurrency; slot += options.workers) {
    slots.push(runSlot(options, schedule, slot, runs))
  }
  await Promise.all(slots)
  if (options.stop.aborted && options.counted) skipRest(options, runs.planned)
}

type Runs = Readonly<Record<'planned' | 'cooldown', SessionRunner>>

async function runSlot(
  options: LoopOptions,
  schedule: ClosedSchedule,
  slot: number,
  runs: Runs,
): Promise<void> {
  const { workload, clock, chores, startNs, stop, ledger } = options
  let freeNs = startNs
  while (!stop.aborted) {
    const sinceStart = clock.nowNs() - startNs
    if (sinceStart >= schedule.endNs) break
    const activeAtNs = slotActiveAt(schedule, slot, sinceStart)
    if (activeAtNs === undefined) return
    if (activeAtNs > sinceStart) {
      freeNs = startNs + activeAtNs
      await clock.until(freeNs, stop)
      continue
    }
    await chores.turn()
    const number = drawSession(ledger)
    if (number >= workload.sessions) return
    const session = workload.session(number)
    openPlanned(ledger, session.turns.length)
    freeNs = await runs.planned.session(session, freeNs)
    closePlanned(ledger)
  }
  if (!options.counted && schedule.levels.length === 1) await coolDown(options, runs.cooldown)
}

/**
 * Time is up for this slot, but others still have measured requests open: if the load fell now, those would run in an
 * emptier engine than the one that is measured.
 */
async function coolDown(
  { workload, clock, chores, stop, ledger, sender }: LoopOptions,
  run: SessionRunner,
): Promise<void> {
  while (!stop.aborted && plannedAreOpen(ledger)) {
    await chores.turn()
    await run.session(workload.session(drawSession(ledger)), clock.nowNs())
  }
  sender.cancelAll(MEASURED, 'cooldown')
}

const closedWarmup =
  ({ startNs }: LoopOptions, schedule: ClosedSchedule): PhaseOf =>
  (scheduledNs, index) =>
    index < schedule.warmupRequests || scheduledNs - startNs < schedule.warmupUntilNs ? 'warmup' : 'measured'

/** From when on the slot may work, at or after `sinceStart`; undefined when it is never needed again. */
function slotActiveAt({ levels }: ClosedSchedule, slot: number, sinceStart: number): number | undefined {
  let current = 0
  for (const level of levels) {
    if (level.atNs <= sinceStart) current = level.concurrency
    else if (current > slot) return sinceStart
    else if (level.concurrency > slot) return level.atNs
  }
  return current > slot ? sinceStart : undefined
}

/** What nobody drew before the stop: workers share it out by drawing on. */
function skipRest(options: LoopOptions, run: SessionRunner): void {
  for (;;) {
    const number = drawSession(options.ledger)
    if (number >= options.workload.sessions) return
    run.skip(options.workload.session(number), options.clock.nowNs(), STOPPED)
  }
}

/** So many requests apart the characters of an answer are counted: text costs a decoder more than all the rest. */
const COUNTED_EVERY = 32

type PhaseOf = (scheduledNs: number, index: number) => RequestRecord['phase']

type SessionRunner = ReturnType<typeof createSessionRunner>

/** @param endNs no turn starts later than this after the start of the plan */
function createSessionRunner(options: LoopOptions, phaseOf: PhaseOf, endNs = Number.POSITIVE_INFINITY) {
  const { sender, clock, stop } = options
  const checkLife = createLifeline(options)
  const intentOf = (blueprint: Blueprint, scheduledNs: number): Intent => ({
    blueprint,
    phase: phaseOf(scheduledNs, blueprint.index),
    scheduledNs,
    keepText: blueprint.conversation !== undefined || blueprint.index % COUNTED_EVERY === 0,
  })

  const skipFrom = (turns: readonly Blueprint[], atNs: number, error: RequestFailure): void => {
    for (const blueprint of turns) sender.skip(intentOf(blueprint, atNs), error)
  }

  return {
    skip: (session: Session, atNs: number, error: RequestFailure) => skipFrom(session.turns, atNs, error),

    /**
     * Turns one after the other, each with the history of those before.
     * @returns when its slot became free, in ns since the run's zero
     */
    async session({ turns }: Session, firstAtNs: number): Promise<number> {
      const history: Message[] = []
      let freeNs = firstAtNs
      for (const [i, blueprint] of turns.entries()) {
        const scheduledNs = i === 0 ? firstAtNs : freeNs + blueprint.thinkTimeNs
        if (i > 0) {
          const isLate = scheduledNs - options.startNs >= endNs
          if (!isLate) await clock.until(scheduledNs, stop)
          if (isLate || stop.aborted) {
            skipFrom(turns.slice(i), scheduledNs, STOPPED)
            break
          }
        }
        const messages = [...history, ...blueprint.messages]
        const { record, text } = await sender.send(intentOf(blueprint, scheduledNs), messages)
        freeNs = (await checkLife(record)) ? clock.nowNs() : record.endNs
        if (record.state !== 'completed') {
          skipFrom(turns.slice(i + 1), freeNs, TURN_LOST)
          break
        }
        history.push(...blueprint.messages, { role: 'assistant', content: text })
      }
      return freeNs
    },
  }
}

/**
 * Keeps a dead target from being hammered, and tells when it is dead. One for all slots of a worker.
 * Resolves with whether the slot was held back.
 */
function createLifeline({ clock, stop, onTargetLost }: LoopOptions) {
  let unreachableInARow = 0
  return async (record: RequestRecord): Promise<boolean> => {
    const code = record.error?.code
    if (code === 'client-limit') {
      // Our own fault says nothing of the target; trying on at once would only be refused again.
      await clock.until(clock.nowNs() + BACK_OFF_NS, stop)
      return true
    }
    if (code !== 'refused' && code !== 'dns' && !(code === 'reset' && record.httpStatus === undefined)) {
      unreachableInARow = 0
      return false
    }
    if (++unreachableInARow === LOST_AFTER) onTargetLost()
    if (code === 'reset') return false
    await clock.until(clock.nowNs() + BACK_OFF_NS, stop)
    return true
  }
}
