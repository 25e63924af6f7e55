import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readRecords, summariseRun, timelineOf } from '../../src/analyse/index.js'
import { createRandom } from '../../src/base/index.js'
import type { RequestRecord } from '../../src/record/index.js'
import { closedLoop, MS, type RunParts, recordOf, tempFolder, writeRun } from './run-folder.js'

const closed = (concurrency: number, more: object = {}) => ({
  load: { kind: 'closed', concurrency },
  limits: { requests: 1000 },
  ...more,
})
const open = { load: { kind: 'constant', ratePerS: 20 }, limits: { requests: 400 } }
const codesOf = async (parts: RunParts) =>
  (await summariseRun(writeRun(parts))).validity.findings.map((f) => f.code)

/** Evenly spaced arrivals whose time to first token is a function of their place. */
const arrivals = (n: number, ttftMs: (i: number) => number, everyMs = 50): RequestRecord[] =>
  Array.from({ length: n }, (_, i) => recordOf(i, i * everyMs, ttftMs(i), 10 + (i % 3) * 0.1, 10))

describe('the window', () => {
  test('of a closed loop leaves out the first wave and ends with the last send', async () => {
    const records = closedLoop(8, 400)
    const { window } = await summariseRun(writeRun({ profile: closed(8), records }))
    const waveEndsMs = Math.max(...records.slice(0, 8).map((r) => r.endNs)) / MS
    expect(window.fromS * 1000).toBeGreaterThanOrEqual(waveEndsMs)
    expect(window.toS).toBeCloseTo((records.at(-1)?.sentNs ?? 0) / 1e9, 9)
    expect(window.excludedTransient).toBeGreaterThanOrEqual(8)
    expect(window.steady).toBe(true)
  })

  test('leaves the warm-up out of every metric', async () => {
    const records = closedLoop(4, 300).map((r, i) =>
      i < 50 ? { ...r, phase: 'warmup' as const, firstTokenNs: (r.sentNs ?? 0) + 9e9 } : r,
    )
    const { window, metrics, planned } = await summariseRun(writeRun({ profile: closed(4), records }))
    expect([window.excludedWarmup, planned]).toEqual([50, 300])
    expect(metrics.ttft.max).toBeLessThan(100)
  })

  test('cuts a transient that settles, and says so', async () => {
    const records = arrivals(400, (i) => 50 + Math.max(0, 60 - i) * 20 + (i % 7))
    const { window } = await summariseRun(writeRun({ profile: open, records }))
    expect(window.excludedTransient).toBeGreaterThanOrEqual(50)
    expect(window.excludedTransient).toBeLessThan(100)
    expect(window.steady).toBe(true)
  })

  test('finds no steady state where latency grows to the end', async () => {
    const records = arrivals(400, (i) => 50 + i * 5 + (i % 7))
    const { window, validity } = await summariseRun(writeRun({ profile: open, records }))
    expect(window).toMatchObject({ steady: false, excludedTransient: 0, requests: 400 })
    expect(validity.findings.map((f) => f.code)).toContain('not-steady')
  })

  test('leaves out what is sent while conversations run dry', async () => {
    const records = [...closedLoop(8, 400)]
    const endMs = Math.max(...records.map((r) => r.endNs)) / MS
    for (let i = 0; i < 20; i++) records.push(recordOf(400 + i, endMs + i * 300, 50, 10, 10))
    const { window } = await summariseRun(writeRun({ profile: closed(8), records }))
    expect(window.excludedDrain).toBeGreaterThanOrEqual(20)
    expect(window.excludedDrain).toBeLessThan(28)
  })

  test('takes the whole run where one wave is all there is', async () => {
    const records = closedLoop(32, 32)
    const { window, throughput } = await summariseRun(writeRun({ profile: closed(32), records }))
    expect(window.requests).toBe(32)
    expect(window.steady).toBe(false)
    const tokens = records.reduce((sum, r) => sum + (r.outputTokens ?? 0), 0)
    expect(throughput.outputTokensPerS * (window.toS - window.fromS)).toBeCloseTo(tokens, 0)
  })

  test('of a run in which nothing was sent is empty, and invalid', async () => {
    const { validity, window } = await summariseRun(
      writeRun({ profile: closed(1), records: [], manifest: { plannedRequests: 5 } }),
    )
    expect(window.requests).toBe(0)
    expect(validity.verdict).toBe('INVALID')
    expect(validity.findings.map((f) => f.code)).toEqual(
      expect.arrayContaining(['records-incomplete', 'nothing-completed']),
    )
  })
})

describe('deadlines do not flatter', () => {
  const shed = arrivals(1000, (i) => 50 + (i % 10)).map((r, i): RequestRecord => {
    if (i % 20 !== 0) return r
    const { firstTokenNs: _f, firstVisibleNs: _v, lastTokenNs: _l, outputTokens: _o, ...rest } = r
    return { ...rest, state: 'timed-out', chunks: [], error: { code: 'deadline-ttft', message: 'x' } }
  })

  test('with 5 % timed out there is no p99, and p90 ranks them last', async () => {
    const { metrics } = await summariseRun(writeRun({ profile: { ...open, objectives: [] }, records: shed }))
    const { ttft } = metrics
    expect(ttft.censored).toBeGreaterThan(40)
    expect([ttft.p99, ttft.mean, ttft.max]).toEqual([null, null, null])
    expect(ttft.p90?.value).toBe(59)
  })

  test.each([
    ['ttft p99 <= 500 ms', 'missed'],
    ['ttft p50 <= 500 ms', 'met'],
    ['perStreamTokensPerS p5 >= 1', 'unclear'],
    ['errorRate <= 1 %', 'missed'],
    ['errorRate <= 20 %', 'met'],
    ['errorRate <= 5 %', 'unclear'],
    ['goodShare >= 99 %', 'missed'],
    ['ttft max <= 500 ms', 'missed'],
    ['lateness p99 <= 1 ms', 'met'],
    ['outputTokensPerS >= 1', 'met'],
    ['ttft p99.9 <= 5 s', 'missed'],
  ])('%s is %s', async (text, verdict) => {
    const { objectives } = await summariseRun(
      writeRun({ profile: { ...open, objectives: [text] }, records: shed }),
    )
    expect(objectives).toMatchObject([{ text, verdict }])
  })

  test('an objective on what no request had is not measured', async () => {
    const records = arrivals(100, () => 50).map((r) => ({ ...r, outputTokens: 1 }))
    const { objectives } = await summariseRun(
      writeRun({ profile: { ...open, objectives: ['tpot p50 <= 5 ms'] }, records }),
    )
    expect(objectives).toMatchObject([{ value: null, verdict: 'not measured' }])
  })

  test('a p99 objective is unclear when the sample is too small to bound it', async () => {
    const { objectives } = await summariseRun(
      writeRun({
        profile: { ...open, objectives: ['ttft p99 <= 500 ms'] },
        records: arrivals(200, () => 50),
      }),
    )
    expect(objectives).toMatchObject([{ verdict: 'unclear', value: 50, high: null }])
  })
})

describe('a run judges itself', () => {
  const random = createRandom(11, 'ttft')
  const good = arrivals(500, () => 50 + random.integer(0, 9))
  const steady = { gauges: {}, counters: { generationTokens: 0 } }

  test('and finds nothing wrong where nothing is', async () => {
    expect(await codesOf({ profile: open, records: good })).toEqual([])
  })

  test.each<[string, string, Partial<RunParts>]>([
    [
      'late sends',
      'generator-late',
      { records: good.map((r, i) => ({ ...r, scheduledNs: r.scheduledNs - (i % 20 === 0 ? 9 : 0) * MS })) },
    ],
    [
      'a blocked event loop',
      'loop-delay',
      {
        instrument: [
          {
            atNs: 5e9,
            worker: 0,
            inFlight: 1,
            loopDelayP99Ns: 12 * MS,
            loopDelayMaxNs: 20 * MS,
            cpuShare: 0.1,
          },
        ],
      },
    ],
    [
      'another model in the middle',
      'model-changed',
      { records: good.map((r, i) => (i > 250 ? { ...r, servedModel: 'm-2' } : r)) },
    ],
    [
      'chunks bunched by ourselves',
      'chunks-bunched',
      { records: good.map((r) => ({ ...r, coalescedChunks: 1, lateCoalescedChunks: 1 })) },
    ],
    [
      'much shorter outputs',
      'outputs-short',
      { records: good.map((r) => ({ ...r, outputTokensAsked: 20 })) },
    ],
    [
      'a rate that was not reached',
      'rate-not-reached',
      { records: good.map((r) => ({ ...r, scheduledNs: r.scheduledNs * 0.9 })) },
    ],
    ['few requests', 'few-samples', { records: good.slice(0, 200) }],
    ['a short window', 'short-run', { records: arrivals(500, (i) => 50 + (i % 10), 5) }],
    [
      'failures',
      'failures',
      {
        records: good.map((r, i) =>
          i % 50 === 0 ? { ...r, state: 'cut-off', error: { code: 'cut-stream', message: '' } } : r,
        ),
      },
    ],
    [
      'short outputs',
      'outputs-inexact',
      { records: good.map((r, i) => (i % 9 === 0 ? { ...r, outputTokensAsked: 11 } : r)) },
    ],
    ['long inputs', 'inputs-off', { records: good.map((r) => ({ ...r, inputTokens: 108 })) }],
    [
      'counted tokens',
      'tokens-assumed',
      { records: good.map((r) => ({ ...r, tokenSource: 'counted' as const })) },
    ],
    ['unasked cache hits', 'cache-contamination', { records: good.map((r) => ({ ...r, cachedTokens: 16 })) }],
    ['coalesced chunks', 'chunks-coalesced', { records: good.map((r) => ({ ...r, coalescedChunks: 2 })) }],
    ['a plan without all its records', 'records-incomplete', { manifest: { plannedRequests: 501 } }],
    ['a record twice', 'records-incomplete', { records: [...good, ...good.slice(0, 1)] }],
    [
      'arrivals dropped',
      'arrivals-dropped',
      {
        records: good.map((r, i) =>
          i % 100 === 0 ? { ...r, state: 'unsent', error: { code: 'no-slot', message: '' } } : r,
        ),
      },
    ],
    ['an interruption', 'stopped-early', { manifest: { stopReason: 'interrupted' } }],
    [
      'an engine that restarted',
      'server-restarted',
      {
        server: [1, 2, 3].map((s) => ({
          atNs: s * 2e9,
          tookNs: 1e6,
          counters: { requestsFinished: s === 3 ? 1 : s * 10 },
        })),
      },
    ],
    ['an open loop above capacity', 'overloaded', { records: arrivals(500, (i) => 50 + i * 10) }],
  ])('%s: %s', async (_, code, parts) => {
    expect(await codesOf({ profile: open, records: good, ...parts })).toContain(code)
  })

  test('an alias that resolves to one name throughout is no change of model', async () => {
    const records = good.map((r) => ({ ...r, servedModel: 'm-2026-01' }))
    expect(await codesOf({ profile: open, records })).toEqual([])
  })

  test('by the thresholds of its own profile', async () => {
    const strict = { ...open, validity: { windowS: 60 } }
    expect(await codesOf({ profile: strict, records: good })).toEqual(['short-run'])
  })

  test('by the defaults, where an earlier version recorded none', async () => {
    const folder = writeRun({ profile: open, records: good })
    const file = join(folder, 'run.json')
    const { profile, ...rest } = JSON.parse(readFileSync(file, 'utf8'))
    const { validity: _, ...older } = profile
    writeFileSync(file, JSON.stringify({ ...rest, profile: older }))
    expect((await summariseRun(folder)).validity.verdict).toBe('VALID')
  })

  test('cache hits are expected where prompts share a prefix', async () => {
    const profile = { ...open, workload: { prefix: { share: 0.5, tokens: 50 } } }
    const records = good.map((r) => ({ ...r, cachedTokens: 16 }))
    expect(await codesOf({ profile, records })).toEqual([])
  })

  test('loop delay does not count against stamps of the kernel', async () => {
    const records = good.map((r) => ({ ...r, stamps: 'kernel' as const }))
    const instrument = [
      { atNs: 5e9, worker: 0, inFlight: 1, loopDelayP99Ns: 12 * MS, loopDelayMaxNs: 20 * MS, cpuShare: 0.1 },
    ]
    expect(await codesOf({ profile: open, records, instrument })).toEqual([])
  })

  test('more in flight than rate × life gives is told', async () => {
    // Warm-up requests that never end raise the level without being in the window's rate.
    const stuck = Array.from({ length: 10 }, (_, i) => ({
      ...recordOf(500 + i, 0, 50, 10, 10),
      phase: 'warmup' as const,
      endNs: 30e9,
    }))
    expect(await codesOf({ profile: open, records: [...good, ...stuck] })).toContain('littles-law')
  })

  test('a counter that fell is added up across the restart', async () => {
    const counts = [0, 100, 250, 30, 80]
    const server = counts.map((generationTokens, i) => ({
      atNs: i * 2e9,
      tookNs: 1e6,
      ...steady,
      counters: { generationTokens },
    }))
    const { tokens, server: found } = await summariseRun(writeRun({ profile: open, records: good, server }))
    expect(tokens.serverOutputTokens).toBe(250 + 80)
    expect(found?.restarted).toBe(true)
  })
})

describe('reading a run', () => {
  const readAll = async (folder: string) => {
    const all: RequestRecord[] = []
    for await (const r of readRecords(folder)) all.push(r)
    return all
  }

  test('a last line torn by a kill is dropped, a whole one without its line break is kept', async () => {
    const folder = writeRun({ profile: open, records: arrivals(3, () => 50) })
    const file = join(folder, 'requests-0.ndjson')
    const whole = readFileSync(file, 'utf8')
    appendFileSync(file, '{"index":3,"phase":"meas')
    expect((await readAll(folder)).map((r) => r.index)).toEqual([0, 1, 2])
    writeFileSync(file, whole.trimEnd())
    expect((await readAll(folder)).map((r) => r.index)).toEqual([0, 1, 2])
  })

  test('a damaged line in the middle is an error that names its place', async () => {
    const folder = writeRun({ profile: open, records: arrivals(3, () => 50) })
    const file = join(folder, 'requests-0.ndjson')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"index":1,', '"index":'))
    await expect(readAll(folder)).rejects.toMatchObject({
      code: 'BAD_RECORD',
      message: expect.stringMatching(/requests-0\.ndjson:2/),
    })
  })

  test('workers come in the order of their numbers, whatever the order of their names', async () => {
    const records = arrivals(24, () => 50).map((r, i) => ({ ...r, worker: i % 12 }))
    const read = await readAll(writeRun({ profile: open, records }))
    expect(read.map((r) => r.worker)).toEqual(Array.from({ length: 24 }, (_, i) => Math.floor(i / 2)))
  })

  test('text of several bytes a character survives the edges of blocks', async () => {
    const message = '…ü'.repeat(40)
    const records = arrivals(4000, () => 50).map((r) => ({
      ...r,
      error: { code: 'gateway' as const, message },
    }))
    const read = await readAll(writeRun({ profile: open, records }))
    expect(read.every((r) => r.error?.message === message)).toBe(true)
    expect(read).toHaveLength(4000)
  })

  test('a folder without a run says what to give instead', async () => {
    const empty = tempFolder()
    await expect(summariseRun(empty)).rejects.toMatchObject({ code: 'NO_RUN' })
  })

  test('the same records in other files give the same summary', async () => {
    const records = closedLoop(8, 300)
    const one = await summariseRun(
      writeRun({ profile: closed(8), records: records.map((r) => ({ ...r, worker: 0 })) }),
    )
    const two = await summariseRun(writeRun({ profile: closed(8), records }))
    expect(two.metrics).toEqual(one.metrics)
    expect(two.window).toEqual(one.window)
  })
})

test('a timeline counts every token, failure and request once, in at most 150 bins', async () => {
  const records = closedLoop(8, 600).map(
    (r, i): RequestRecord =>
      i % 50 === 0 ? { ...r, state: 'cut-off', error: { code: 'cut-stream', message: '' } } : r,
  )
  const server = Array.from({ length: 20 }, (_, i) => ({
    atNs: i * 5e8,
    tookNs: 1e6,
    gauges: { kvUsage: 0.5 },
    counters: { preemptions: i * 2 },
  }))
  const { bins, binS, requests } = await timelineOf(writeRun({ profile: closed(8), records, server }))
  expect(bins.length).toBeLessThanOrEqual(150)
  const tokens = bins.reduce((sum, b) => sum + b.outputTokensPerS * binS, 0)
  expect(tokens).toBeCloseTo(
    records.reduce((sum, r) => sum + (r.outputTokens ?? 0), 0),
    3,
  )
  expect(bins.reduce((sum, b) => sum + b.failures, 0)).toBe(12)
  const busyNs = records.reduce((sum, r) => sum + r.endNs - (r.sentNs ?? 0), 0)
  expect(bins.reduce((sum, b) => sum + b.inFlight * binS, 0)).toBeCloseTo(busyNs / 1e9, 3)
  expect(bins.find((b) => b.preemptionsPerS !== null)?.preemptionsPerS).toBeCloseTo(4, 9)
  expect(requests).toHaveLength(600)
  expect(requests[0]?.slice(0, 2)).toEqual([0, ((records[0]?.firstTokenNs ?? 0) - 0) / MS])
})
