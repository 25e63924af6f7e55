import { METRIC_NAMES, type MetricName } from '../profile/index.js'
import { REQUEST_STATES, type RequestRecord, type RequestState } from '../record/index.js'
import { Column, RaggedColumn } from './column.js'
import { METRICS } from './metrics.js'

/** What of a run's requests later steps need, as columns with one row per record. Absent times are NaN. */
export interface Gathered {
  readonly rows: number
  /** Rows that belong to the plan: all but the cool-down. */
  readonly planned: number
  readonly columns: Readonly<Record<ColumnName, Column>>
  readonly values: Readonly<Record<MetricName, RaggedColumn>>
  /** Stamps of output chunks, in ns since the run's zero, and the tokens that each stands for. */
  readonly chunkNs: RaggedColumn
  readonly chunkTokens: RaggedColumn
  readonly failures: ReadonlyMap<string, { readonly count: number; readonly example: string }>
  readonly sources: ReadonlyMap<string, number>
  /** Stamp sources seen. */
  readonly stamps: ReadonlySet<string>
  /** Records whose index had been seen before; they are left out. */
  readonly duplicates: number
  state(row: number): RequestState
}

const COLUMN_NAMES = [
  'index',
  'measured',
  'cooldown',
  'state',
  'scheduledNs',
  'sentNs',
  'firstTokenNs',
  'endNs',
  'inputAsked',
  'input',
  'outputAsked',
  'output',
  'cached',
  'coalesced',
  'fresh',
  'stopped',
  'rateLimited',
] as const
type ColumnName = (typeof COLUMN_NAMES)[number]

const fill = <K extends string, V>(names: readonly K[], make: () => V): Record<K, V> =>
  Object.fromEntries(names.map((n) => [n, make()])) as Record<K, V>

/** Reads records once, in one pass. */
export async function gather(records: AsyncIterable<RequestRecord>): Promise<Gathered> {
  const columns = fill(COLUMN_NAMES, () => new Column())
  const values = fill(METRIC_NAMES, () => new RaggedColumn())
  const chunkNs = new RaggedColumn()
  const chunkTokens = new RaggedColumn()
  const failures = new Map<string, { count: number; example: string }>()
  const sources = new Map<string, number>()
  const stamps = new Set<string>()
  const seen = new Set<number>()
  let rows = 0
  let planned = 0
  let duplicates = 0
  for await (const r of records) {
    if (seen.has(r.index)) {
      duplicates++
      continue
    }
    seen.add(r.index)
    for (const name of COLUMN_NAMES) columns[name].push(CELLS[name](r))
    for (const metric of METRICS) values[metric.name].pushRow(metric.values(r))
    chunkNs.pushRow(chunkStamps(r))
    chunkTokens.pushRow(chunkCounts(r))
    if (r.error !== undefined && r.phase !== 'cooldown') {
      const known = failures.get(r.error.code)
      failures.set(r.error.code, {
        count: (known?.count ?? 0) + 1,
        example: known?.example ?? r.error.message,
      })
    }
    if (r.outputTokens !== undefined) sources.set(r.tokenSource, (sources.get(r.tokenSource) ?? 0) + 1)
    if (r.sentNs !== undefined) stamps.add(r.stamps)
    rows++
    if (r.phase !== 'cooldown') planned++
  }
  const state = (row: number): RequestState => REQUEST_STATES[columns.state.at(row)] ?? 'failed'
  return {
    rows,
    planned,
    columns,
    values,
    chunkNs,
    chunkTokens,
    failures,
    sources,
    stamps,
    duplicates,
    state,
  }
}

const orNaN = (value: number | undefined): number => value ?? Number.NaN

const CELLS: Readonly<Record<ColumnName, (r: RequestRecord) => number>> = {
  index: (r) => r.index,
  measured: (r) => (r.phase === 'measured' ? 1 : 0),
  cooldown: (r) => (r.phase === 'cooldown' ? 1 : 0),
  state: (r) => REQUEST_STATES.indexOf(r.state),
  scheduledNs: (r) => r.scheduledNs,
  sentNs: (r) => orNaN(r.sentNs),
  firstTokenNs: (r) => orNaN(r.firstTokenNs),
  endNs: (r) => r.endNs,
  inputAsked: (r) => r.inputTokensAsked,
  input: (r) => orNaN(r.inputTokens),
  outputAsked: (r) => r.outputTokensAsked,
  output: (r) => orNaN(r.outputTokens),
  cached: (r) => orNaN(r.cachedTokens),
  coalesced: (r) => r.coalescedChunks,
  fresh: (r) => (r.sentNs !== undefined && r.connectionReused === false ? 1 : 0),
  // Ended by us, not by the target: says nothing on how the target fared.
  stopped: (r) => (r.state === 'cancelled' || r.error?.code === 'stopped' ? 1 : 0),
  rateLimited: (r) => (r.error?.code === 'rate-limited' || r.error?.code === 'quota' ? 1 : 0),
}

function* chunkStamps(r: RequestRecord): Generator<number> {
  let atNs = r.sentNs ?? r.scheduledNs
  for (let i = 0; i < r.chunks.length; i += 2) {
    atNs += r.chunks[i] ?? 0
    yield atNs
  }
}

/**
 * Tokens of each chunk. Where the server did not say (−1), the tokens that the request's total leaves unaccounted for are
 * shared out evenly over those chunks; without a total each counts as one. No stamp is moved or added.
 */
function* chunkCounts(r: RequestRecord): Generator<number> {
  let told = 0
  let untold = 0
  for (let i = 1; i < r.chunks.length; i += 2) {
    const tokens = r.chunks[i] ?? 0
    if (tokens < 0) untold++
    else told += tokens
  }
  const each = r.outputTokens === undefined ? 1 : Math.max(0, r.outputTokens - told) / Math.max(1, untold)
  for (let i = 1; i < r.chunks.length; i += 2) {
    const tokens = r.chunks[i] ?? 0
    yield tokens < 0 ? each : tokens
  }
}
