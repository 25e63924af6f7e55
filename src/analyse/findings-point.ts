import { z } from 'zod'
import { METRIC_NAMES } from '../profile/index.js'
import { REQUEST_STATES } from '../record/index.js'
import { list, maybe, record } from './findings-shape.js'
import { limitsSchema, retriesSchema } from './findings-traffic.js'
import { INTERVAL_METHODS } from './stats/index.js'

/**
 * What analysis found, as plain data: `summary.json`, the input of every report, and the answer of `--format json`.
 * Times are in milliseconds, rates per second; null means: not observed, or too few samples to stand behind.
 * The schemas below are the one source of these types and of `schema/summary.schema.json`.
 */
const count = z.int().nonnegative()

const settingSchema = record({
  label: z.string(),
  axes: z.record(z.string(), z.number()).readonly().describe('swept dimensions and their values'),
})

const windowSchema = record({
  fromS: z.number(),
  toS: z.number(),
  requests: count.describe('requests judged by this window: sent (or due, if never sent) inside it'),
  excludedWarmup: count,
  excludedTransient: count.describe(
    'left out after the warm-up: the first wave of a closed loop, and what MSER-5 cuts',
  ),
  excludedDrain: count.describe('left out because load was already falling when they were sent'),
  steady: z.boolean(),
  note: z.string(),
}).describe('the stretch of time that the metrics stand for, in seconds since the run’s zero')

const quantileSchema = record({
  value: z.number(),
  low: maybe.describe('of the distribution-free 95 % interval; null where the sample cannot bound it'),
  high: maybe,
  method: z
    .enum(INTERVAL_METHODS)
    .describe(
      'order-statistics: exact for independent values. effective-n: values that depend on their neighbours, ranks at the number of independent ones that say as much. none: too few of those to claim an interval',
    ),
  effectiveN: count.describe('independent values that would say as much about this quantile'),
  firmness: z
    .enum(['rough', 'fair', 'firm'])
    .describe('firm: 100 effective observations beyond it; rough: fewer than 10'),
})
const quantile = quantileSchema.nullable()

const metricSummarySchema = record({
  unit: z.enum(['ms', 'tokens/s', 'tokens']),
  n: count.describe('observed values'),
  censored: count.describe(
    'requests that hit a deadline before they had a value: quantiles rank them above every value, and are null where they fall among them',
  ),
  mean: maybe.describe('null when values are censored'),
  stdDev: maybe,
  min: maybe,
  max: maybe,
  p5: quantile,
  p50: quantile,
  p90: quantile,
  p95: quantile,
  p99: quantile,
  p999: quantile,
  curve: list(z.tuple([z.number(), z.number(), maybe, maybe]).readonly()).describe(
    'points of the percentile curve: probability, value, low, high; up to 60',
  ),
})

const throughputSchema = record({
  requestsPerS: z.number().describe('requests completed inside the window'),
  outputTokensPerS: z.number().describe('tokens counted at the stamps of their chunks'),
  inputTokensPerS: z.number().describe('input tokens of requests whose first token fell inside the window'),
  goodputPerS: z
    .number()
    .describe('requests that met every objective; all that completed when there is none'),
  goodShare: z.number().describe('share of the window’s requests that completed and met every objective'),
  meanInFlight: z.number().describe('time-weighted'),
  offeredPerS: maybe.describe('arrivals (open loop), else null'),
  batchTokensPerS: list(z.number()).describe(
    'output tokens/s of equal slices of the window, in order of time',
  ),
})

const objectiveSchema = record({
  text: z.string(),
  metric: z.string(),
  statistic: z.string(),
  limit: z.number(),
  unit: z.string(),
  value: maybe.describe('requests that failed rank worst; null when the figure falls among them'),
  low: maybe,
  high: maybe,
  verdict: z
    .enum(['met', 'missed', 'unclear', 'not measured'])
    .describe('met and missed hold for the whole interval; unclear when the limit lies inside it'),
})

const tokenTruthSchema = record({
  inputErrorMean: maybe.describe('mean of (got − asked) / asked; null when the server does not count'),
  inputErrorMax: maybe.describe('the largest by size'),
  outputExactShare: maybe.describe('share of completed requests with exactly the output tokens asked for'),
  sources: z.record(z.string(), count).readonly(),
  clientOutputTokens: count.describe('of all requests, warm-up included'),
  serverOutputTokens: maybe.describe('the engine’s own counter over the run'),
  cachedShare: maybe,
  coalescedShare: z.number().describe('share of chunks that shared a read with the chunk before'),
  lateCoalescedShare: z
    .number()
    .describe('share of chunks that our own lateness may have bunched with the one before'),
}).describe('were prompts and outputs as long as asked, and do we agree with the server?')

const serverSchema = record({
  samples: count,
  kvUsageMean: maybe,
  kvUsageMax: maybe,
  runningMean: maybe,
  runningMax: maybe,
  waitingMean: maybe,
  waitingMax: maybe,
  waitingForCapacityMax: maybe,
  preemptions: maybe,
  preemptionsPerRequest: maybe,
  prefixHitShare: maybe,
  ttftMs: maybe.describe('mean, by the engine’s own clock'),
  queueMs: maybe,
  prefillMs: maybe,
  decodeMs: maybe,
  frontEndMs: maybe.describe(
    'client mean TTFT − engine mean TTFT: network and front end. TTFT = this + queue + prefill',
  ),
  prefillTokensPerS: maybe.describe('prompt tokens worked through, cached ones left out'),
  scrapeP99Ms: maybe,
  restarted: z.boolean().describe('a counter fell'),
}).describe('over the window; null: not observed')

const spreadMs = record({ p50: z.number(), p99: z.number(), max: z.number() })

const canarySchema = record({
  events: count.describe('stamps compared, of all workers'),
  stampMs: spreadMs.describe('size of the error of single stamps'),
  ttftMs: spreadMs.nullable(),
  gapMs: spreadMs.nullable(),
  stampBiasMs: z.number().describe('mean of ours − true: positive where we stamp late'),
}).describe(
  'our stamps against streams whose true times are known, read beside the load by the same code; every figure is that of the worker that is worst at it, for its requests bear it',
)

const instrumentSchema = record({
  latenessP99Ms: maybe,
  loopDelayP99Ms: maybe,
  loopDelayMaxMs: maybe,
  cpuShareMax: maybe,
  coreWaitShareMax: maybe.describe('share of an interval in which a worker was ready to run and had no core'),
  gcMaxMs: maybe.describe('longest pause for garbage collection'),
  stealShareMax: maybe.describe('share of a second that the hypervisor gave to others'),
  cpuPressureShareMax: maybe.describe('share of a second in which some task waited for a core'),
  throttledMs: maybe.describe('time in which our control group was held back'),
  clockJumpMs: maybe.describe(
    'farthest that the wall clock was set against the monotonic one in an interval, signed; to the end of the run',
  ),
  clockJumpAtS: maybe.describe('end of that interval, in seconds since the run’s zero'),
  unstampedReads: count.describe(
    'reads that the kernel gave no credible stamp: the moment of reading stands in',
  ),
  canary: canarySchema.nullable().describe('null: none ran'),
  newConnections: count,
  workers: count,
  stamps: z.string(),
})

export const validitySchema = record({
  verdict: z.enum(['VALID', 'VALID WITH CAVEATS', 'INVALID']),
  findings: list(
    record({
      code: z.string(),
      severity: z
        .enum(['note', 'caveat', 'invalid'])
        .describe('a note says how to read a figure, and leaves the verdict as it is'),
      message: z.string().describe('what was seen, with its figures'),
      seen: maybe.describe('the evidence; null where it is no number'),
      allowed: maybe.describe(
        'the bound that it is held against: an upper one where `seen` is above it, else a lower one',
      ),
      unit: z.string().describe('of both: ms, s, share, requests, requests/s, tokens, …'),
      advice: z.string(),
    }),
  ),
})

export const pointSchema = record({
  setting: settingSchema,
  startedAtUtc: z.string(),
  window: windowSchema,
  planned: count.describe('planned requests, warm-up included; the states sum to it'),
  states: z.record(z.enum(REQUEST_STATES), count).readonly(),
  failures: list(record({ code: z.string(), count, example: z.string() })).describe('warm-up included'),
  metrics: z.record(z.enum(METRIC_NAMES), metricSummarySchema).readonly(),
  throughput: throughputSchema,
  objectives: list(objectiveSchema),
  tokens: tokenTruthSchema,
  heldTokens: record({ mean: z.number(), stdDev: z.number() })
    .nullable()
    .describe(
      'KV tokens that a stream holds at a random moment of its life, weighted by the length of that life',
    ),
  retries: retriesSchema.nullable().describe('null where the policy allows none'),
  limits: limitsSchema.nullable().describe('null where no rate limit was told and none was met'),
  server: serverSchema.nullable().describe('null when the engine’s metrics could not be read'),
  instrument: instrumentSchema,
  validity: validitySchema,
})

export type PointFindings = z.output<typeof pointSchema>
export type Window = z.output<typeof windowSchema>
export type Quantile = z.output<typeof quantileSchema>
export type MetricSummary = z.output<typeof metricSummarySchema>
export type Throughput = z.output<typeof throughputSchema>
export type ObjectiveFinding = z.output<typeof objectiveSchema>
export type TokenTruth = z.output<typeof tokenTruthSchema>
export type ServerFindings = z.output<typeof serverSchema>
export type CanaryFindings = z.output<typeof canarySchema>
export type InstrumentFindings = z.output<typeof instrumentSchema>
export type Validity = z.output<typeof validitySchema>
export type ValidityFinding = Validity['findings'][number]
