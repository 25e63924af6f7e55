import { METRICS, readRecords } from '../../analyse/index.js'
import { NS_PER_MS } from '../../base/index.js'
import type { RequestRecord } from '../../record/index.js'
import type { Result } from '../result.js'
import { zeroUtcMs } from '../result.js'
import { type Column, flag, instant, real, type Table, text, whole } from './table.js'

export interface RecordRow {
  /** Id of the run folder. */
  readonly run: string
  readonly model: string
  readonly zeroUtcMs: number
  readonly record: RequestRecord
}

const of =
  <T>(read: (record: RequestRecord) => T) =>
  ({ record }: RecordRow): T =>
    read(record)

/** Milliseconds of a metric that has one value in a request; the others are the chunks' and have a table of their own. */
const metricColumns: readonly Column<RecordRow>[] = METRICS.flatMap(({ name, unit, value }) =>
  value === null || unit !== 'ms' ? [] : [real<RecordRow>(`${snake(name)}_ms`, of(value))],
)

/** Times as recorded, in ns since the run's zero; the same in UTC where databases want one; then what is worked out of them. */
export const RECORD_COLUMNS: readonly Column<RecordRow>[] = [
  text('run', (row) => row.run),
  text(
    'point',
    of((r) => r.point),
  ),
  text('model', (row) => row.model),
  whole(
    'index',
    of((r) => r.index),
  ),
  whole(
    'worker',
    of((r) => r.worker),
  ),
  whole(
    'origin',
    of((r) => r.origin),
  ),
  text(
    'phase',
    of((r) => r.phase),
  ),
  text(
    'state',
    of((r) => r.state),
  ),
  text(
    'error_code',
    of((r) => r.error?.code),
  ),
  instant('sent_utc', (row) => sentUtcUs(row)),
  whole(
    'scheduled_ns',
    of((r) => r.scheduledNs),
  ),
  whole(
    'sent_ns',
    of((r) => r.sentNs),
  ),
  whole(
    'headers_ns',
    of((r) => r.headersNs),
  ),
  whole(
    'first_event_ns',
    of((r) => r.firstEventNs),
  ),
  whole(
    'first_token_ns',
    of((r) => r.firstTokenNs),
  ),
  whole(
    'first_visible_ns',
    of((r) => r.firstVisibleNs),
  ),
  whole(
    'last_token_ns',
    of((r) => r.lastTokenNs),
  ),
  whole(
    'end_ns',
    of((r) => r.endNs),
  ),
  text(
    'stamps',
    of((r) => r.stamps),
  ),
  ...metricColumns,
  whole(
    'input_tokens_asked',
    of((r) => r.inputTokensAsked),
  ),
  whole(
    'input_tokens',
    of((r) => r.inputTokens),
  ),
  whole(
    'cached_tokens',
    of((r) => r.cachedTokens),
  ),
  whole(
    'output_tokens_asked',
    of((r) => r.outputTokensAsked),
  ),
  whole(
    'output_tokens',
    of((r) => r.outputTokens),
  ),
  whole(
    'reasoning_tokens',
    of((r) => r.reasoningTokens),
  ),
  text(
    'token_source',
    of((r) => r.tokenSource),
  ),
  whole(
    'chunks',
    of((r) => r.chunks.length / 2),
  ),
  whole(
    'coalesced_chunks',
    of((r) => r.coalescedChunks),
  ),
  whole(
    'attempts',
    of((r) => (r.sentNs === undefined ? 0 : (r.attempts?.length ?? 0) + 1)),
  ),
  whole(
    'bytes_sent',
    of((r) => r.bytesSent),
  ),
  whole(
    'bytes_received',
    of((r) => r.bytesReceived),
  ),
  flag(
    'connection_reused',
    of((r) => r.connectionReused),
  ),
  whole(
    'http_status',
    of((r) => r.httpStatus),
  ),
  text(
    'finish_reason',
    of((r) => r.finishReason),
  ),
  text(
    'served_model',
    of((r) => r.servedModel),
  ),
  text(
    'request_id',
    of((r) => r.requestId),
  ),
  whole(
    'conversation',
    of((r) => r.conversation),
  ),
  whole(
    'turn',
    of((r) => r.turn),
  ),
]

/** `ttftFromSchedule` → `ttft_from_schedule`. */
export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** When it was sent, or was due, in µs since the epoch. */
export const sentUtcUs = ({ record, zeroUtcMs: zeroMs }: RecordRow): number =>
  Math.floor(zeroMs * 1000 + (record.sentNs ?? record.scheduledNs) / 1000)

/** Every record of a result, run by run: worker by worker, and within a worker in the order in which requests ended. */
export async function* recordRows({ runs }: Result): AsyncGenerator<RecordRow> {
  for (const run of runs) {
    const { id, target } = run.manifest
    const facts = { run: id, model: target.model, zeroUtcMs: zeroUtcMs(run) }
    for await (const record of readRecords(run.folder)) yield { ...facts, record }
  }
}

export const recordTable = (result: Result): Table<RecordRow> => ({
  columns: RECORD_COLUMNS,
  rows: () => recordRows(result),
})

interface ChunkRow {
  readonly run: string
  readonly point: string
  readonly index: number
  readonly chunk: number
  readonly atNs: number
  readonly sinceMs: number
  readonly tokens: number | undefined
}

const CHUNK_COLUMNS: readonly Column<ChunkRow>[] = [
  text('run', (c) => c.run),
  text('point', (c) => c.point),
  whole('index', (c) => c.index),
  whole('chunk', (c) => c.chunk),
  whole('at_ns', (c) => c.atNs),
  real('since_ms', (c) => c.sinceMs),
  whole('tokens', (c) => c.tokens),
]

/** One row per output chunk: its moment, the time since the one before (the first: since the send), the tokens in it. */
export const chunkTable = (result: Result): Table<ChunkRow> => ({
  columns: CHUNK_COLUMNS,
  async *rows() {
    for await (const { run, record } of recordRows(result)) yield* chunksOf(run, record)
  },
})

function* chunksOf(
  run: string,
  { point, index, sentNs, scheduledNs, chunks }: RequestRecord,
): Generator<ChunkRow> {
  let atNs = sentNs ?? scheduledNs
  for (let i = 0; i < chunks.length; i += 2) {
    const sinceNs = chunks[i] ?? 0
    const tokens = chunks[i + 1] ?? -1
    atNs += sinceNs
    const told = tokens < 0 ? undefined : tokens
    yield { run, point, index, chunk: i / 2, atNs, sinceMs: sinceNs / NS_PER_MS, tokens: told }
  }
}
