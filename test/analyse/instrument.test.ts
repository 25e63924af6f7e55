import { describe, expect, test } from 'vitest'
import { instrumentError, summariseRun, timelineOf } from '../../src/analyse/index.js'
import type { CanaryErrors, InstrumentSample, MachineSample } from '../../src/record/index.js'
import { pointOf } from './point.js'
import { MS, type RunParts, recordOf, writeRun } from './run-folder.js'

const open = { load: { kind: 'constant', ratePerS: 20 }, limits: { requests: 400 } }
/** Sends from 0 to 19.95 s: the window. */
const records = Array.from({ length: 400 }, (_, i) => recordOf(i, i * 50, 50 + (i % 10), 10, 10))

const sampleAt = (atS: number, over: Partial<InstrumentSample> = {}): InstrumentSample => ({
  atNs: atS * 1e9,
  worker: 0,
  inFlight: 3,
  loopDelayP99Ns: 1 * MS,
  loopDelayMaxNs: 2 * MS,
  cpuShare: 0.2,
  ...over,
})
const errors = (stampNs: number[], gapNs: number[] = [], ttftNs: number[] = []): CanaryErrors => ({
  stampNs,
  gapNs,
  ttftNs,
})
const instrumentOf = async (parts: Partial<RunParts>) =>
  (await summariseRun(writeRun({ profile: open, records, ...parts }))).instrument

describe('what the canary says', () => {
  test('is size and sign of its errors, by nearest rank, in ms', async () => {
    // 1 to 100 µs early and late by turns: sizes 1 … 100, mean −0.5.
    const stampNs = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (i + 1) * 1e3)
    const { canary } = await instrumentOf({
      instrument: [
        sampleAt(5, { canary: errors(stampNs.slice(0, 60), [-7e3], [2e5]) }),
        sampleAt(6, { canary: errors(stampNs.slice(60)) }),
      ],
    })
    expect(canary?.events).toBe(100)
    expect(canary?.stampMs).toEqual({ p50: 0.05, p99: 0.099, max: 0.1 })
    expect(canary?.gapMs).toEqual({ p50: 0.007, p99: 0.007, max: 0.007 })
    expect(canary?.ttftMs).toEqual({ p50: 0.2, p99: 0.2, max: 0.2 })
    expect(canary?.stampBiasMs).toBeCloseTo(-0.0005, 9)
  })

  test('is what the worst worker says: three good ones do not hide a bad fourth', async () => {
    const calm = Array.from({ length: 200 }, () => 1e3)
    const late = Array.from({ length: 4 }, () => 3e6)
    const { canary } = await instrumentOf({
      instrument: [0, 1, 2, 3].map((worker) =>
        sampleAt(5, { worker, canary: errors(worker === 2 ? late : calm) }),
      ),
    })
    expect(canary).toMatchObject({ events: 604, stampMs: { p50: 3, p99: 3, max: 3 }, stampBiasMs: 3 })
  })

  test('is of the window alone, and is null where no canary ran', async () => {
    const inside = sampleAt(5, { canary: errors([1e3]) })
    const outside = sampleAt(30, { canary: errors([9e6]) })
    expect((await instrumentOf({ instrument: [inside, outside] })).canary?.stampMs.max).toBe(0.001)
    expect((await instrumentOf({ instrument: [sampleAt(5)] })).canary).toBeNull()
    expect((await instrumentOf({})).canary).toBeNull()
  })

  test('has a course over the whole run, worst worker by bin, without gaps filled in', async () => {
    const folder = writeRun({
      profile: open,
      records,
      instrument: [
        sampleAt(1, { canary: errors([1e3, -2e3]) }),
        sampleAt(1, { worker: 1, canary: errors([4e3]) }),
        sampleAt(9),
        sampleAt(18, { canary: errors([5e6]) }),
      ],
    })
    const { canary, binS } = await timelineOf(folder)
    expect(canary.map((bin) => [bin.p99Ms, bin.maxMs])).toEqual([
      [0.004, 0.004],
      [5, 5],
    ])
    expect((canary[0]?.atS ?? 0) <= 1 && 1 < (canary[0]?.atS ?? 0) + binS).toBe(true)
  })
})

describe('what the machine says', () => {
  const machine: readonly MachineSample[] = [
    { atNs: 3e9, stealShare: 0.01, cpuPressureShare: 0.2, throttledNs: 4 * MS },
    { atNs: 4e9, stealShare: 0.03, cpuPressureShare: 0.1, throttledNs: 5 * MS },
    { atNs: 40e9, stealShare: 0.9, cpuPressureShare: 0.9, throttledNs: 500 * MS },
  ]

  test('is its worst second, and all of the time that it held us back, inside the window', async () => {
    expect(await instrumentOf({ machine })).toMatchObject({
      stealShareMax: 0.03,
      cpuPressureShareMax: 0.2,
      throttledMs: 9,
    })
  })

  test('is null where the system does not tell', async () => {
    expect(await instrumentOf({ machine: [{ atNs: 3e9 }], instrument: [sampleAt(3)] })).toMatchObject({
      stealShareMax: null,
      cpuPressureShareMax: null,
      throttledMs: null,
      coreWaitShareMax: null,
      gcMaxMs: null,
      clockJumpMs: null,
      clockJumpAtS: null,
    })
  })
})

test('waits for a core, pauses and clock jumps are the worst of any worker; jumps count to the end of the run', async () => {
  const instrument = [
    sampleAt(2, { coreWaitShare: 0.2, gcMaxNs: 3 * MS, clockJumpNs: 1e3 }),
    sampleAt(3, { worker: 1, coreWaitShare: 0.4, gcMaxNs: 12 * MS, clockJumpNs: 0 }),
    sampleAt(20.1, { coreWaitShare: 0.9, gcMaxNs: 90 * MS, clockJumpNs: -5 * MS }),
  ]
  expect(await instrumentOf({ instrument })).toMatchObject({
    coreWaitShareMax: 0.4,
    gcMaxMs: 12,
    clockJumpMs: -5,
    clockJumpAtS: 20.1,
  })
})

describe('the error beside a metric', () => {
  const spread = (p99: number, max = p99) => ({ p50: p99 / 2, p99, max })
  const canary = {
    events: 500,
    stampMs: spread(0.09),
    ttftMs: spread(0.2),
    gapMs: spread(0.18, 0.5),
    stampBiasMs: 0.05,
  }
  const point = pointOf({ load: 4, tokensPerS: 100, instrument: { canary } })

  // Outputs have 10 tokens and a time per token of 10 ms; one stream has 10 tokens/s in this made-up point.
  test.each([
    ['ttft', 0.2],
    ['e2eFromSchedule', 0.2],
    ['headers', 0.09],
    ['chunkGap', 0.18],
    ['maxStall', 0.5],
    ['tpot', 0.18 / 9],
    ['perStreamTokensPerS', ((0.18 / 9) * 10) / 10],
    ['lateness', null],
    ['inputTokens', null],
  ] as const)('%s: %s', (metric, expected) => {
    const error = instrumentError(point, metric)
    if (expected === null) expect(error).toBeNull()
    else expect(error).toBeCloseTo(expected, 12)
  })

  test('is not known without a canary', () => {
    expect(instrumentError(pointOf({ load: 4, tokensPerS: 100 }), 'ttft')).toBeNull()
  })
})
