import type { Result } from '../result.js'
import { csvLines } from './csv.js'
import { hlogText } from './hlog.js'
import { influxCourse, influxRecords, influxSummary } from './influx.js'
import { openMetricsText } from './openmetrics.js'
import { metricsRequest, otlpJson } from './otlp.js'
import { otlpProtobuf } from './otlp-protobuf.js'
import { parquetBytes } from './parquet.js'
import { chunkTable, recordTable } from './records.js'
import { remoteWriteBody } from './remote-write.js'
import { courseFamilies, summaryFamilies } from './series.js'
import { summaryTable } from './summary.js'
import type { Table } from './table.js'

export const EXPORT_FORMATS = [
  'parquet',
  'csv',
  'hlog',
  'openmetrics',
  'otlp',
  'otlp-protobuf',
  'influx',
  'remote-write',
] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** `records`: one row per request; `chunks`: per output chunk; `summary`: the figures; `course`: how they went over time. */
export type ExportPart = 'records' | 'chunks' | 'summary' | 'course'

type Piece = string | Uint8Array
type Write = (result: Result, createdBy: string) => AsyncIterable<Piece> | Promise<Piece> | Piece

interface Format {
  readonly binary: boolean
  /** How a receiver is told what it gets; missing: nobody takes it by HTTP. */
  readonly headers?: Readonly<Record<string, string>>
  /** What it can hold of a result; the first is meant where none is named. */
  readonly parts: Partial<Readonly<Record<ExportPart, Write>>>
}

const tabular = (
  write: <R>(table: Table<R>, createdBy: string) => AsyncIterable<Piece>,
): Format['parts'] => ({
  records: (result, by) => write(recordTable(result), by),
  chunks: (result, by) => write(chunkTable(result), by),
  summary: (result, by) => write(summaryTable(result), by),
})

const FORMATS: Readonly<Record<ExportFormat, Format>> = {
  parquet: { binary: true, parts: tabular(parquetBytes) },
  csv: { binary: false, parts: tabular(csvLines) },
  hlog: { binary: false, parts: { course: hlogText } },
  openmetrics: {
    binary: false,
    parts: {
      summary: (result) => openMetricsText(summaryFamilies(result)),
      course: (result) => openMetricsText(courseFamilies(result)),
    },
  },
  otlp: {
    binary: false,
    headers: { 'content-type': 'application/json' },
    parts: { summary: async (result) => otlpJson(await metricsRequest(result)) },
  },
  'otlp-protobuf': {
    binary: true,
    headers: { 'content-type': 'application/x-protobuf' },
    parts: { summary: async (result) => otlpProtobuf(await metricsRequest(result)) },
  },
  influx: {
    binary: false,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    parts: { records: influxRecords, summary: influxSummary, course: influxCourse },
  },
  'remote-write': {
    binary: true,
    headers: {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    parts: {
      course: (result) => remoteWriteBody(courseFamilies(result), Date.now()),
      summary: (result) => remoteWriteBody(summaryFamilies(result), Date.now()),
    },
  },
}

export const isBinary = (format: ExportFormat): boolean => FORMATS[format].binary

/** @returns undefined where the format is nothing that is sent to a server */
export const pushHeaders = (format: ExportFormat): Readonly<Record<string, string>> | undefined =>
  FORMATS[format].headers

/** What the format can hold; the first is meant where none is named. */
export const partsOf = (format: ExportFormat): readonly ExportPart[] =>
  Object.keys(FORMATS[format].parts) as ExportPart[]

/**
 * The result in another format, piece by piece: of records and chunks never all at once.
 *
 * @param createdBy the tool and its version, for formats that name their maker
 * @throws RangeError when the format does not hold that part
 */
export async function* exported(
  result: Result,
  format: ExportFormat,
  part: ExportPart,
  createdBy: string,
): AsyncGenerator<Piece> {
  const write = FORMATS[format].parts[part]
  if (write === undefined) throw new RangeError(`${format} holds no ${part}`)
  const written = await write(result, createdBy)
  if (typeof written === 'string' || written instanceof Uint8Array) yield written
  else yield* written
}
