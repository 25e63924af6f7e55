import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { summariseRun } from '../../src/analyse/index.js'
import type { InstrumentSample, RequestRecord, ServerSample } from '../../src/record/index.js'
import { closedLoop, MS, withFaults, writeRun } from './run-folder.js'

/*
 * A second, slow and obvious reading of the same folder: arrays of objects and plain loops, sharing no code with the
 * program. Given the window it works out every figure again.
 */

const ndjson = <T>(folder: string, prefix: string): T[] =>
  readdirSync(folder)
    .filter((f) => f.startsWith(prefix) && f.endsWith('.ndjson'))
    .flatMap((f) =>
      readFileSync(join(folder, f), 'utf8')
        .trim()
        .split('\n')
        .map((l) => JSON.parse(l) as T),
    )

const gaps = (r: RequestRecord): number[] =>
  r.chunks
    .filter((_, i) => i % 2 === 0)
    .slice(1)
    .map((ns) => ns / MS)
const tpot = (r: RequestRecord): number | undefined =>
  (r.outputTokens ?? 0) > 1 && r.lastTokenNs !== undefined && r.firstTokenNs !== undefined
    ? (r.lastTokenNs - r.firstTokenNs) / MS / ((r.outputTokens ?? 0) - 1)
    : undefined
const diff = (a?: number, b?: number): number[] => (a === undefined || b === undefined ? [] : [(b - a) / MS])

const DEFINITIONS: Record<string, (r: RequestRecord) => number[]> = {
  ttft: (r) => diff(r.sentNs, r.firstTokenNs),
  ttftFromSchedule: (r) => diff(r.scheduledNs, r.firstTokenNs),
  ttfv: (r) => diff(r.sentNs, r.firstVisibleNs),
  tpot: (r) => [tpot(r)].filter((v) => v !== undefined),
  chunkGap: gaps,
  maxStall: (r) => (gaps(r).length > 0 ? [Math.max(...gaps(r))] : []),
  e2e: (r) => (r.state === 'completed' ? diff(r.sentNs, r.lastTokenNs ?? r.endNs) : []),
  e2eFromSchedule: (r) => (r.state === 'completed' ? diff(r.scheduledNs, r.lastTokenNs ?? r.endNs) : []),
  headers: (r) => diff(r.sentNs, r.headersNs),
  lateness: (r) => diff(r.scheduledNs, r.sentNs),
  perStreamTokensPerS: (r) => [tpot(r)].filter((v) => v !== undefined).map((v) => 1000 / v),
  inputTokens: (r) => [r.inputTokens ?? r.inputTokensAsked],
  outputTokens: (r) => (r.outputTokens === undefined ? [] : [r.outputTokens]),
}
const DEADLINED = ['ttft', 'ttftFromSchedule', 'ttfv', 'e2e', 'e2eFromSchedule', 'headers']

function tokensAt(r: RequestRecord): { atNs: number; tokens: number }[] {
  const out: { atNs: number; tokens: number }[] = []
  let atNs = r.sentNs ?? r.scheduledNs
  for (let i = 0; i < r.chunks.length; i += 2) {
    atNs += r.chunks[i] ?? 0
    out.push({ atNs, tokens: r.chunks[i + 1] ?? 0 })
  }
  const known = out.filter((c) => c.tokens >= 0).reduce((a, c) => a + c.tokens, 0)
  const unknown = out.filter((c) => c.tokens < 0).length
  return out.map((c) => ({
    ...c,
    tokens:
      c.tokens >= 0 ? c.tokens : r.outputTokens === undefined ? 1 : ((r.outputTokens ?? 0) - known) / unknown,
  }))
}

const close = (got: number | null | undefined, want: number | null | undefined, what: string): void => {
  if (want === null || want === undefined) expect(got ?? null, what).toBeNull()
  else
    expect(
      Math.abs((got ?? Number.NaN) - want) <= 1e-9 * Math.max(1, Math.abs(want)),
      `${what}: got ${got}, want ${want}`,
    ).toBe(true)
}

const server = (n: number): ServerSample[] =>
  Array.from({ length: n }, (_, i) => ({
    atNs: i * 250 * MS,
    tookNs: (1 + (i % 7)) * MS,
    ...(i === 5
      ? { error: 'timeout' }
      : {
          gauges: {
            running: 5 + (i % 4),
            waiting: i % 3,
            waitingForCapacity: i % 2,
            kvUsage: 0.5 + (i % 10) / 25,
          },
          counters: {
            preemptions: Math.floor(i / 3),
            promptTokens: 900 * i,
            generationTokens: 120 * i,
            prefixQueries: 900 * i,
            prefixHits: 20 * i,
            requestsFinished: 9 * i,
          },
          histograms: {
            ttftS: { sum: 0.4 * i, count: 9 * i },
            queueS: { sum: 0.09 * i, count: 9 * i },
            prefillS: { sum: 0.2 * i, count: 9 * i },
          },
        }),
  }))

const instrument = (n: number): InstrumentSample[] =>
  Array.from({ length: n }, (_, i) => ({
    atNs: i * 200 * MS,
    worker: i % 2,
    inFlight: 8,
    loopDelayP99Ns: (1 + (i % 5)) * MS,
    loopDelayMaxNs: (2 + (i % 9)) * MS,
    cpuShare: (i % 10) / 20,
  }))

test.each([
  [
    'a closed loop with faults',
    {
      load: { kind: 'closed', concurrency: 8 },
      limits: { requests: 400 },
      objectives: ['ttft p99 <= 55 ms', 'chunkGap p90 <= 10 ms'],
    },
  ],
  [
    'an open loop with faults',
    {
      load: { kind: 'poisson', ratePerS: 30 },
      limits: { requests: 400 },
      objectives: ['perStreamTokensPerS p50 >= 100'],
    },
  ],
])('every figure of the summary of %s can be worked out again from the lines alone', async (_, profile) => {
  const planned = withFaults(closedLoop(8, 440)).map(
    (r, i): RequestRecord => ({
      ...r,
      ...(i < 40 ? { phase: 'warmup' as const } : {}),
      scheduledNs: r.scheduledNs - (i % 5) * 0.1 * MS,
      coalescedChunks: i % 3,
      ...(i % 4 === 0 ? { cachedTokens: i % 30, inputTokens: 100 + (i % 7) } : {}),
    }),
  )
  const folder = writeRun({ profile, records: planned, server: server(80), instrument: instrument(100) })
  const point = await summariseRun(folder)
  const records = ndjson<RequestRecord>(folder, 'requests')
  expect(records).toHaveLength(440)

  const [from, to] = [point.window.fromS * 1e9, point.window.toS * 1e9]
  const start = (r: RequestRecord): number => r.sentNs ?? r.scheduledNs
  // Seconds in doubles: a nanosecond of slack at the edges.
  const members = records.filter((r) => r.phase === 'measured' && start(r) >= from - 1 && start(r) <= to + 1)
  expect(point.window.requests).toBe(members.length)
  expect(members.length).toBeGreaterThan(200)
  const { excludedWarmup, excludedTransient, excludedDrain } = point.window
  expect(excludedWarmup + excludedTransient + excludedDrain + members.length).toBe(440)

  const completed = members.filter((r) => r.state === 'completed')
  for (const [name, values] of Object.entries(DEFINITIONS)) {
    const feeding = name === 'lateness' ? members : completed
    const sorted = feeding.flatMap(values).sort((a, b) => a - b)
    const censored = DEADLINED.includes(name)
      ? members.filter((r) => r.state === 'timed-out' && values(r).length === 0).length
      : 0
    const summary = point.metrics[name as keyof typeof point.metrics]
    const mean = sorted.reduce((a, b) => a + b, 0) / sorted.length
    const at = (q: number) => sorted[Math.ceil(q * (sorted.length + censored) - 1e-9) - 1]
    expect([name, summary.n, summary.censored]).toEqual([name, sorted.length, censored])
    close(summary.mean, censored > 0 ? null : mean, `${name} mean`)
    close(
      summary.stdDev,
      censored > 0 ? null : Math.sqrt(sorted.reduce((a, v) => a + (v - mean) ** 2, 0) / (sorted.length - 1)),
      `${name} sd`,
    )
    close(summary.min, sorted[0], `${name} min`)
    close(summary.max, censored > 0 ? null : sorted.at(-1), `${name} max`)
    for (const [key, q] of [
      ['p5', 0.05],
      ['p50', 0.5],
      ['p90', 0.9],
      ['p95', 0.95],
      ['p99', 0.99],
      ['p999', 0.999],
    ] as const) {
      close(summary[key]?.value, at(q), `${name} ${key}`)
    }
  }

  const span = (to - from) / 1e9
  const inside = (ns: number | undefined): boolean => ns !== undefined && ns >= from && ns < to
  const chunks = records.flatMap(tokensAt).filter((c) => inside(c.atNs))
  close(point.throughput.outputTokensPerS, chunks.reduce((a, c) => a + c.tokens, 0) / span, 'output tokens/s')
  close(
    point.throughput.batchTokensPerS.reduce((a, b) => a + b, 0) / 20,
    point.throughput.outputTokensPerS,
    'mean of slices',
  )
  const ended = records.filter((r) => r.state === 'completed' && inside(r.endNs))
  close(point.throughput.requestsPerS, ended.length / span, 'requests/s')
  const input = records
    .filter((r) => inside(r.firstTokenNs))
    .reduce((a, r) => a + (r.inputTokens ?? r.inputTokensAsked), 0)
  close(point.throughput.inputTokensPerS, input / span, 'input tokens/s')
  const isGood = (r: RequestRecord): boolean => {
    if (profile.load.kind === 'poisson') return 1000 / (tpot(r) ?? 0) >= 100
    const own = gaps(r).sort((a, b) => a - b)
    const p90 = own[Math.ceil(0.9 * own.length - 1e-9) - 1]
    return (DEFINITIONS.ttft?.(r)[0] ?? Infinity) <= 55 && (p90 === undefined || p90 <= 10)
  }
  // Completions of the warm-up that end inside the window have no judged latency; the measured ones speak for them.
  const judged = ended.filter((r) => r.phase === 'measured')
  const goodput = ((ended.length / span) * judged.filter(isGood).length) / judged.length
  close(point.throughput.goodputPerS, goodput, 'goodput')
  const asked = members.filter((r) => r.state !== 'cancelled' && r.error?.code !== 'stopped')
  close(point.throughput.goodShare, completed.filter(isGood).length / asked.length, 'good share')
  const presence = records.map((r) =>
    r.sentNs === undefined ? 0 : Math.max(0, Math.min(to, r.endNs) - Math.max(from, r.sentNs)),
  )
  close(point.throughput.meanInFlight, presence.reduce((a, b) => a + b, 0) / (to - from), 'in flight')
  const due = records.filter((r) => inside(r.scheduledNs)).length / span
  close(point.throughput.offeredPerS, profile.load.kind === 'poisson' ? due : null, 'offered')

  const states: Record<string, number> = {}
  for (const r of records) states[r.state] = (states[r.state] ?? 0) + 1
  for (const [state, n] of Object.entries(point.states))
    expect([state, n]).toEqual([state, states[state] ?? 0])
  expect(point.failures.reduce((a, f) => a + f.count, 0)).toBe(records.filter((r) => r.error).length)

  const errors = completed
    .filter((r) => r.inputTokens !== undefined)
    .map((r) => ((r.inputTokens ?? 0) - 100) / 100)
  close(point.tokens.inputErrorMean, errors.reduce((a, b) => a + b, 0) / errors.length, 'input error')
  close(point.tokens.inputErrorMax, Math.max(...errors), 'input error max')
  close(point.tokens.outputExactShare, 1, 'exact outputs')
  close(
    point.tokens.clientOutputTokens,
    records.reduce((a, r) => a + (r.outputTokens ?? 0), 0),
    'output tokens',
  )
  close(point.tokens.serverOutputTokens, 120 * 79, 'engine counter')
  const cached = completed.filter((r) => r.cachedTokens !== undefined)
  close(
    point.tokens.cachedShare,
    cached.reduce((a, r) => a + (r.cachedTokens ?? 0), 0) /
      cached.reduce((a, r) => a + (r.inputTokens ?? 0), 0),
    'cached',
  )
  close(
    point.tokens.coalescedShare,
    members.reduce((a, r) => a + r.coalescedChunks, 0) / members.reduce((a, r) => a + r.chunks.length / 2, 0),
    'coalesced',
  )

  let [weight, first, second] = [0, 0, 0]
  for (const r of completed) {
    const [i, o] = [r.inputTokens ?? 0, r.outputTokens ?? 0]
    // The stream's life, a thousand moments of it, each as long as the next.
    for (let k = 0; k < 1000; k++) {
      const h = i + (o * (k + 0.5)) / 1000
      weight += o
      first += o * h
      second += o * h * h
    }
  }
  expect(point.heldTokens?.mean).toBeCloseTo(first / weight, 3)
  expect(point.heldTokens?.stdDev).toBeCloseTo(Math.sqrt(second / weight - (first / weight) ** 2), 3)

  const all = ndjson<ServerSample>(folder, 'server').filter((s) => s.error === undefined)
  const seen = all.filter((s) => s.atNs >= from && s.atNs <= to)
  const before = all.filter((s) => s.atNs < from).at(-1)
  const [a, b] = [before ?? seen[0], seen.at(-1)]
  const mean = (v: number[]): number => v.reduce((x, y) => x + y, 0) / v.length
  close(point.server?.kvUsageMean, mean(seen.map((s) => s.gauges?.kvUsage ?? 0)), 'usage')
  close(point.server?.kvUsageMax, Math.max(...seen.map((s) => s.gauges?.kvUsage ?? 0)), 'usage max')
  close(point.server?.runningMean, mean(seen.map((s) => s.gauges?.running ?? 0)), 'running')
  close(point.server?.waitingMax, Math.max(...seen.map((s) => s.gauges?.waiting ?? 0)), 'waiting')
  const preemptions = (b?.counters?.preemptions ?? 0) - (a?.counters?.preemptions ?? 0)
  close(point.server?.preemptions, preemptions, 'preemptions')
  close(
    point.server?.preemptionsPerRequest,
    preemptions / ((b?.counters?.requestsFinished ?? 0) - (a?.counters?.requestsFinished ?? 0)),
    'preemptions per request',
  )
  close(point.server?.prefixHitShare, 20 / 900, 'prefix hits')
  close(point.server?.ttftMs, (0.4 / 9) * 1000, 'server ttft')
  close(point.server?.queueMs, 10, 'server queue')
  close(point.server?.prefillTokensPerS, 880 / 0.25, 'prefill tokens/s')
  // The requests whose first token came between the same two readings as the engine's counts.
  const firsts = records.filter(
    (r) =>
      r.firstTokenNs !== undefined && r.firstTokenNs >= (a?.atNs ?? 0) && r.firstTokenNs < (b?.atNs ?? 0),
  )
  expect(firsts.length).toBeGreaterThan(3)
  const clientMs =
    firsts.reduce((sum, r) => sum + ((r.firstTokenNs ?? 0) - (r.sentNs ?? 0)) / MS, 0) / firsts.length
  close(point.server?.frontEndMs, clientMs - (0.4 / 9) * 1000, 'front end')
  expect(point.server?.restarted).toBe(false)

  const own = ndjson<InstrumentSample>(folder, 'instrument').filter((s) => s.atNs >= from && s.atNs <= to)
  close(point.instrument.loopDelayMaxMs, Math.max(...own.map((s) => s.loopDelayMaxNs / MS)), 'loop delay max')
  close(point.instrument.loopDelayP99Ms, 5, 'loop delay p99')
  close(point.instrument.cpuShareMax, 0.45, 'cpu')
  close(
    point.instrument.newConnections,
    members.filter((r) => r.sentNs !== undefined && r.connectionReused === false).length,
    'connections',
  )
  close(point.instrument.latenessP99Ms, point.metrics.lateness.p99?.value, 'lateness')
})
