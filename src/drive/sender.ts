import { type Clock, createRandom, msToNs } from '../base/index.js'
import type { BudgetCap, Limits, RetryPolicy } from '../profile/index.js'
import type { PromptRequest } from '../protocol/index.js'
import type { Attempt, RequestFailure, RequestRecord } from '../record/index.js'
import type { Channel } from '../transport/index.js'
import type { Message } from '../workload/index.js'
import { assembleRecord, unsentRecord } from './assemble.js'
import { type Budget, overBudget, reachedCap, setAside, settle, type Use } from './budget.js'
import type { Chores } from './chores.js'
import { watchDeadlines } from './deadlines.js'
import { type Ending, Exchange, type ExchangeSetting } from './exchange.js'
import type { Intent, Trail } from './intent.js'
import { createPauses } from './pauses.js'
import { delayBeforeNextMs } from './retry.js'
import { mostUseOf, useOf } from './use.js'

/** What requests have in common, beside their model. */
type RequestKnobs = Omit<PromptRequest, 'model' | 'messages' | 'outputTokens'>

export interface SenderOptions extends ExchangeSetting, RequestKnobs {
  readonly channel: Channel
  readonly clock: Clock
  readonly limits: Limits
  readonly retry: RetryPolicy
  /** Of the jitter between attempts. */
  readonly retrySeed: number
  readonly budget?: Budget
  /** Called for every request that a cap of the budget kept from being sent. */
  readonly onBudget?: (cap: BudgetCap) => void
  readonly chores: Chores
  /** Resolved headers, keys included: held in memory only. */
  readonly headers: Readonly<Record<string, string>>
  readonly requestIdPrefix: string
  readonly write: (record: RequestRecord) => void
}

export interface Answer {
  readonly record: RequestRecord
  /** Empty unless the intent asked to keep it. */
  readonly text: string
}

/** A request on its way, with all that its next attempt needs. */
interface Job {
  readonly intent: Intent
  readonly body: string
  readonly most: Use
  readonly resolve: (answer: Answer) => void
}

/** A job in the pause before its next attempt, and what the one before left behind. */
interface Paused extends Job {
  readonly exchange: Exchange
  readonly attempts: readonly Attempt[]
}

/** Sends requests and sees each to its one record, however many attempts that takes. */
export function createSender(options: SenderOptions) {
  const { api, channel, clock, limits, live, chores, context, write, budget } = options
  const open = new Map<Exchange, { cancel(): void }>()
  const pauses = createPauses<Paused>()
  /** Set when nothing more is to be tried: for all, or for those of one phase. */
  const retriesOver = new Set<RequestRecord['phase'] | 'all'>()
  const states: Record<string, number> = {}

  const deadlines = watchDeadlines(open, limits, clock, (exchange, atNs, code, message) => {
    open.get(exchange)?.cancel()
    exchange.giveUp('timed-out', atNs, { code, message })
  })

  const keep = (record: RequestRecord): RequestRecord => {
    if (record.phase !== 'cooldown') states[record.state] = (states[record.state] ?? 0) + 1
    write(record)
    return record
  }

  const noteLatency = (record: RequestRecord): void => {
    const { sentNs, firstTokenNs, lastTokenNs, outputTokens = 0 } = record
    if (record.state !== 'completed' || record.phase !== 'measured') return
    if (sentNs === undefined || firstTokenNs === undefined || lastTokenNs === undefined) return
    live.e2e(lastTokenNs - sentNs)
    if (outputTokens > 1) live.tpot((lastTokenNs - firstTokenNs) / (outputTokens - 1))
  }

  /** Making the record can wait until the sockets have been read. */
  const finish = ({ resolve }: Job, trail: Trail, { state, atNs, failure }: Ending, text: string): void =>
    chores.add(() => {
      const record = keep(assembleRecord(trail, context, state, atNs, failure))
      noteLatency(record)
      resolve({ record, text })
    })

  const attempt = (job: Job, earlier: readonly Attempt[]): void => {
    const { intent, body } = job
    const bytesSent = Buffer.byteLength(body)
    const exchange = new Exchange(options, intent, earlier, clock.nowNs(), bytesSent, (ending) => {
      open.delete(exchange)
      if (budget) settle(budget, job.most, useOf(exchange, ending, job.most))
      const next = attemptsWith(exchange, ending)
      if (next === undefined) return finish(job, exchange, ending, exchange.text)
      const paused = { ...job, exchange, attempts: next }
      pauses.add(paused, next.at(-1)?.waitNs ?? 0, () => chores.add(() => again(paused, ending)))
    })
    const headers = {
      ...options.headers,
      'x-request-id': `${options.requestIdPrefix}-${intent.blueprint.index}`,
    }
    open.set(exchange, channel.send({ path: api.path, headers, body }, exchange))
  }

  /** Undefined when the ending is final; else the attempts so far, the last with the pause that follows it. */
  const attemptsWith = (exchange: Exchange, ending: Ending): readonly Attempt[] | undefined => {
    const { intent, earlier, httpStatus } = exchange
    const { failure, atNs, state } = ending
    if (failure === undefined || state === 'cancelled') return undefined
    if (retriesOver.has('all') || retriesOver.has(intent.phase)) return undefined
    const number = earlier.length + 1
    const waitMs = delayBeforeNextMs(
      options.retry,
      earlier,
      { failure, httpStatus, hadOutput: exchange.firstTokenNs !== undefined },
      // A source of its own for each pause: the same whichever worker sends, and in whatever order requests fail.
      () => createRandom(options.retrySeed, `retry/${intent.blueprint.index}/${number}`).uniform(),
    )
    if (waitMs === undefined) return undefined
    const waitNs = Math.round(msToNs(waitMs))
    if (atNs + waitNs - exchange.firstTriedNs > msToNs(limits.totalMs)) return undefined
    const failed: Attempt = {
      sentNs: Math.round(exchange.triedNs),
      endNs: Math.round(atNs),
      ...(httpStatus !== undefined && { httpStatus }),
      code: failure.code,
      waitNs,
    }
    return [...earlier, failed]
  }

  /** Where the budget has no more for another attempt, the failure before it is the last word. */
  const again = (paused: Paused, ending: Ending): void => {
    if (retriesOver.has('all') || retriesOver.has(paused.intent.phase)) {
      endPaused(paused, { code: 'stopped', message: 'the run ended before the next attempt' })
    } else if (isAffordable(paused)) attempt(paused, paused.attempts)
    else finish(paused, paused.exchange, ending, '')
  }

  const endPaused = (paused: Paused, error: RequestFailure): void => {
    const trail = { ...paused.exchange, earlier: paused.attempts, triedNs: undefined }
    finish(paused, trail, { state: 'cancelled', atNs: clock.nowNs(), failure: error }, '')
  }

  const isAffordable = ({ most }: Job): boolean => {
    if (budget === undefined || setAside(budget, most)) return true
    const cap = reachedCap(budget)
    if (cap !== undefined) options.onBudget?.(cap)
    return false
  }

  /** What was to come is not sent for want of budget, where it was that which stopped the run. */
  const reasonOf = (error: RequestFailure): RequestFailure => {
    const cap = budget && reachedCap(budget)
    return budget && cap !== undefined && error.code === 'stopped' ? overBudget(cap, budget) : error
  }

  const endPauses = (error: RequestFailure, phase?: RequestRecord['phase']): void => {
    retriesOver.add(phase ?? 'all')
    for (const paused of pauses.end(({ intent }) => phase === undefined || intent.phase === phase)) {
      endPaused(paused, error)
    }
  }

  return {
    states,
    inFlight: () => open.size + pauses.size,

    /** Resolves when the request has ended, whatever its end; never rejects. */
    send(intent: Intent, messages: readonly Message[]): Promise<Answer> {
      const body = api.encode({ ...options, messages, outputTokens: intent.blueprint.outputTokens })
      const most = mostUseOf(intent.blueprint, body)
      return new Promise((resolve) => {
        const job: Job = { intent, body, most, resolve }
        if (isAffordable(job)) return attempt(job, [])
        const error = reasonOf({ code: 'stopped', message: '' })
        resolve({ record: keep(unsentRecord(intent, context, clock.nowNs(), error)), text: '' })
      })
    },

    /** Records a planned request that is not going to be sent. */
    skip(intent: Intent, error: RequestFailure): void {
      keep(unsentRecord(intent, context, clock.nowNs(), reasonOf(error)))
    },

    /** Lets open requests end, but tries none again: those in the pause before another attempt are over. */
    endRetries: (error: RequestFailure): void => endPauses(error),

    /** Ends every open request now; those of one phase alone where it is given. */
    cancelAll(error: RequestFailure, phase?: RequestRecord['phase']): void {
      const atNs = clock.nowNs()
      endPauses(error, phase)
      for (const [exchange, flight] of [...open]) {
        if (phase !== undefined && exchange.intent.phase !== phase) continue
        flight.cancel()
        exchange.giveUp('cancelled', atNs, error)
      }
    },

    close: () => deadlines.stop(),
  }
}

export type Sender = ReturnType<typeof createSender>
