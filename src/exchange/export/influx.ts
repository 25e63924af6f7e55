import { type Result, zeroUtcMs } from '../result.js'
import { RECORD_COLUMNS, recordRows, sentUtcUs } from './records.js'
import { endUtcMs } from './series.js'
import { figuresOf } from './summary.js'
import type { Cell, Column } from './table.js'

const NS_PER_US = 1000n
const NS_PER_MS = 1_000_000n

/** What tells series apart; all other columns are fields. */
const TAGS: ReadonlySet<string> = new Set(['run', 'point', 'model', 'phase', 'state', 'error_code'])

/**
 * Points of InfluxDB's line protocol, one per request at the moment it was sent. Two of one moment would be one point: the
 * plan's index, a tag of its own, keeps them apart.
 */
export async function* influxRecords(result: Result): AsyncGenerator<string> {
  const tags = RECORD_COLUMNS.filter(({ name }) => TAGS.has(name) || name === 'index')
  const fields = RECORD_COLUMNS.filter(
    ({ name, type }) => !TAGS.has(name) && name !== 'index' && type !== 'instant',
  )
  for await (const row of recordRows(result)) {
    const atNs = BigInt(sentUtcUs(row)) * NS_PER_US
    yield line('falloff_request', cellsOf(tags, row), cellsOf(fields, row), atNs)
  }
}

/** One point per figure, at the moment the run ended. */
export async function* influxSummary(result: Result): AsyncGenerator<string> {
  const ends = new Map(result.runs.map((run) => [run.manifest.id, endUtcMs(run)]))
  for (const { value, low, high, ...tags } of figuresOf(result)) {
    const atNs = BigInt(ends.get(tags.run) ?? 0) * NS_PER_MS
    yield line('falloff_summary', tags, { value, low, high }, atNs)
  }
}

/** One point per bin of time, at its end. */
export async function* influxCourse({ runs }: Result): AsyncGenerator<string> {
  for (const run of runs) {
    const { manifest, timeline } = run
    const tags = { run: manifest.id, point: manifest.point.label, model: manifest.target.model }
    for (const { atS, machine: _, ...bin } of timeline.bins) {
      const atNs = BigInt(Math.round(zeroUtcMs(run) + (atS + timeline.binS) * 1000)) * NS_PER_MS
      yield line('falloff_course', tags, bin, atNs)
    }
  }
}

type Cells = Readonly<Record<string, Cell | null>>

const cellsOf = <R>(columns: readonly Column<R>[], row: R): Cells =>
  Object.fromEntries(
    columns.map(({ name, type, value }) => {
      const cell = value(row)
      // All numbers are floats: a field that is whole in one point and real in the next would be refused.
      return [name, type === 'whole' && cell !== undefined ? Number(cell) : cell]
    }),
  )

/** Empty tags and absent fields are left out, as the protocol wants; a point without a field is no point. */
function line(measurement: string, tags: Cells, fields: Cells, atNs: bigint): string {
  const tagText = Object.entries(tags)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([key, value]) => `,${escapedKey(key)}=${escapedKey(String(value))}`)
  const fieldText = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined || value === null ? [] : [`${escapedKey(key)}=${fieldOf(value)}`],
  )
  return fieldText.length === 0 ? '' : `${measurement}${tagText.join('')} ${fieldText.join(',')} ${atNs}\n`
}

const fieldOf = (value: string | number | boolean): string =>
  typeof value === 'string' ? `"${oneLine(value).replace(/["\\]/g, '\\$&')}"` : String(value)

/** A backslash at the end would escape the separator after it. */
const escapedKey = (text: string): string => oneLine(text).replace(/[,= ]/g, '\\$&').replace(/\\$/, '\\ ')

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ')
