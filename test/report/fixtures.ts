import type {
  CanaryFindings,
  Findings,
  MetricSummary,
  ObjectiveFinding,
  PointFindings,
  Quantile,
  ServerFindings,
  Timeline,
  TimelineBin,
  Validity,
} from '../../src/analyse/findings.js'
import type { MetricName } from '../../src/analyse/metrics.js'
import { createRandom } from '../../src/base/index.js'
import { profileSchema } from '../../src/profile/schema.js'
import type { RunManifest } from '../../src/record/index.js'
import type { ReportInput, ReportResult } from '../../src/report/index.js'
import { comparison } from './comparison/fixture.js'

/** A made-up engine whose KV cache holds 28 requests: round figures, shaped like the ones a real sweep gives. */
const CAPACITY = 28
export const LOADS = [1, 2, 4, 8, 16, 32, 64, 128]

interface World {
  readonly capacity: number
  readonly speed: number
  readonly cap: number
}
const PLAIN: World = { capacity: CAPACITY, speed: 92, cap: Number.POSITIVE_INFINITY }

const quantile = (value: number, spread: number, bounded = true): Quantile => ({
  value,
  low: value * (1 - spread),
  high: bounded ? value * (1 + spread) : null,
  method: 'order-statistics',
  effectiveN: bounded ? 1000 : 100,
  firmness: bounded ? 'fair' : 'rough',
})

function summary(unit: MetricSummary['unit'], median: number, sigma: number, n: number): MetricSummary {
  const z = { p5: -1.645, p50: 0, p90: 1.282, p95: 1.645, p99: 2.326, p999: 3.09 }
  const at = (s: number) => median * Math.exp(sigma * s)
  const curve = Array.from({ length: 40 }, (_, i) => {
    const p = 1 - 10 ** (-(i * 2.6) / 39)
    const s = i === 0 ? -2 : 2.2 * Math.log10(1 / (1 - p)) ** 0.8 - 0.6
    const value = at(s)
    return [p, value, value * 0.94, p > 0.995 ? null : value * 1.07] as const
  })
  return {
    unit,
    n,
    censored: 0,
    stdDev: at(0) * sigma,
    mean: at(0.1),
    min: at(-2.5),
    max: at(3.4),
    p5: quantile(at(z.p5), 0.05),
    p50: quantile(at(z.p50), 0.03),
    p90: quantile(at(z.p90), 0.05),
    p95: quantile(at(z.p95), 0.07),
    p99: quantile(at(z.p99), 0.12, n >= 400),
    p999: quantile(at(z.p999), 0.2, false),
    curve,
  }
}

function metricsAt(load: number, world: World): Record<MetricName, MetricSummary> {
  const running = Math.min(load, world.cap)
  const over = Math.max(0, running / world.capacity - 1)
  const queued = Math.max(0, load - world.cap)
  const n = load < 4 ? 240 : 480
  const perStream = world.speed / (1 + running / 22) / (1 + over * 0.4)
  const gap = 1000 / perStream
  const ttft = 60 + load * 6 + (over * 1900 + queued * 90)
  const e2e = ttft + gap * 200
  const ms = (median: number, sigma: number) => summary('ms', median, sigma, n)
  return {
    ttft: ms(ttft, 0.35),
    ttftFromSchedule: ms(ttft + 1, 0.35),
    ttfv: ms(ttft, 0.35),
    tpot: ms(gap, 0.12),
    chunkGap: ms(gap, 0.3),
    maxStall: ms(gap * 3, 0.6),
    e2e: ms(e2e, 0.18),
    e2eFromSchedule: ms(e2e + 1, 0.18),
    headers: ms(4, 0.3),
    lateness: ms(0.3, 0.5),
    perStreamTokensPerS: summary('tokens/s', perStream, 0.1, n),
    inputTokens: summary('tokens', 500, 0.001, n),
    outputTokens: summary('tokens', 200, 0.001, n),
  }
}

function serverAt(load: number, world: World): ServerFindings {
  const inside = Math.min(load, world.capacity, world.cap)
  const running = Math.min(load, world.cap)
  const over = Math.max(0, running - world.capacity)
  return {
    samples: 60,
    kvUsageMean: Math.min(0.97, (inside / world.capacity) * 0.9),
    kvUsageMax: Math.min(1, inside / world.capacity),
    runningMean: inside * 0.98,
    runningMax: inside,
    waitingMean: load - inside,
    waitingMax: load - inside,
    waitingForCapacityMax: over,
    preemptions: over * 9,
    preemptionsPerRequest: over / 60,
    prefixHitShare: 0.002,
    ttftMs: 80 + load * 5,
    queueMs: Math.max(0, load - inside) * 40,
    prefillMs: 55,
    decodeMs: 4000,
    frontEndMs: 3,
    prefillTokensPerS: 1800,
    scrapeP99Ms: 3.2,
    restarted: false,
  }
}

/** Twenty microseconds late, as stamps of the kernel are at the most. */
const CANARY: CanaryFindings = {
  events: 4800,
  stampMs: { p50: 0.005, p99: 0.02, max: 0.4 },
  ttftMs: { p50: 0.006, p99: 0.02, max: 0.1 },
  gapMs: { p50: 0.004, p99: 0.03, max: 0.4 },
  stampBiasMs: 0.006,
}

const VALID: Validity = { verdict: 'VALID', findings: [] }

function objectivesOf(metrics: Readonly<Record<MetricName, MetricSummary>>): readonly ObjectiveFinding[] {
  const { p95 } = metrics.ttft
  const value = p95?.value ?? 0
  const { p50 } = metrics.perStreamTokensPerS
  return [
    {
      text: 'ttft p95 <= 500 ms',
      metric: 'ttft',
      statistic: 'p95',
      limit: 500,
      unit: 'ms',
      value,
      low: p95?.low ?? null,
      high: p95?.high ?? null,
      verdict: value < 480 ? 'met' : value < 520 ? 'unclear' : 'missed',
    },
    {
      text: 'perStreamTokensPerS p50 >= 20 tokens/s',
      metric: 'perStreamTokensPerS',
      statistic: 'p50',
      limit: 20,
      unit: 'tokens/s',
      value: p50?.value ?? null,
      low: p50?.low ?? null,
      high: p50?.high ?? null,
      verdict: (p50?.value ?? 0) >= 20 ? 'met' : 'missed',
    },
  ]
}

export function pointAt(
  load: number,
  world: World = PLAIN,
  axes: Record<string, number> = { concurrency: load },
): PointFindings {
  const metrics = metricsAt(load, world)
  const perStream = metrics.perStreamTokensPerS.p50?.value ?? 1
  const e2eS = (metrics.e2e.p50?.value ?? 1) / 1000
  const requestsPerS = load / e2eS
  const failed = load >= 64 ? Math.round(load / 20) : 0
  const planned = metrics.ttft.n + failed + 16
  return {
    setting: {
      label: Object.entries(axes)
        .map(([k, v]) => `${k}=${v}`)
        .join(','),
      axes,
    },
    startedAtUtc: '2026-11-21T05:00:00.000Z',
    window: {
      fromS: 4,
      toS: 28,
      requests: metrics.ttft.n,
      excludedWarmup: 16,
      excludedTransient: 0,
      excludedDrain: 0,
      steady: true,
      note: 'steady from the end of the warm-up',
    },
    planned,
    states: {
      completed: planned - failed,
      failed: 0,
      'timed-out': failed,
      'cut-off': 0,
      cancelled: 0,
      unsent: 0,
    },
    failures:
      failed > 0 ? [{ code: 'deadline-ttft', count: failed, example: 'no first token within 10000 ms' }] : [],
    metrics,
    throughput: {
      requestsPerS,
      outputTokensPerS: Math.min(load, world.cap) * perStream * 0.92,
      inputTokensPerS: requestsPerS * 500,
      goodputPerS: requestsPerS * (load <= 16 ? 1 : 0.25),
      goodShare: load <= 16 ? 1 : 0.25,
      meanInFlight: load * 0.99,
      offeredPerS: null,
      batchTokensPerS: Array.from(
        { length: 20 },
        (_, i) => Math.min(load, world.cap) * perStream * (0.9 + 0.002 * i),
      ),
    },
    objectives: objectivesOf(metrics),
    tokens: {
      inputErrorMean: 0.001,
      inputErrorMax: 0.01,
      outputExactShare: 1,
      sources: { 'chunk-usage': planned },
      clientOutputTokens: planned * 200,
      serverOutputTokens: planned * 200,
      cachedShare: 0.002,
      coalescedShare: 0.03,
      lateCoalescedShare: 0.001,
    },
    heldTokens: { mean: 600, stdDev: 60 },
    retries: null,
    limits: null,
    server: serverAt(load, world),
    instrument: {
      latenessP99Ms: 0.8,
      loopDelayP99Ms: 1.4,
      loopDelayMaxMs: 6.2,
      cpuShareMax: 0.31,
      coreWaitShareMax: 0.02,
      gcMaxMs: 3,
      stealShareMax: 0,
      cpuPressureShareMax: null,
      throttledMs: 0,
      clockJumpMs: 0.01,
      clockJumpAtS: 12.5,
      unstampedReads: 0,
      canary: CANARY,
      newConnections: load,
      workers: 1,
      stamps: 'kernel',
    },
    validity: VALID,
  }
}

const KV_CAUSE = {
  name: 'kv-cache',
  strength: 0.92,
  notObserved: [],
  sentence: 'the KV cache is full: requests are preempted and computed again',
  evidence: [
    { text: 'KV cache at 100 % from 32 in flight on (87 % at 16)', supports: true },
    { text: '0.07 preemptions per request at 32 in flight, 1.7 at 128', supports: true },
    { text: 'max_num_seqs (256) was never reached: at most 28 ran at once', supports: true },
    { text: 'lateness p99 of the client stays at 0.8 ms', supports: false },
  ],
} as const

export function sweep(name = 'kv-falloff', world: World = PLAIN): Findings {
  const points = LOADS.map((load) => pointAt(load, world))
  return {
    format: 1,
    kind: 'sweep',
    name,
    tool: 'falloff 0.1.0',
    points,
    dimensions: ['concurrency'],
    validity: {
      verdict: 'VALID WITH CAVEATS',
      findings: [
        {
          code: 'few-samples',
          severity: 'caveat',
          message: 'At 1 and 2 in flight, 240 requests leave p99 without an upper bound.',
          seen: 240,
          allowed: 368,
          unit: 'values',
          advice: 'Raise limits.requests to at least 370 for those points.',
        },
      ],
    },
    falloff: {
      knee: {
        at: 26,
        low: 22,
        high: 31,
        method: 'two-segment fit on log throughput, 500 bootstrap resamples',
      },
      peak: { at: 32, outputTokensPerS: points[5]?.throughput.outputTokensPerS ?? 0 },
      scalability: null,
      lastGood: 16,
      perStream: { atLowest: 88, atHighest: 5.4 },
      cause: KV_CAUSE,
      runnerUp: {
        name: 'compute',
        strength: 0.35,
        sentence: 'the accelerator is busy: every step takes longer as the batch grows',
        evidence: [
          { text: 'gap between chunks grows from 11 to 25 ms before the cache is full', supports: true },
        ],
        notObserved: ['step time of the engine'],
      },
      toSettle: [
        'Sweep again with max_num_seqs at the recommended value: throughput should hold past the knee.',
      ],
      recommendation: {
        setting: 'max_num_seqs',
        value: 24,
        flag: '--max-num-seqs 24',
        arithmetic: [
          '1,260 blocks × 16 tokens = 20,160 tokens of KV cache',
          '700 tokens per request (500 in + 200 out) → 28.8 requests',
          '28.8 × 0.85 margin = 24',
        ],
        expectedGain: 'holds about 96 % of peak throughput beyond the knee, instead of 60 %',
      },
      kneePoint: 'concurrency=32',
    },
    confirmation: {
      setting: 'max_num_seqs',
      value: 24,
      points: LOADS.slice(3).map((load) => pointAt(load, { ...world, cap: 24 })),
      retainedAtTwiceKnee: { at: 64, share: 0.95 },
      sentence: 'With max_num_seqs 24, throughput at 64 in flight is 95 % of the peak without it.',
    },
  }
}

export function singleRun(): Findings {
  const point = pointAt(16, PLAIN, {})
  return {
    format: 1,
    kind: 'run',
    name: 'chat',
    tool: 'falloff 0.1.0',
    dimensions: [],
    falloff: null,
    confirmation: null,
    validity: VALID,
    points: [{ ...point, setting: { label: 'run', axes: {} } }],
  }
}

/** Batch size by concurrency. */
export function grid(): Findings {
  const points = [8, 32, 128].flatMap((cap) =>
    [1, 4, 16, 64].map((load) =>
      pointAt(load, { ...PLAIN, cap }, { 'engine.maxNumSeqs': cap, concurrency: load }),
    ),
  )
  return { ...sweep('grid'), points, dimensions: ['engine.maxNumSeqs', 'concurrency'], confirmation: null }
}

export function timeline(label: string): Timeline {
  const random = createRandom(3, 'timeline')
  const bins = Array.from(
    { length: 60 },
    (_, i): TimelineBin => ({
      atS: i * 0.5,
      outputTokensPerS: 900 + 120 * random.normal(),
      inFlight: Math.min(32, i * 4),
      ttftP50Ms: 400,
      gapP99Ms: 60,
      failures: i === 41 ? 2 : 0,
      kvUsage: Math.min(1, 0.15 + i * 0.06),
      running: Math.min(28, i * 3.4),
      waiting: i > 10 ? 4 : 0,
      preemptionsPerS: i > 14 ? Math.max(0, 3 + random.normal()) : 0,
    }),
  )
  const requests = Array.from({ length: 1200 }, (_, i) => {
    const state = i % 97 === 0 ? 'timed-out' : 'completed'
    return [
      i * 0.024,
      state === 'completed' ? 300 * Math.exp(0.6 * random.normal()) : null,
      9000,
      state,
    ] as const
  })
  const canary = bins.map(({ atS }, i) => ({
    atS,
    p50Ms: 0.005,
    p99Ms: 0.018 + 0.002 * Math.abs(random.normal()),
    maxMs: i === 20 ? 0.4 : 0.03,
  }))
  return { label, binS: 0.5, windowS: [4, 28], bins, canary, requests }
}

export function manifest(point: PointFindings, name = 'kv-falloff', model = 'mistral-7b'): RunManifest {
  return {
    format: 1,
    tool: { name: 'falloff', version: '0.1.0' },
    id: `${name}-${point.setting.label}`,
    name,
    command: 'falloff sweep kv-falloff --over concurrency=1,2,4,8,16,32,64,128',
    startedAtUtc: point.startedAtUtc,
    endedAtUtc: '2026-11-21T05:00:40.000Z',
    zeroMonotonicNs: 1e12,
    startNs: 0,
    profile: profileSchema.parse({
      name,
      target: { model },
      limits: { requests: 480 },
      objectives: ['ttft p95 <= 500 ms'],
    }),
    workloadHash: 'c0ffee'.repeat(10),
    point: point.setting,
    workers: 1,
    plannedRequests: point.planned,
    machine: {
      node: 'v20.20.0',
      platform: 'linux x64',
      cpuModel: 'Example CPU',
      cpus: 8,
      memoryBytes: 32 * 2 ** 30,
    },
    target: {
      url: 'http://127.0.0.1:8000',
      api: 'openai-chat',
      model,
      engine: 'falloff-simulator',
      version: '0.1.0',
      maxModelLen: 4096,
      kvCacheTokens: 20_160,
      kvBlocks: 1260,
      kvBlockSize: 16,
      maxNumSeqs: 256,
      maxNumBatchedTokens: 2048,
      prefixCaching: true,
    },
    tokens: { source: 'server', exactOutput: true, chunkUsage: true },
    stopReason: 'plan-complete',
  }
}

export function resultOf(findings: Findings, name = findings.name, model?: string): ReportResult {
  return {
    name,
    findings,
    timelines: [timeline(findings.falloff?.kneePoint ?? 'run')],
    manifests: findings.points.map((p) => manifest(p, findings.name, model)),
    digests: { 'requests-0.ndjson': 'ab'.repeat(32), 'server.ndjson': 'cd'.repeat(32) },
  }
}

export const singleInput = (): ReportInput => ({
  title: 'Chat on a small GPU',
  results: [resultOf(singleRun())],
})
export const sweepInput = (): ReportInput => ({
  title: 'Where mistral-7b falls off on one A10G',
  results: [resultOf(sweep())],
})
export const gridInput = (): ReportInput => ({
  title: 'Batch size by concurrency',
  results: [resultOf(grid())],
})
export const comparisonInput = (): ReportInput => ({
  title: 'A10G against A100',
  results: [
    resultOf(sweep('a10g'), 'A10G'),
    resultOf(sweep('a100', { capacity: 90, speed: 130, cap: 256 }), 'A100', 'mistral-7b-v0.3'),
  ],
  comparison: comparison({
    unit: 'sweep',
    runs: 1,
    interleaved: false,
    allowed: ['model'],
    sides: [{ name: 'A10G' }, { name: 'A100', model: 'mistral-7b-v0.3', slow: 0.7, knee: 40 }],
  }),
})

export const emptyMetric = (like: MetricSummary): MetricSummary => ({
  unit: like.unit,
  n: 0,
  censored: 0,
  stdDev: null,
  mean: null,
  min: null,
  max: null,
  p5: null,
  p50: null,
  p90: null,
  p95: null,
  p99: null,
  p999: null,
  curve: [],
})
