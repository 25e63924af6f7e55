import { parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { METRICS, readRecords } from '../../src/analyse/index.js'
import { csvLines } from '../../src/exchange/export/csv.js'
import { EXPORT_FORMATS, exported, partsOf } from '../../src/exchange/export/formats.js'
import { influxCourse, influxRecords, influxSummary } from '../../src/exchange/export/influx.js'
import { openMetricsText } from '../../src/exchange/export/openmetrics.js'
import { parquetBytes } from '../../src/exchange/export/parquet.js'
import { chunkTable, recordTable } from '../../src/exchange/export/records.js'
import { courseFamilies, summaryFamilies } from '../../src/exchange/export/series.js'
import { figuresOf, summaryTable } from '../../src/exchange/export/summary.js'
import { real, type Table, text, whole } from '../../src/exchange/export/table.js'
import { readResult } from '../../src/exchange/result.js'
import type { RequestRecord } from '../../src/record/index.js'
import { closedLoop, withFaults, writeRun } from '../analyse/run-folder.js'
import { OURS } from './fixtures.js'

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const value of values) list.push(value)
  return list
}

const joined = async (pieces: AsyncIterable<string | Uint8Array>): Promise<Buffer> =>
  Buffer.concat((await all(pieces)).map((piece) => Buffer.from(piece)))

/** RFC 4180, read by hand: quoted cells may hold commas, quotes and breaks. */
function cellsOf(csv: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    rows.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end === '\n') rows.push([])
  }
  return rows.slice(0, -1)
}

const faulty = async () => {
  const records = withFaults(closedLoop(4, 120))
  return { records, result: await readResult(writeRun({ records })) }
}

describe('CSV', () => {
  it('holds every request once, whatever became of it, with its times and figures', async () => {
    const { records, result } = await faulty()
    const [head = [], ...rows] = cellsOf((await joined(csvLines(recordTable(result)))).toString())
    const at = (row: readonly string[], name: string): string => row[head.indexOf(name)] ?? ''
    expect(rows).toHaveLength(records.length)
    expect(rows.every((row) => row.length === head.length)).toBe(true)
    const byIndex = new Map(rows.map((row) => [Number(at(row, 'index')), row]))
    for (const r of records) {
      const row = byIndex.get(r.index) ?? []
      expect(at(row, 'state')).toBe(r.state)
      expect(at(row, 'error_code')).toBe(r.error?.code ?? '')
      expect(at(row, 'sent_ns')).toBe(r.sentNs === undefined ? '' : String(Math.round(r.sentNs)))
      const ttft = METRICS[0]?.value?.(r)
      expect(at(row, 'ttft_ms')).toBe(ttft === undefined ? '' : String(ttft))
    }
  })

  it('quotes what would break a line, and tells an empty text from nothing', async () => {
    const table: Table<{ a?: string; b?: number }> = {
      columns: [text('a,"b"', (r) => r.a), real('b', (r) => r.b)],
      async *rows() {
        yield* [{ a: 'x,"y"\nz', b: 0.1 }, { a: '' }, { b: 1e-7 }]
      },
    }
    const csv = (await joined(csvLines(table))).toString()
    expect(csv).toBe('"a,""b""",b\n"x,""y""\nz",0.1\n"",\n,1e-7\n')
  })

  it('one row per chunk: their tokens sum to what the server counted, their gaps to the time between', async () => {
    const result = await readResult(OURS)
    const [head = [], ...rows] = cellsOf((await joined(csvLines(chunkTable(result)))).toString())
    const column = (name: string): string[] => rows.map((row) => row[head.indexOf(name)] ?? '')
    const records = await all(readRecords(OURS))
    expect(rows).toHaveLength(records.reduce((sum, r) => sum + r.chunks.length / 2, 0))
    const [index, at, tokens] = [column('index'), column('at_ns'), column('tokens')]
    for (const r of records.slice(0, 5)) {
      const own = rows.flatMap((_, i) => (index[i] === String(r.index) ? [i] : []))
      expect(own.reduce((sum, i) => sum + Number(tokens[i]), 0)).toBe(r.outputTokens)
      expect(Number(at[own.at(-1) ?? -1])).toBe(r.lastTokenNs)
    }
  })
})

describe('Parquet', () => {
  it('holds what the CSV holds', async () => {
    const { result } = await faulty()
    for (const table of [recordTable(result), chunkTable(result), summaryTable(result)] as Table<unknown>[]) {
      const bytes = await joined(parquetBytes(table, 'falloff 0.0.0'))
      const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer })
      const [head = [], ...cells] = cellsOf((await joined(csvLines(table))).toString())
      expect(rows.length).toBe(cells.length)
      const shown = rows.map((row) => head.map((name) => asCell(row[name])))
      expect(shown).toEqual(cells.map((row) => row.map((cell) => cell.replace(/(\.\d{3})\d{3}Z$/, '$1'))))
    }
  })

  const asCell = (value: unknown): string => {
    if (value === null || value === undefined) return ''
    // This reader gives times to the millisecond.
    return value instanceof Date ? value.toISOString().slice(0, 23) : String(value)
  }

  it('keeps rows in order over the border of a group, and a table without rows has its columns', async () => {
    const rows = Array.from({ length: 50_003 }, (_, i) => i)
    const table = (list: readonly number[]): Table<number> => ({
      columns: [whole('i', (i) => i), text('even', (i) => (i % 2 === 0 ? 'yes' : undefined))],
      async *rows() {
        yield* list
      },
    })
    const read = async (list: readonly number[]) =>
      parquetReadObjects({ file: new Uint8Array(await joined(parquetBytes(table(list), 'x'))).buffer })
    const back = await read(rows)
    expect(back.map((row) => Number(row.i))).toEqual(rows)
    expect(back.slice(49_998, 50_002).map((row) => row.even ?? null)).toEqual(['yes', null, 'yes', null])
    expect(await read([])).toEqual([])
  })
})

describe('the summary', () => {
  it('has the figures of summary.json, each with its bounds', async () => {
    const result = await readResult(OURS)
    const [point] = result.findings.points
    const found = [...figuresOf(result)]
    const of = (metric: string, statistic: string) =>
      found.find((f) => f.metric === metric && f.statistic === statistic)
    expect(of('ttft', 'p50')).toMatchObject({ unit: 'ms', ...pick(point?.metrics.ttft.p50) })
    expect(of('outputTokensPerS', 'value')?.value).toBe(point?.throughput.outputTokensPerS)
    expect(of('requests.completed', 'value')?.value).toBe(60)
    expect(found.every((f) => Number.isFinite(f.value))).toBe(true)
  })

  const pick = (q: { value: number; low: number | null } | null | undefined) => ({
    value: q?.value,
    low: q?.low ?? undefined,
  })
})

/** A line of the text format: name, labels, value, and maybe a moment. */
const SAMPLE = /^([a-z_:][a-z0-9_:]*)\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\n"])*",?)*)\} (\S+)(?: (\S+))?$/i

describe('OpenMetrics', () => {
  it('every line is a comment that is known or a sample of the family before it, and the last is the end', async () => {
    const { result } = await faulty()
    for (const families of [summaryFamilies(result), courseFamilies(result)]) {
      const lines = openMetricsText(families).trimEnd().split('\n')
      expect(lines.at(-1)).toBe('# EOF')
      expect(lines.length).toBeGreaterThan(50)
      let family = ''
      for (const line of lines.slice(0, -1)) {
        family = /^# TYPE (\S+) (gauge|summary)$/.exec(line)?.[1] ?? family
        if (line.startsWith('#')) expect(line).toMatch(new RegExp(`^# (TYPE|UNIT|HELP) ${family} `))
        else {
          const [, name = '', , value] = SAMPLE.exec(line) ?? []
          expect([family, `${family}_sum`, `${family}_count`], line).toContain(name)
          expect(Number.isFinite(Number(value)), line).toBe(true)
        }
      }
    }
  })

  it('names of families are used once, and end with their unit', async () => {
    const { result } = await faulty()
    const families = [...summaryFamilies(result), ...courseFamilies(result)]
    expect(new Set(families.map((f) => f.name)).size).toBe(families.length)
    for (const { name, unit } of families)
      if (unit !== undefined) expect(name).toMatch(new RegExp(`_${unit}$`))
  })

  it('escapes what a label must not hold', () => {
    const labels = { run: 'a"b\\c\nd' }
    const family = {
      name: 'x',
      type: 'gauge',
      help: 'h',
      samples: [{ labels, value: 1, atMs: 1500 }],
    } as const
    expect(openMetricsText([family])).toBe(
      '# TYPE x gauge\n# HELP x h\nx{run="a\\"b\\\\c\\nd"} 1 1.500\n# EOF\n',
    )
  })
})

/** Splits a line of the protocol at separators that no backslash and no quote protects. */
const LINE = /^((?:[^,\s\\]|\\.)+)((?:,(?:[^,=\s\\]|\\.)+=(?:[^,=\s\\]|\\.)+)*) (.+) (\d+)$/

describe('InfluxDB lines', () => {
  it('each is a measurement, tags, fields and a moment, and no two are one point', async () => {
    const { records, result } = await faulty()
    const lines = await all(influxRecords(result))
    expect(lines).toHaveLength(records.length)
    const points = [
      ...lines,
      ...(await all(influxSummary(result))),
      ...(await all(influxCourse(result))),
    ].filter((line) => line !== '')
    const keys = points.map((line) => {
      const [, measurement, tags, fields, at] = LINE.exec(line.trimEnd()) ?? []
      expect(fields, line).toBeDefined()
      return [measurement, tags, at].join('|')
    })
    expect(new Set(keys).size).toBe(points.length)
  })

  it('a name with separators stays one tag', async () => {
    const records: RequestRecord[] = closedLoop(2, 40).map((r) => ({ ...r, point: 'a b,c=d\\' }))
    const result = await readResult(writeRun({ records }))
    const [line = ''] = await all(influxRecords(result))
    expect(line).toContain(',point=a\\ b\\,c\\=d\\ ,')
    expect(LINE.test(line.trimEnd())).toBe(true)
  })
})

it('every format writes every part it holds of a sweep as of a run', async () => {
  const result = await readResult(OURS)
  const [run] = result.runs
  if (run === undefined) throw new Error('no run')
  for (const format of EXPORT_FORMATS)
    for (const part of partsOf(format)) {
      const bytes = await joined(exported({ ...result, runs: [run, run] }, format, part, 'x'))
      expect(bytes.length, `${format} ${part}`).toBeGreaterThan(100)
    }
  await expect(joined(exported(result, 'hlog', 'records', 'x'))).rejects.toThrow('hlog holds no records')
})
