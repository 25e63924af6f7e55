import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { joinTruth } from '../../bench/join-truth.mjs'

const MS = 1e6
/** The run's zero on the machine's clock. */
const ZERO_NS = 5_000_000 * MS
const RUN_ID = 'run-1'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'falloff-join-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Made {
  readonly index: number
  readonly phase?: string
  readonly state?: string
  /** Since the run's zero, in ms. */
  readonly sentMs: number
  /** Our stamps, in ms since the run's zero. */
  readonly stampsMs: readonly number[]
}

function record({ index, phase = 'measured', state = 'completed', sentMs, stampsMs }: Made): object {
  const before = [sentMs, ...stampsMs]
  const chunks = stampsMs.flatMap((atMs, i) => [Math.round((atMs - (before[i] ?? 0)) * MS), 1])
  const times = { sentNs: sentMs * MS, firstTokenNs: (stampsMs[0] ?? 0) * MS }
  return { index, phase, state, ...times, chunks }
}

/** What the server says of a request, in ms since the run's zero. */
const served = (index: number, arrivalMs: number, writesMs: readonly number[], run = RUN_ID): object => ({
  id: `${run}-${index}`,
  arrivalNs: ZERO_NS + arrivalMs * MS,
  writesNs: writesMs.map((ms) => ZERO_NS + ms * MS),
})

const lines = (values: readonly object[]): string => values.map((v) => `${JSON.stringify(v)}\n`).join('')

function joined(workers: readonly (readonly object[])[], truth: readonly object[]) {
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ id: RUN_ID, zeroMonotonicNs: ZERO_NS }))
  for (const [i, records] of workers.entries()) {
    writeFileSync(join(folder, `requests-${i}.ndjson`), lines(records))
  }
  const log = join(folder, 'writes.ndjson')
  writeFileSync(log, lines(truth))
  return joinTruth(folder, log)
}

test('errors are our stamps minus the server’s times, chunk by chunk', () => {
  // Sent at 100, arrived 0.25 later; written at 300, 320, 345; seen 0.5, 1.5 and 0.125 after that.
  const found = joined(
    [[record({ index: 0, sentMs: 100, stampsMs: [300.5, 321.5, 345.125] })]],
    [served(0, 100.25, [300, 320, 345])],
  )
  expect(found).toMatchObject({ requests: 1, unjoined: 0 })
  expect(found.sendError.p50).toBeCloseTo(0.25, 6)
  expect(found.stampError).toMatchObject({ n: 3, max: 1.5 })
  expect(found.stampError.p50).toBeCloseTo(0.5, 6)
  expect(found.ttftTrue.p50).toBeCloseTo(199.75, 6)
  expect(found.ttftOurs.p50).toBeCloseTo(200.5, 6)
  expect(found.ttftError.p50).toBeCloseTo(0.75, 6)
  expect(found.gapTrue).toMatchObject({ n: 2, p50: 20, max: 25 })
  expect(found.gapOurs.max).toBeCloseTo(23.625, 6)
  // The gaps are off by 1 and −1.375: told without their sign.
  expect(found.gapError.p50).toBeCloseTo(1, 6)
  expect(found.gapError.max).toBeCloseTo(1.375, 6)
})

test('records of all workers are joined by their index, in whatever order the server logged them', () => {
  const found = joined(
    [
      [record({ index: 0, sentMs: 0, stampsMs: [10] }), record({ index: 2, sentMs: 20, stampsMs: [30] })],
      [record({ index: 1, sentMs: 10, stampsMs: [21] })],
    ],
    [served(2, 20, [30]), served(0, 0, [10]), served(1, 10, [20])],
  )
  expect(found).toMatchObject({ requests: 3, unjoined: 0 })
  expect(found.stampError).toMatchObject({ n: 3, p50: 0, max: 1 })
})

test('warm-up is left out', () => {
  const found = joined(
    [
      [
        record({ index: 0, phase: 'warmup', sentMs: 0, stampsMs: [500] }),
        record({ index: 1, sentMs: 0, stampsMs: [10] }),
      ],
    ],
    [served(0, 0, [10]), served(1, 0, [10])],
  )
  expect(found).toMatchObject({ requests: 1, unjoined: 0 })
  expect(found.stampError.max).toBe(0)
})

test.each([
  { what: 'the server never logged', truth: [] },
  { what: 'another run asked for', truth: [served(0, 0, [10, 20], 'run-2')] },
  { what: 'has fewer chunks than writes', truth: [served(0, 0, [10, 20, 30])] },
  { what: 'did not complete', state: 'cut-off', truth: [served(0, 0, [10, 20])] },
])('a request that $what is counted as unjoined and not compared', ({ truth, state }) => {
  const found = joined(
    [[record({ index: 0, ...(state && { state }), sentMs: 0, stampsMs: [10, 20] })]],
    truth,
  )
  expect(found).toMatchObject({ requests: 1, unjoined: 1 })
  expect(found.stampError).toMatchObject({ n: 0, p50: undefined })
})
