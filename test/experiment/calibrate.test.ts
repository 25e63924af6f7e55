import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LoggedStream } from '../../src/emitter/index.js'
import { boundsOf } from '../../src/experiment/calibrate/bounds.js'
import { errorFigures, p99Ms } from '../../src/experiment/calibrate/figures.js'
import { joinRecords } from '../../src/experiment/calibrate/join.js'
import { seriesOf } from '../../src/experiment/calibrate/series.js'
import { streamPlan } from '../../src/experiment/calibrate/shapes.js'
import { calibrationFile, readCalibration, writeCalibration } from '../../src/experiment/calibrate/store.js'
import { measuredSpan, samplesWithin, workerLoad } from '../../src/experiment/calibrate/worker-load.js'
import type {
  Calibration,
  CalibrationPoint,
  InstrumentSample,
  MachineFacts,
  RequestRecord,
} from '../../src/record/index.js'

/** The run's zero lies here on the machine's clock. */
const ZERO_NS = 1_000_000

function recordOf(over: Partial<RequestRecord> = {}): RequestRecord {
  return {
    index: 0,
    point: 'run',
    worker: 0,
    phase: 'measured',
    state: 'completed',
    scheduledNs: 90,
    sentNs: 100,
    endNs: 2000,
    stamps: 'kernel',
    inputTokensAsked: 8,
    outputTokensAsked: 3,
    tokenSource: 'usage',
    // Stamps at 1,100, 1,350 and 1,350 since the run's zero.
    chunks: [1000, 1, 250, 1, 0, 1],
    coalescedChunks: 1,
    bytesSent: 1,
    bytesReceived: 1,
    ...over,
  }
}

/** Arrived 20 ns after the send; written at 1,070, 1,300 and 1,345. */
function streamOf(over: Partial<LoggedStream> = {}): LoggedStream {
  return {
    id: 'run-0',
    arrivalNs: ZERO_NS + 120,
    stamped: 'kernel',
    whole: true,
    heldUp: 0,
    slow: [],
    writesNs: [1070, 1300, 1345].map((ns) => ZERO_NS + ns),
    tokens: [1, 1, 1],
    ...over,
  }
}

function joinOf(records: readonly RequestRecord[], streams: readonly LoggedStream[]) {
  const join = joinRecords({ runId: 'run', zeroNs: ZERO_NS, streams })
  for (const record of records) join.add(record)
  return join.joined
}

describe('joining records with what the emitter wrote', () => {
  test('gives the signed error of every stamp, of TTFT and of every gap', () => {
    const joined = joinOf([recordOf()], [streamOf()])
    expect(joined.stampNs).toEqual([30, 50, 5])
    // Ours 1,000 from send; true 950 from arrival.
    expect(joined.ttftNs).toEqual([50])
    // Ours 250 and 0; true 230 and 45.
    expect(joined.gapNs).toEqual([20, -45])
    expect(joined.latenessNs).toEqual([10])
    expect(joined).toMatchObject({ requests: 1, failed: 0, joined: 3, unjoined: 0, coalesced: 1 })
  })

  test('finds the stream by the id alone, whatever the order', () => {
    const records = [recordOf({ index: 1 }), recordOf({ index: 0, lateCoalescedChunks: 1 })]
    const late = streamOf({ id: 'run-1', writesNs: [1069, 1299, 1344].map((ns) => ZERO_NS + ns) })
    const joined = joinOf(records, [streamOf({ id: 'canary-0' }), streamOf(), late])
    expect(joined.stampNs).toEqual([31, 51, 6, 30, 50, 5])
    expect(joined).toMatchObject({ requests: 2, joined: 6, unjoined: 0, coalesced: 2, lateCoalesced: 1 })
  })

  test('events of one packet, written at one time and stamped at one time, have no gap error', () => {
    const record = recordOf({ chunks: [1000, 1, 0, 1, 0, 1] })
    const stream = streamOf({ writesNs: [1070, 1070, 1070].map((ns) => ZERO_NS + ns) })
    expect(joinOf([record], [stream]).gapNs).toEqual([0, 0])
  })

  test('what tells of the truth itself is counted', () => {
    const joined = joinOf([recordOf()], [streamOf({ stamped: 'loop', heldUp: 2 })])
    expect(joined).toMatchObject({ arrivalsByLoop: 1, heldUpWrites: 2, slowWrites: 0 })
  })

  test('a slow write judges nothing: neither its stamp nor the steps from and to it', () => {
    const middle = joinOf([recordOf()], [streamOf({ slow: [1] })])
    expect(middle).toMatchObject({ joined: 3, slowWrites: 1, stampNs: [30, 5], ttftNs: [50], gapNs: [] })
    const first = joinOf([recordOf()], [streamOf({ slow: [0] })])
    expect(first).toMatchObject({ slowWrites: 1, stampNs: [50, 5], ttftNs: [], gapNs: [-45] })
  })

  test.each([
    ['warm-up', { phase: 'warmup' }, { requests: 0, unjoined: 0 }],
    ['cool-down', { phase: 'cooldown' }, { requests: 0, unjoined: 0 }],
  ] as const)('%s requests are left out', (_, over, expected) => {
    expect(joinOf([recordOf(over)], [streamOf()])).toMatchObject({ ...expected, joined: 0, stampNs: [] })
  })

  test.each<[string, Partial<RequestRecord>, Partial<LoggedStream>, object]>([
    ['a stream that the log does not hold', {}, { id: 'other-0' }, { failed: 0, unjoined: 3 }],
    // The log has three writes, the record two chunks: the larger number is lost.
    ['a chunk too few', { chunks: [1000, 1, 250, 1] }, {}, { failed: 0, unjoined: 3 }],
    ['a chunk too many', { chunks: [1000, 1, 250, 1, 0, 1, 0, 1] }, {}, { failed: 0, unjoined: 4 }],
    ['other tokens than were written', {}, { tokens: [1, 2, 1] }, { failed: 0, unjoined: 3 }],
    ['a stream that was not written to its end', {}, { whole: false }, { failed: 0, unjoined: 3 }],
    ['a request that failed', { state: 'timed-out' }, {}, { failed: 1, unjoined: 3 }],
  ])('%s is not joined, and counted', (_, record, stream, expected) => {
    const joined = joinOf([recordOf(record)], [streamOf(stream)])
    expect(joined).toMatchObject({ requests: 1, joined: 0, ...expected })
    expect([joined.stampNs, joined.ttftNs, joined.gapNs]).toEqual([[], [], []])
  })

  test('a count that the record does not know matches any', () => {
    const record = recordOf({ chunks: [1000, -1, 250, -1, 0, -1] })
    expect(joinOf([record], [streamOf({ tokens: [4, 4, 2] })])).toMatchObject({ joined: 3, unjoined: 0 })
  })
})

describe('figures of an error', () => {
  test('are nearest ranks of its size in ms, and its signed mean', () => {
    // Sizes 1 to 100 µs, every other one negative: the mean is −1/2 µs.
    const errors = Array.from({ length: 100 }, (_, i) => (i + 1) * 1000 * (i % 2 === 0 ? 1 : -1))
    expect(errorFigures(errors)).toEqual({ n: 100, p50Ms: 0.05, p99Ms: 0.099, maxMs: 0.1, biasMs: -0.0005 })
  })
  test('of a single value are that value', () => {
    expect(errorFigures([-2_000_000])).toEqual({ n: 1, p50Ms: 2, p99Ms: 2, maxMs: 2, biasMs: -2 })
  })
  test('are absent without values', () => {
    expect(errorFigures([])).toBeNull()
    expect(p99Ms([])).toBeNull()
  })
})

function pointOf(streams: number, p99s: Partial<Record<'stamp' | 'ttft' | 'gap', number>> = {}) {
  const figures = (p99: number) => ({ n: 1000, p50Ms: 0.01, p99Ms: p99, maxMs: 9, biasMs: 0 })
  const point: CalibrationPoint = {
    transport: 'kernel',
    shape: 'plain',
    streams,
    eventsPerS: 50,
    requests: 10,
    failed: 0,
    joined: 100,
    unjoined: 0,
    stamp: figures(p99s.stamp ?? 0.1),
    ttft: figures(p99s.ttft ?? 0.1),
    gap: figures(p99s.gap ?? 0.1),
    canary: { stamp: null, ttft: null, gap: null },
    coalescedShare: 0,
    lateCoalescedShare: 0,
    latenessP99Ms: 1,
    load: { cpuShare: 0.5, coreWaitShare: 0, deliveredPerS: 45 * streams, cpuPerEventNs: 10_000 + streams },
    truth: { arrivalsByLoop: 0, heldUpWrites: 0, slowWrites: 0, unlogged: 0 },
  }
  return point
}

describe('the load up to which the error stays within the bound', () => {
  const none = { streams: 0, exceeded: true, eventsPerS: null, cpuPerEventNs: null }
  const at = (streams: number, exceeded: boolean) => ({
    streams,
    exceeded,
    eventsPerS: 45 * streams,
    cpuPerEventNs: 10_000 + streams,
  })

  test.each<[string, CalibrationPoint[], object]>([
    ['is the largest of all where all stay within', [pointOf(1), pointOf(50), pointOf(200)], at(200, false)],
    ['is the one before the first that does not', [pointOf(1), pointOf(50, { gap: 1.1 })], at(1, true)],
    // Luck at 200 does not make up for 50.
    ['counts nothing above it', [pointOf(1), pointOf(50, { stamp: 3 }), pointOf(200)], at(1, true)],
    [
      'is the same in any order of measuring',
      [pointOf(200, { ttft: 2 }), pointOf(50), pointOf(1)],
      at(50, true),
    ],
    ['includes an error of exactly the bound', [pointOf(10, { gap: 1 })], at(10, false)],
    ['is none where the smallest load is beyond it', [pointOf(1, { ttft: 1.5 }), pointOf(50)], none],
    ['asks that every request completed', [pointOf(1), { ...pointOf(50), failed: 1 }], at(1, true)],
    ['asks that every chunk was joined', [pointOf(1), { ...pointOf(50), unjoined: 1 }], at(1, true)],
    ['asks that there was something to judge by', [{ ...pointOf(1), gap: null }], none],
    [
      'is about the plain shape at its pace alone',
      [
        pointOf(1),
        { ...pointOf(10, { gap: 5 }), shape: 'jittered' },
        { ...pointOf(20, { gap: 5 }), eventsPerS: 200 },
        pointOf(50),
      ],
      at(50, false),
    ],
  ])('%s', (_, points, expected) => {
    expect(boundsOf(points, 1, 1)).toEqual({ kernel: expected })
  })

  test('is found for each transport by itself, and told per worker', () => {
    const undici = { ...pointOf(1, { stamp: 9 }), transport: 'undici' as const }
    expect(boundsOf([pointOf(1), pointOf(100), undici], 1, 4)).toEqual({
      kernel: { streams: 25, exceeded: false, eventsPerS: 1125, cpuPerEventNs: 10_100 },
      undici: none,
    })
  })
})

describe('what the workers did', () => {
  const sample = (atMs: number, cpuShare: number, worker = 0): InstrumentSample => ({
    ...{ atNs: atMs * 1e6, worker, inFlight: 1, loopDelayP99Ns: 0, loopDelayMaxNs: 0 },
    ...{ cpuShare, coreWaitShare: 0.25 },
  })
  /** Sent at 500 ms; a chunk every 100 ms from 600 ms on. */
  const record = recordOf({
    sentNs: 500e6,
    endNs: 2300e6,
    chunks: Array(18).fill([100e6, 1]).flat() as number[],
  })
  const span = { fromNs: 900e6, toNs: 2100e6 }

  test('only whole intervals inside the span count', () => {
    const samples = [500, 1000, 1500, 2000, 2500].map((atMs) => sample(atMs, 0.5))
    expect(samplesWithin(samples, span).map(({ atNs }) => atNs / 1e6)).toEqual([1500, 2000])
  })

  test('CPU, waits and events are taken over the same intervals', () => {
    // From 1,000 to 2,000 ms: 0.2 and 0.4 of 500 ms each are 300 ms, for the ten chunks from 1,100 to 2,000 ms.
    const samples = [sample(500, 1), sample(1000, 1), sample(1500, 0.2), sample(2000, 0.4), sample(2500, 1)]
    expect(workerLoad(samples, [record], span)).toEqual({
      cpuShare: 0.3,
      coreWaitShare: 0.25,
      deliveredPerS: 10,
      cpuPerEventNs: 30e6,
    })
  })

  test('shares are those of the worst worker, events those of all', () => {
    const samples = [0, 1].flatMap((worker) =>
      [1000, 2000].map((atMs) => sample(atMs, worker === 0 ? 0.1 : 0.9, worker)),
    )
    expect(workerLoad(samples, [record, { ...record, worker: 1 }], span)).toEqual({
      cpuShare: 0.9,
      coreWaitShare: 0.25,
      deliveredPerS: 20,
      cpuPerEventNs: 50e6,
    })
  })

  test('nothing is said where no interval fits', () => {
    expect(workerLoad([sample(500, 1), sample(1000, 1)], [record], span)).toBeNull()
  })

  test('the span runs from the first measured send to the last measured end', () => {
    const records = [
      recordOf({ phase: 'warmup', sentNs: 1, endNs: 9000 }),
      recordOf({ sentNs: 300, endNs: 4000 }),
      recordOf({ sentNs: 200, endNs: 3000 }),
    ]
    expect(measuredSpan(records)).toEqual({ fromNs: 200, toNs: 4000 })
    expect(measuredSpan(records.slice(0, 1))).toBeUndefined()
  })
})

describe('what is measured', () => {
  const names = (options: Parameters<typeof seriesOf>[0]): string[] =>
    seriesOf(options).map((s) => `${s.transport} ${s.shape} ${s.streams}x${s.eventsPerS}`)

  test('by default every shape, and up to 1,000 streams, by each transport', () => {
    const all = names({ transports: ['kernel', 'undici'], quick: false })
    expect(all).toHaveLength(2 * (7 + 2 + 7))
    expect(new Set(all).size).toBe(all.length)
    expect(all).toContain('undici plain 1000x50')
    expect(all).toContain('kernel reasoning first 50x50')
  })
  test('streams that are asked for, and nothing else', () => {
    expect(names({ transports: ['undici'], quick: false, streams: [1, 256] })).toEqual([
      'undici plain 1x50',
      'undici plain 256x50',
    ])
  })
  test('a stream lasts a second after its first event, however its events are made up', () => {
    expect(streamPlan('plain', 50)).toEqual({
      shape: { ttftMs: 200, gapMs: 20 },
      outputTokens: 51,
      lifeS: 1.2,
    })
    expect(streamPlan('4 tokens a chunk', 50)).toMatchObject({ outputTokens: 204, lifeS: 1.2 })
    expect(streamPlan('plain', 200)).toMatchObject({ outputTokens: 201, shape: { gapMs: 5 } })
  })
})

describe('the calibration that is kept', () => {
  const machine: MachineFacts = {
    node: 'v20.20.2',
    platform: 'linux 6.1.0 x64',
    cpuModel: 'A Processor',
    cpus: 4,
    memoryBytes: 8e9,
  }
  const calibration: Calibration = {
    format: 1,
    tool: { name: 'falloff', version: '0.1.0' },
    command: 'falloff calibrate',
    madeAtUtc: '2026-11-21T05:13:00.000Z',
    machine,
    boundMs: 1,
    workers: 1,
    points: [pointOf(1)],
    bounds: { kernel: { streams: 1, exceeded: false, eventsPerS: 45, cpuPerEventNs: 10_001 } },
  }
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'falloff-calibration-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('is read as it was written', () => {
    const file = writeCalibration(calibration, join(folder, 'deep', 'calibration.json'))
    expect(readCalibration(file, machine)).toEqual(calibration)
  })

  test('keeps what was found for the transport that was not measured again, held to the new bound', () => {
    const file = join(folder, 'calibration.json')
    writeCalibration({ ...calibration, points: [pointOf(1), pointOf(50, { stamp: 0.5 })] }, file)
    const undici = { streams: 200, exceeded: true, eventsPerS: 45, cpuPerEventNs: 30_000 }
    const point = { ...pointOf(200), transport: 'undici' as const }
    writeCalibration({ ...calibration, boundMs: 0.4, points: [point], bounds: { undici } }, file)
    const found = readCalibration(file, machine)
    expect(found?.bounds).toEqual({
      undici,
      kernel: expect.objectContaining({ streams: 1, exceeded: true }) as object,
    })
    expect(found?.points).toEqual([point, pointOf(1), pointOf(50, { stamp: 0.5 })])
  })

  test('replaces what was found for a transport before, and all that another machine found', () => {
    const file = join(folder, 'calibration.json')
    const undici = { streams: 200, exceeded: true, eventsPerS: 45, cpuPerEventNs: 30_000 }
    writeCalibration({ ...calibration, machine: { ...machine, cpus: 64 }, bounds: { undici } }, file)
    writeCalibration(calibration, file)
    const again = { ...calibration, points: [pointOf(50)] }
    writeCalibration(again, file)
    expect(readCalibration(file, machine)).toEqual(again)
  })

  test('is the same whatever memory the machine has now', () => {
    const file = writeCalibration(calibration, join(folder, 'calibration.json'))
    expect(readCalibration(file, { ...machine, memoryBytes: 1 })).toEqual(calibration)
  })

  test.each<[string, Partial<MachineFacts>]>([
    ['Node', { node: 'v22.1.0' }],
    ['kernel', { platform: 'linux 6.2.0 x64' }],
    ['processor', { cpuModel: 'B Processor' }],
    ['number of cores', { cpus: 2 }],
  ])('is not that of a machine with another %s', (_, other) => {
    const file = writeCalibration(calibration, join(folder, 'calibration.json'))
    expect(readCalibration(file, { ...machine, ...other })).toBeUndefined()
  })

  test.each([
    ['there is no file', undefined],
    ['it is no JSON', '{"format":1,'],
    ['it is of a later format', JSON.stringify({ ...calibration, format: 2 })],
    ['it lacks its bounds', JSON.stringify({ ...calibration, bounds: null })],
    ['it is something else', '"calibration"'],
    ['it is nothing', 'null'],
  ])('is none where %s', (_, text) => {
    const file = join(folder, 'calibration.json')
    if (text !== undefined) writeFileSync(file, text)
    expect(readCalibration(file, machine)).toBeUndefined()
  })

  test.each([
    [{ XDG_CACHE_HOME: '/var/cache/me' }, '/var/cache/me/falloff/calibration.json'],
    [{ XDG_CACHE_HOME: 'relative' }, /\/\.cache\/falloff\/calibration\.json$/],
    [{}, /\/\.cache\/falloff\/calibration\.json$/],
  ])('lies in the cache of the user: %o', (environment, expected) => {
    if (typeof expected === 'string') expect(calibrationFile(environment)).toBe(expected)
    else expect(calibrationFile(environment)).toMatch(expected)
  })
})
