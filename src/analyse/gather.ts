import { METRIC_NAMES, type MetricName } from '../profile/index.js'
import { REQUEST_STATES, type RequestState } from '../record/index.js'
import { Chunks, type ChunkVisitor } from './chunks.js'
import { Column, SmallColumn } from './column.js'
import type { LimitFindings } from './findings-traffic.js'
import { IndexSet } from './index-set.js'
import { LimitWatch } from './limits.js'
import { METRICS } from './metrics.js'
import type { ReadRecord } from './scan-record.js'

/** What of a run's requests later steps need, as columns with one row per record. Absent times are NaN. */
export interface Gathered {
  readonly rows: number
  /** Rows that belong to the plan: all but the cool-down. */
  readonly planned: number
  readonly columns: Readonly<Record<ColumnName, { at(row: number): number }>>
  readonly values: Readonly<Record<MetricName, Values>>
  readonly failures: ReadonlyMap<string, { readonly count: number; readonly example: string }>
  readonly sources: ReadonlyMap<string, number>
  /** Completed requests by the model that their answer named; '' for the one asked for. */
  readonly models: ReadonlyMap<string, number>
  /** Rate limits, warm-up included. */
  readonly limits: LimitFindings | null
  /** Stamp sources seen. */
  readonly stamps: ReadonlySet<string>
  /** Records whose index had been seen before; they are left out. */
  readonly duplicates: number
  state(row: number): RequestState
  chunkCount(row: number): number
  /** How often a request was sent; 0 where it never was. */
  attempts(row: number): number
  /** Calls back with the moment of each attempt, in ns since the run's zero. */
  visitAttempts(row: number, visitor: (atNs: number) => void): void
  /** Calls back for each output chunk of a row, in their order. */
  visitChunks(row: number, visitor: ChunkVisitor): void
}

/** A metric's values by row. What `row` gives is stale at its next call: a new list for each of millions would cost more. */
interface Values {
  row(row: number): readonly number[]
}

type ColumnName = keyof ReturnType<typeof createColumns>

const createColumns = () => ({
  index: new Column(),
  measured: new SmallColumn(),
  cooldown: new SmallColumn(),
  state: new SmallColumn(),
  scheduledNs: new Column(),
  sentNs: new Column(),
  firstTokenNs: new Column(),
  endNs: new Column(),
  inputAsked: new Column(),
  input: new Column(),
  outputAsked: new Column(),
  output: new Column(),
  outputChars: new Column(),
  cached: new Column(),
  coalesced: new Column(),
  /** Of the coalesced, those that our own lateness may have bunched. */
  lateCoalesced: new Column(),
  /** Sent on a connection that had carried nothing before. */
  fresh: new SmallColumn(),
  /** Ended by us, not by the target: says nothing on how the target fared. */
  stopped: new SmallColumn(),
  rateLimited: new SmallColumn(),
})

/** Takes records one at a time, and keeps nothing of them but numbers: the same object may be handed in again, refilled. */
export class Gatherer {
  readonly #columns = createColumns()
  readonly #metrics = METRICS.map(({ name, value }) => ({ name, value, column: new Column() }))
  readonly #chunks = new Chunks()
  /** Of the few requests that were tried again, by row. */
  readonly #attempts = new Map<number, readonly number[]>()
  readonly #failures = new Map<string, { count: number; example: string }>()
  readonly #sources = new Tally()
  readonly #models = new Tally()
  readonly #stamps = new Set<string>()
  readonly #limits = new LimitWatch()
  readonly #seen = new IndexSet()
  #planned = 0
  #duplicates = 0

  add(r: ReadRecord): void {
    if (!this.#seen.add(r.index)) {
      this.#duplicates++
      return
    }
    this.#addCells(r)
    for (const { value, column } of this.#metrics) {
      if (value !== null) column.push(value(r) ?? Number.NaN)
    }
    this.#chunks.pushRow(r.chunks)
    if (r.attempts !== undefined) this.#attempts.set(this.#columns.index.length - 1, attemptTimes(r))
    if (r.error !== undefined && r.phase !== 'cooldown') this.#addFailure(r.error)
    if (r.outputTokens !== undefined) this.#sources.add(r.tokenSource)
    if (r.state === 'completed') this.#models.add(r.servedModel ?? '')
    if (r.sentNs !== undefined) this.#stamps.add(r.stamps)
    this.#limits.add(r)
    if (r.phase !== 'cooldown') this.#planned++
  }

  // Spelt out: a loop over names costs a look-up by name for each of a million times eighteen cells.
  #addCells(r: ReadRecord): void {
    const c = this.#columns
    c.index.push(r.index)
    c.measured.push(r.phase === 'measured' ? 1 : 0)
    c.cooldown.push(r.phase === 'cooldown' ? 1 : 0)
    c.state.push(REQUEST_STATES.indexOf(r.state))
    c.scheduledNs.push(r.scheduledNs)
    c.sentNs.push(r.sentNs ?? Number.NaN)
    c.firstTokenNs.push(r.firstTokenNs ?? Number.NaN)
    c.endNs.push(r.endNs)
    c.inputAsked.push(r.inputTokensAsked)
    c.input.push(r.inputTokens ?? Number.NaN)
    c.outputAsked.push(r.outputTokensAsked)
    c.output.push(r.outputTokens ?? Number.NaN)
    c.outputChars.push(r.outputChars ?? Number.NaN)
    c.cached.push(r.cachedTokens ?? Number.NaN)
    c.coalesced.push(r.coalescedChunks)
    c.lateCoalesced.push(r.lateCoalescedChunks ?? 0)
    c.fresh.push(r.sentNs !== undefined && r.connectionReused === false ? 1 : 0)
    c.stopped.push(
      r.state === 'cancelled' || r.error?.code === 'stopped' || r.error?.code === 'budget' ? 1 : 0,
    )
    c.rateLimited.push(r.error?.code === 'rate-limited' || r.error?.code === 'quota' ? 1 : 0)
  }

  #addFailure({ code, message }: NonNullable<ReadRecord['error']>): void {
    const known = this.#failures.get(code)
    if (known === undefined) this.#failures.set(code, { count: 1, example: message })
    else known.count++
  }

  /** Nothing may be added afterwards. */
  close(): Gathered {
    const columns = this.#columns
    const chunks = this.#chunks
    const retried = this.#attempts
    const timesOf = (row: number): readonly number[] => {
      const sentNs = columns.sentNs.at(row)
      return retried.get(row) ?? (Number.isNaN(sentNs) ? NONE : [sentNs])
    }
    const own = new Map(this.#metrics.map((m) => [m.name, m.value === null ? null : m.column]))
    const valuesOf = (name: MetricName): Values => {
      const column = own.get(name)
      return { row: column ? oneOrNone(column) : (row) => chunks.gapsMs(row) }
    }
    return {
      rows: columns.index.length,
      planned: this.#planned,
      columns,
      values: Object.fromEntries(METRIC_NAMES.map((n) => [n, valuesOf(n)])) as Gathered['values'],
      failures: this.#failures,
      sources: this.#sources.counts,
      models: this.#models.counts,
      limits: this.#limits.close(),
      stamps: this.#stamps,
      duplicates: this.#duplicates,
      state: (row) => REQUEST_STATES[columns.state.at(row)] ?? 'failed',
      chunkCount: (row) => chunks.count(row),
      attempts: (row) => timesOf(row).length,
      visitAttempts(row, visitor) {
        for (const atNs of timesOf(row)) visitor(atNs)
      },
      visitChunks(row, visitor) {
        const sentNs = columns.sentNs.at(row)
        const fromNs = Number.isNaN(sentNs) ? columns.scheduledNs.at(row) : sentNs
        chunks.visit(row, fromNs, columns.output.at(row), visitor)
      },
    }
  }
}

const NONE: readonly number[] = []

/** The last one has a stamp of its own, unless the run ended before it. */
const attemptTimes = ({ attempts = [], lastSentNs }: ReadRecord): readonly number[] => [
  ...attempts.map(({ sentNs }) => sentNs),
  ...(lastSentNs === undefined ? [] : [lastSentNs]),
]

function oneOrNone(column: Column): Values['row'] {
  const one = [0]
  return (row) => {
    const value = column.at(row)
    if (Number.isNaN(value)) return NONE
    one[0] = value
    return one
  }
}

/** Counts texts; that the same one comes again is the common case. */
class Tally {
  readonly #counts = new Map<string, number>()
  #last = ''
  #times = 0

  add(text: string): void {
    if (text === this.#last) this.#times++
    else {
      this.#flush()
      this.#last = text
      this.#times = 1
    }
  }

  get counts(): ReadonlyMap<string, number> {
    this.#flush()
    return this.#counts
  }

  #flush(): void {
    if (this.#times > 0) this.#counts.set(this.#last, (this.#counts.get(this.#last) ?? 0) + this.#times)
    this.#times = 0
  }
}
