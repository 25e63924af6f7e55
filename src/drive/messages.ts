import type { BudgetCap, Profile } from '../profile/index.js'
import type { InstrumentSample } from '../record/index.js'
import type { Schedule } from '../schedule/index.js'
import type { TransportName } from '../transport/index.js'
import type { DatasetRow, Lexicon, TraceRow } from '../workload/index.js'
import type { Budget } from './budget.js'
import type { Ledger } from './ledger.js'
import type { LiveBatch } from './live.js'
import type { TargetWay } from './origins.js'

/** Everything a worker needs. Plain data: it crosses a thread boundary now and may cross a network later. */
export interface Assignment {
  readonly profile: Profile
  readonly schedule: Schedule
  readonly lexicon: Lexicon
  readonly dataset?: readonly DatasetRow[]
  readonly trace?: readonly TraceRow[]
  readonly salt: string
  /** Requests in the plan. */
  readonly requests: number
  readonly counted: boolean
  readonly transport: TransportName
  /** Where known-time streams can be had. */
  readonly canary?: { readonly url: string; readonly model: string }
  /** Asked in turn where there are several. */
  readonly ways: readonly TargetWay[]
  readonly basePath: string
  /** Resolved, keys included; never written. */
  readonly headers: Readonly<Record<string, string>>
  /** What no record may hold. */
  readonly secrets: readonly string[]
  readonly budget?: Budget
  readonly model: string
  readonly exactOutput: boolean
  readonly chunkUsage: boolean
  readonly folder: string
  readonly runId: string
  readonly point: string
  readonly zeroNs: number
  readonly worker: number
  readonly workers: number
  readonly ledger: Ledger
}

export type ToWorker =
  | { readonly kind: 'start'; readonly startNs: number }
  /** Start nothing more; open requests may end within the drain time. */
  | { readonly kind: 'stop' }
  /** End everything now. */
  | { readonly kind: 'abort' }

export interface Progress {
  readonly kind: 'progress'
  readonly worker: number
  readonly states: Readonly<Record<string, number>>
  readonly inFlight: number
  readonly batch: LiveBatch
  readonly instrument: InstrumentSample
}

export type FromWorker =
  | { readonly kind: 'ready' }
  | Progress
  | { readonly kind: 'target-lost' }
  | { readonly kind: 'budget'; readonly cap: BudgetCap }
  | { readonly kind: 'done'; readonly endNs: number }
