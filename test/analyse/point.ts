import type {
  InstrumentFindings,
  MetricName,
  MetricSummary,
  PointFindings,
  ServerFindings,
} from '../../src/analyse/index.js'
import { METRICS } from '../../src/analyse/index.js'
import { createRandom } from '../../src/base/index.js'

const q = (value: number) => ({
  value,
  low: value * 0.95,
  high: value * 1.05,
  method: 'order-statistics' as const,
  effectiveN: 100_000,
  firmness: 'firm' as const,
})

export const summaryOf = (
  p50: number,
  p99 = p50 * 1.5,
  unit: MetricSummary['unit'] = 'ms',
): MetricSummary => ({
  unit,
  n: 1000,
  censored: 0,
  mean: p50,
  stdDev: 1,
  min: 0,
  max: p99 * 2,
  p5: q(p50 / 2),
  p50: q(p50),
  p90: q(p50 * 1.2),
  p95: q(p50 * 1.3),
  p99: q(p99),
  p999: null,
  curve: [],
})

export interface PointParts {
  readonly load: number
  readonly tokensPerS: number
  readonly axes?: Record<string, number>
  readonly metrics?: Partial<Record<MetricName, MetricSummary>>
  readonly throughput?: Partial<PointFindings['throughput']>
  readonly server?: Partial<ServerFindings> | null
  readonly instrument?: Partial<InstrumentFindings>
  readonly failures?: PointFindings['failures']
  readonly objectives?: PointFindings['objectives']
  readonly tokens?: Partial<PointFindings['tokens']>
  readonly window?: Partial<PointFindings['window']>
  readonly states?: Partial<PointFindings['states']>
  readonly heldTokens?: PointFindings['heldTokens']
}

const IDLE: ServerFindings = {
  samples: 10,
  kvUsageMean: 0.2,
  kvUsageMax: 0.3,
  runningMean: 1,
  runningMax: 1,
  waitingMean: 0,
  waitingMax: 0,
  waitingForCapacityMax: 0,
  preemptions: 0,
  preemptionsPerRequest: 0,
  prefixHitShare: 0,
  ttftMs: 48,
  queueMs: 0,
  prefillMs: 40,
  decodeMs: 2000,
  frontEndMs: 2,
  prefillTokensPerS: 100,
  scrapeP99Ms: 3,
  restarted: false,
}

/** A point of a sweep over concurrency, healthy but for what is asked. */
export function pointOf(parts: PointParts): PointFindings {
  const random = createRandom(parts.load, 'batches')
  return {
    setting: { label: `concurrency=${parts.load}`, axes: { concurrency: parts.load, ...parts.axes } },
    startedAtUtc: '2026-01-01T00:00:00.000Z',
    window: {
      fromS: 0,
      toS: 30,
      requests: 1000,
      excludedWarmup: 0,
      excludedTransient: 0,
      excludedDrain: 0,
      steady: true,
      note: '',
      ...parts.window,
    },
    planned: 1000,
    states: {
      completed: 1000,
      failed: 0,
      'timed-out': 0,
      'cut-off': 0,
      cancelled: 0,
      unsent: 0,
      ...parts.states,
    },
    failures: parts.failures ?? [],
    metrics: {
      ...(Object.fromEntries(
        METRICS.map((m) => [m.name, summaryOf(10, 15, m.unit)]),
      ) as PointFindings['metrics']),
      ttft: summaryOf(50),
      headers: summaryOf(2),
      ...parts.metrics,
    },
    throughput: {
      requestsPerS: 10,
      outputTokensPerS: parts.tokensPerS,
      inputTokensPerS: parts.tokensPerS / 2,
      goodputPerS: 10,
      goodShare: 1,
      meanInFlight: parts.load,
      offeredPerS: null,
      batchTokensPerS: Array.from({ length: 20 }, () => parts.tokensPerS * (1 + 0.03 * random.normal())),
      ...parts.throughput,
    },
    objectives: parts.objectives ?? [],
    tokens: {
      inputErrorMean: 0,
      inputErrorMax: 0,
      outputExactShare: 1,
      sources: { usage: 1000 },
      clientOutputTokens: 1,
      serverOutputTokens: 1,
      cachedShare: 0,
      coalescedShare: 0,
      lateCoalescedShare: 0,
      ...parts.tokens,
    },
    heldTokens: parts.heldTokens === undefined ? { mean: 300, stdDev: 100 } : parts.heldTokens,
    retries: null,
    limits: null,
    server: parts.server === null ? null : { ...IDLE, ...parts.server },
    instrument: {
      latenessP99Ms: 0.3,
      loopDelayP99Ms: 1,
      loopDelayMaxMs: 3,
      cpuShareMax: 0.2,
      coreWaitShareMax: 0.01,
      gcMaxMs: 3,
      stealShareMax: 0,
      cpuPressureShareMax: 0.1,
      throttledMs: 0,
      clockJumpMs: 0,
      clockJumpAtS: 1,
      unstampedReads: 0,
      canary: null,
      newConnections: 1,
      workers: 1,
      stamps: 'loop',
      ...parts.instrument,
    },
    validity: { verdict: 'VALID', findings: [] },
  }
}
