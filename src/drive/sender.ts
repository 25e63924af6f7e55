import type { Clock } from '../base/index.js'
import type { Limits } from '../profile/index.js'
import type { PromptRequest } from '../protocol/index.js'
import type { RequestFailure, RequestRecord } from '../record/index.js'
import type { Channel } from '../transport/index.js'
import type { Message } from '../workload/index.js'
import { unsentRecord } from './assemble.js'
import type { Chores } from './chores.js'
import { watchDeadlines } from './deadlines.js'
import { Exchange, type ExchangeSetting } from './exchange.js'
import type { Intent } from './intent.js'

/** What requests have in common, beside their model. */
type RequestKnobs = Omit<PromptRequest, 'model' | 'messages' | 'outputTokens'>

export interface SenderOptions extends ExchangeSetting, RequestKnobs {
  readonly channel: Channel
  readonly clock: Clock
  readonly limits: Limits
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

/** Sends requests and sees each to its one record. */
export function createSender(options: SenderOptions) {
  const { api, channel, clock, limits, live, chores, context, write } = options
  const open = new Map<Exchange, { cancel(): void }>()
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

  return {
    states,
    inFlight: () => open.size,

    /** Resolves when the request has ended, whatever its end; never rejects. */
    send(intent: Intent, messages: readonly Message[]): Promise<Answer> {
      const body = api.encode({ ...options, messages, outputTokens: intent.blueprint.outputTokens })
      const bytesSent = Buffer.byteLength(body)
      return new Promise((resolve) => {
        const exchange = new Exchange(options, intent, clock.nowNs(), bytesSent, (recordOf) => {
          open.delete(exchange)
          chores.add(() => {
            const record = keep(recordOf())
            noteLatency(record)
            resolve({ record, text: exchange.text })
          })
        })
        const headers = {
          ...options.headers,
          'x-request-id': `${options.requestIdPrefix}-${intent.blueprint.index}`,
        }
        open.set(exchange, channel.send({ path: api.path, headers, body }, exchange))
      })
    },

    /** Records a planned request that is not going to be sent. */
    skip(intent: Intent, error: RequestFailure): void {
      keep(unsentRecord(intent, context, clock.nowNs(), error))
    },

    /** Ends every open request now; those of one phase alone where it is given. */
    cancelAll(error: RequestFailure, phase?: RequestRecord['phase']): void {
      const atNs = clock.nowNs()
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
