import type { PointFindings } from '../../src/analyse/index.js'
import type { EvidenceParts } from './evidence.js'
import { summaryOf } from './point.js'

export const canary = (p99: number) => {
  const spread = { p50: p99 / 4, p99, max: p99 * 2 }
  return { events: 1000, stampMs: spread, ttftMs: spread, gapMs: spread, stampBiasMs: p99 / 4 }
}

type Objective = PointFindings['objectives'][number]
const objective = (metric: string, limit: number, unit = 'ms', statistic = 'p50'): Objective => ({
  text: `${metric} ${statistic} <= ${limit} ${unit}`,
  metric,
  statistic,
  limit,
  unit,
  value: 1,
  low: 1,
  high: 1,
  verdict: 'met',
})

const lost = (failed: number) => ({ states: { completed: 1000 - failed, failed } })
const prefix = { workload: { inputTokens: 100, prefix: { share: 0.5, tokens: 80 } } }

interface Case {
  readonly code: string
  readonly what: string
  /** The run with the given figure. */
  readonly at: (figure: number) => EvidenceParts
  /** Largest figure that is still in order, and one past it. */
  readonly fine: number
  readonly bad: number
  /** A figure from which the run is invalid. */
  readonly invalid?: number
  /** Says how the run came about, and holds nothing against it. */
  readonly note?: true
  /** The same run when the figure could not be had. */
  readonly unmeasured?: EvidenceParts
}

export const inst = (over: Partial<PointFindings['instrument']>): EvidenceParts => ({
  point: { instrument: over },
})
export const tokens = (over: Partial<PointFindings['tokens']>): EvidenceParts => ({ point: { tokens: over } })

/** The median TTFT of the point is 50 ms, its gap and time per token 10 ms, its outputs 10 tokens. */
export const CASES: readonly Case[] = [
  {
    code: 'generator-late',
    what: 'p99 lateness in ms',
    at: (v) => inst({ latenessP99Ms: v }),
    fine: 2,
    bad: 2.01,
    invalid: 25.1,
    unmeasured: inst({ latenessP99Ms: null }),
  },
  {
    code: 'generator-late',
    what: 'p99 lateness in ms of an open loop where the TTFT is a second',
    at: (v) => ({
      point: {
        instrument: { latenessP99Ms: v },
        metrics: { ttft: summaryOf(1000), e2e: summaryOf(9000) },
        throughput: { offeredPerS: 20 },
      },
    }),
    fine: 10,
    bad: 10.1,
    invalid: 501,
  },
  {
    code: 'generator-late',
    what: 'p99 lateness in ms of a closed loop where a request lives for nine seconds',
    at: (v) => ({
      point: { instrument: { latenessP99Ms: v }, metrics: { ttft: summaryOf(1000), e2e: summaryOf(9000) } },
    }),
    fine: 90,
    bad: 90.1,
    invalid: 4501,
  },
  {
    code: 'unstamped',
    what: 'reads without a stamp, of 2,000 chunks',
    at: (v) => inst({ unstampedReads: v, stamps: 'kernel' }),
    fine: 2,
    bad: 3,
    unmeasured: inst({ unstampedReads: 0, stamps: 'loop' }),
  },
  {
    code: 'client-limit',
    what: 'requests that our own machine refused',
    at: (v) => ({
      point: { failures: v === 0 ? [] : [{ code: 'client-limit', count: v, example: 'EMFILE: socket' }] },
    }),
    fine: 0,
    bad: 1,
    invalid: 1,
  },
  {
    code: 'stamp-error',
    what: 'canary p99 in ms against a time per token of 10 ms in 10 tokens, and gaps of 10 ms',
    at: (v) => inst({ canary: canary(v) }),
    fine: 0.5,
    bad: 0.51,
    invalid: 5.1,
    unmeasured: inst({ canary: null }),
  },
  {
    code: 'stamp-error',
    what: 'canary p99 in ms against a TTFT objective of 20 ms',
    at: (v) => ({ point: { instrument: { canary: canary(v) }, objectives: [objective('ttft', 20)] } }),
    fine: 0.2,
    bad: 0.21,
    invalid: 2.1,
    unmeasured: { point: { objectives: [objective('ttft', 20)] } },
  },
  {
    code: 'stamp-error',
    what: 'canary p99 in ms against a speed of 1,000 tokens/s, one of 9 parts of it a token',
    at: (v) => ({
      point: {
        instrument: { canary: canary(v) },
        objectives: [objective('perStreamTokensPerS', 1000, 'tokens/s')],
      },
    }),
    fine: 0.09,
    bad: 0.0901,
    invalid: 0.91,
  },
  {
    code: 'loop-delay',
    what: 'p99 delay in ms without a canary',
    at: (v) => inst({ loopDelayP99Ms: v }),
    fine: 5,
    bad: 5.1,
    invalid: 101,
    unmeasured: inst({ loopDelayP99Ms: null }),
  },
  {
    code: 'clock-jump',
    what: 'jump in ms under kernel stamps, backwards',
    at: (v) => inst({ clockJumpMs: -v, stamps: 'kernel' }),
    fine: 1,
    bad: 1.1,
    unmeasured: inst({ clockJumpMs: null, stamps: 'kernel' }),
  },
  {
    code: 'core-wait',
    what: 'share',
    at: (v) => inst({ coreWaitShareMax: v }),
    fine: 0.1,
    bad: 0.11,
    unmeasured: inst({ coreWaitShareMax: null }),
  },
  {
    code: 'cpu-steal',
    what: 'share',
    at: (v) => inst({ stealShareMax: v }),
    fine: 0.02,
    bad: 0.021,
    unmeasured: inst({ stealShareMax: null }),
  },
  {
    code: 'cpu-pressure',
    what: 'share',
    at: (v) => inst({ cpuPressureShareMax: v }),
    fine: 0.5,
    bad: 0.51,
    unmeasured: inst({ cpuPressureShareMax: null }),
  },
  {
    code: 'cpu-throttled',
    what: 'ms',
    at: (v) => inst({ throttledMs: v }),
    fine: 10,
    bad: 11,
    unmeasured: inst({ throttledMs: null }),
  },
  {
    code: 'gc-pause',
    what: 'ms',
    at: (v) => inst({ gcMaxMs: v }),
    fine: 50,
    bad: 51,
    unmeasured: inst({ gcMaxMs: null }),
  },
  {
    code: 'made-again',
    what: 'measurements before it',
    at: (v) => ({
      manifest: v > 0 ? { madeAgain: { keptAs: 'concurrency=8-disturbed', because: ['cpu-steal'] } } : {},
    }),
    fine: 0,
    bad: 1,
    note: true,
  },
  {
    code: 'few-samples',
    what: 'values missing of 368 for the p99 that the report prints',
    at: (v) => ({ point: { metrics: { ttft: { ...summaryOf(50), n: 368 - v } } } }),
    fine: 0,
    bad: 1,
  },
  {
    code: 'few-samples',
    what: 'values missing of 368 in worth, where 1,000 depend on their neighbours',
    at: (v) => {
      const ttft = summaryOf(50)
      return {
        point: { metrics: { ttft: { ...ttft, p99: ttft.p99 && { ...ttft.p99, effectiveN: 368 - v } } } },
      }
    },
    fine: 0,
    bad: 1,
  },
  {
    code: 'few-samples',
    what: 'values missing of 3,688 for an objective on p99.9',
    at: (v) => ({
      profile: { objectives: ['e2e p99.9 <= 10 s'] },
      point: { metrics: { e2e: { ...summaryOf(300), n: 3688 - v } } },
    }),
    fine: 0,
    bad: 1,
  },
  {
    code: 'few-samples',
    what: 'values missing of 72 where p95 is all that is asked for',
    at: (v) => ({
      profile: { objectives: ['ttft p95 <= 1 s'] },
      point: { metrics: { ttft: { ...summaryOf(50), n: 72 - v } } },
    }),
    fine: 0,
    bad: 1,
  },
  {
    code: 'short-run',
    what: 'seconds missing of 5',
    at: (v) => ({ point: { window: { fromS: 10, toS: 15 - v, requests: 167 } } }),
    fine: 0,
    bad: 0.1,
  },
  {
    code: 'short-run',
    what: 'mean life in ms where the window lasts 30 s',
    at: (v) => ({ evidence: { meanLifeMs: v }, point: { throughput: { meanInFlight: v / 30 } } }),
    fine: 6000,
    bad: 6001,
    unmeasured: { evidence: { meanLifeMs: null } },
  },
  { code: 'failures', what: 'of 1,000', at: (v) => ({ point: lost(v) }), fine: 10, bad: 11, invalid: 501 },
  {
    code: 'server-restarted',
    what: 'restarts',
    at: (v) => ({ point: { server: { restarted: v > 0 } } }),
    fine: 0,
    bad: 1,
    invalid: 1,
    unmeasured: { point: { server: null } },
  },
  {
    code: 'model-changed',
    what: 'models',
    at: (v) => ({
      evidence: { models: new Map(Array.from({ length: v }, (_, i) => [`m${i}`, 10])) },
    }),
    fine: 1,
    bad: 2,
    invalid: 2,
    unmeasured: { evidence: { models: new Map() } },
  },
  {
    code: 'cache-contamination',
    what: 'hits of the engine',
    at: (v) => ({ point: { server: { prefixHitShare: v } } }),
    fine: 0.05,
    bad: 0.051,
    unmeasured: { point: { server: null, tokens: { cachedShare: null } } },
  },
  {
    code: 'cache-contamination',
    what: 'hits by usage, where half of the prompts share four fifths',
    at: (v) => ({ profile: prefix, ...tokens({ cachedShare: v }) }),
    fine: 0.45,
    bad: 0.46,
    unmeasured: { profile: prefix, point: { server: null, tokens: { cachedShare: null } } },
  },
  {
    code: 'not-steady',
    what: 'drift that the window found',
    at: (v) => ({ point: { window: { steady: v <= 0.25 } }, evidence: { drift: v } }),
    fine: 0.25,
    bad: 0.26,
  },
  {
    code: 'overloaded',
    what: 'in flight rises',
    at: (v) => ({
      evidence: { inFlightRising: v > 0 },
      point: { throughput: { offeredPerS: 20, requestsPerS: 15 } },
    }),
    fine: 0,
    bad: 1,
  },
  {
    // 1,000 requests in 30 s that live 300 ms: ten in flight.
    code: 'littles-law',
    what: 'in flight',
    at: (v) => ({ point: { throughput: { meanInFlight: v } } }),
    fine: 11.4,
    bad: 11.6,
    unmeasured: { point: { throughput: { meanInFlight: 20 } }, evidence: { meanLifeMs: null } },
  },
  {
    code: 'rate-not-reached',
    what: 'sent a second less than the 20 planned',
    at: (v) => ({ evidence: { sentPerS: 20 - v } }),
    fine: 0.19,
    bad: 0.21,
    invalid: 2.1,
    unmeasured: { evidence: { plannedPerS: null, sentPerS: null } },
  },
  {
    code: 'arrivals-dropped',
    what: 'of 1,000',
    at: (v) => ({ point: { failures: [{ code: 'no-slot', count: v, example: '' }] } }),
    fine: 1,
    bad: 2,
  },
  {
    code: 'outputs-short',
    what: 'share missing',
    at: (v) => ({ evidence: { outputShortfall: v } }),
    fine: 0.1,
    bad: 0.11,
    unmeasured: { evidence: { outputShortfall: null } },
  },
  {
    code: 'outputs-inexact',
    what: 'share of outputs',
    at: (v) => tokens({ outputExactShare: 1 - v }),
    fine: 0.009,
    bad: 0.011,
    unmeasured: tokens({ outputExactShare: null }),
  },
  {
    code: 'inputs-off',
    what: 'mean error, shorter',
    at: (v) => tokens({ inputErrorMean: -v }),
    fine: 0.05,
    bad: 0.051,
    unmeasured: tokens({ inputErrorMean: null }),
  },
  {
    code: 'tokens-disputed',
    what: 'engine’s count more than our 1,000',
    at: (v) => tokens({ clientOutputTokens: 1000, serverOutputTokens: 1000 + v }),
    fine: 50,
    bad: 51,
    unmeasured: tokens({ clientOutputTokens: 1000, serverOutputTokens: null }),
  },
  {
    code: 'tokens-assumed',
    what: 'requests without a count',
    at: (v) => tokens(v === 0 ? {} : { sources: { usage: 990, counted: v } }),
    fine: 0,
    bad: 1,
  },
  {
    code: 'chunks-bunched',
    what: 'share',
    at: (v) => tokens({ coalescedShare: 0.03, lateCoalescedShare: v }),
    fine: 0.01,
    bad: 0.011,
  },
  {
    code: 'chunks-coalesced',
    what: 'share, ours left out',
    at: (v) => tokens({ coalescedShare: v + 0.005, lateCoalescedShare: 0.005 }),
    fine: 0.0499,
    bad: 0.051,
  },
  {
    code: 'records-incomplete',
    what: 'records missing',
    at: (v) => ({ evidence: { records: 1000 - v } }),
    fine: 0,
    bad: 1,
    invalid: 1,
  },
  {
    code: 'records-incomplete',
    what: 'records twice',
    at: (v) => ({ evidence: { duplicates: v } }),
    fine: 0,
    bad: 1,
    invalid: 1,
  },
  {
    code: 'nothing-completed',
    what: 'requests fewer than one',
    at: (v) => ({
      point: { metrics: { ttft: { ...summaryOf(50), n: 1 - v }, e2e: { ...summaryOf(50), n: 1 - v } } },
      profile: { objectives: ['lateness p50 <= 1 s'] },
    }),
    fine: 0,
    bad: 1,
    invalid: 1,
  },
  {
    code: 'stopped-early',
    what: 'interruptions',
    at: (v) => ({ manifest: { stopReason: v > 0 ? 'interrupted' : 'plan-complete' } }),
    fine: 0,
    bad: 1,
    unmeasured: { manifest: { stopReason: 'max-duration' } },
  },
]
