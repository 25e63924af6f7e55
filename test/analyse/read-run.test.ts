import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Gatherer } from '../../src/analyse/gather.js'
import { analyseRun, readRecords, summariseRun, timelineOf } from '../../src/analyse/index.js'
import { gatherRun } from '../../src/analyse/read-run.js'
import { METRIC_NAMES } from '../../src/profile/objective.js'
import { closedLoop, withFaults, writeRun } from './run-folder.js'

/** Whole nanoseconds, as they are recorded: such lines are scanned, others are left to JSON.parse. */
const whole = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value), (_, v) => (typeof v === 'number' ? Math.round(v) : v)) as T

const profile = { load: { kind: 'closed', concurrency: 8 }, limits: { requests: 400 } }

/** Everything gathered, by row. */
const tableOf = (g: Awaited<ReturnType<typeof gatherRun>>['gathered']) => ({
  rows: Array.from({ length: g.rows }, (_, row) => {
    const chunks: number[][] = []
    g.visitChunks(row, (...chunk) => chunks.push(chunk))
    const cells = Object.entries(g.columns).map(([name, column]) => [name, column.at(row)])
    const values = METRIC_NAMES.map((name) => [name, [...g.values[name].row(row)]])
    return [...cells, ...values, ['state', g.state(row)], ['chunks', chunks]]
  }),
  sums: [g.planned, g.duplicates, g.failures, g.sources, g.models, g.stamps],
})

describe('records gathered from their bytes', () => {
  test.each([
    ['as they are written', whole(withFaults(closedLoop(8, 400)))],
    ['with fractions of a nanosecond', withFaults(closedLoop(8, 400))],
    ['recorded twice', whole([...closedLoop(8, 40), ...closedLoop(8, 30)])],
  ])('%s are those that JSON.parse gives', async (_, records) => {
    const folder = writeRun({ profile, records })
    const parsed = new Gatherer()
    for await (const record of readRecords(folder)) parsed.add(record)
    const { gathered } = await gatherRun(folder)
    expect(gathered.rows).toBeGreaterThan(30)
    expect(tableOf(gathered)).toEqual(tableOf(parsed.close()))
  })

  test('are dropped at a torn end, and an error in the middle', async () => {
    const folder = writeRun({ profile, records: whole(closedLoop(1, 5)) })
    const file = join(folder, 'requests-0.ndjson')
    appendFileSync(file, '{"index":5,"phase":"meas')
    expect((await gatherRun(folder)).gathered.rows).toBe(5)
    writeFileSync(file, readFileSync(file, 'utf8').replace('"index":2,', '"index":'))
    await expect(gatherRun(folder)).rejects.toMatchObject({
      code: 'BAD_RECORD',
      message: /requests-0\.ndjson:3/,
    })
  })

  test('may be longer than a block, and come with an empty line', async () => {
    const [first, second, third] = whole(closedLoop(1, 3))
    const chunks = Array.from({ length: 600_000 }, (_, i) => (i % 2 === 0 ? 1_000_000 + i : 1))
    const folder = writeRun({ profile, records: [] })
    const lines = [first, '', { ...second, chunks }, third].map((r) => (r === '' ? '' : JSON.stringify(r)))
    writeFileSync(join(folder, 'requests-0.ndjson'), `${lines.join('\n')}\n`)
    const { gathered } = await gatherRun(folder)
    expect(gathered.rows).toBe(3)
    expect(gathered.chunkCount(1)).toBe(300_000)
  })

  test('come with the SHA-256 of each file, torn end included', async () => {
    const folder = writeRun({ profile, records: closedLoop(8, 50) })
    appendFileSync(join(folder, 'requests-1.ndjson'), '{"ind')
    const digest = (name: string) =>
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')
    const names = ['requests-0.ndjson', 'requests-1.ndjson']
    expect((await gatherRun(folder)).digests).toEqual(Object.fromEntries(names.map((n) => [n, digest(n)])))
  })
})

test('one reading gives the same findings and course as a reading for each', async () => {
  const folder = writeRun({ profile, records: withFaults(closedLoop(8, 400)) })
  const { point, timeline } = await analyseRun(folder)
  expect(point).toEqual(await summariseRun(folder))
  expect(timeline).toEqual(await timelineOf(folder))
})

test('chunks bunched by our own lateness are told apart from those that came together', async () => {
  const records = whole(closedLoop(8, 400)).map((r) => ({ ...r, coalescedChunks: 2, lateCoalescedChunks: 1 }))
  const chunks = records.reduce((sum, r) => sum + r.chunks.length / 2, 0)
  const load = { kind: 'poisson', ratePerS: 30 }
  const { tokens, window } = await summariseRun(writeRun({ profile: { ...profile, load }, records }))
  expect(window.requests).toBe(400)
  expect(tokens.coalescedShare).toBeCloseTo(800 / chunks, 12)
  expect(tokens.lateCoalescedShare).toBeCloseTo(400 / chunks, 12)
})
