import { z } from 'zod'
import type {
  InstrumentSample,
  MachineSample,
  RequestState,
  RunManifest,
  ServerSample,
} from '../record/index.js'
import { pointSchema, validitySchema } from './findings-point.js'
import { list, maybe, record } from './findings-shape.js'
import type { MachineBin } from './target-machine.js'

export type {
  CanaryFindings,
  InstrumentFindings,
  MetricSummary,
  ObjectiveFinding,
  PointFindings,
  Quantile,
  ServerFindings,
  Throughput,
  TokenTruth,
  Validity,
  ValidityFinding,
  Window,
} from './findings-point.js'

const CAUSES = [
  'kv-cache',
  'max-num-seqs',
  'prefill-interference',
  'compute',
  'client',
  'rate-limiter',
  'network',
  'none-in-range',
] as const
export type CauseName = (typeof CAUSES)[number]

const causeSchema = record({
  name: z.enum(CAUSES),
  sentence: z.string(),
  strength: z
    .number()
    .describe('0 to 1: how much of the evidence looked for was seen; orders the candidates, no probability'),
  evidence: list(record({ text: z.string(), supports: z.boolean() })),
  notObserved: list(z.string()).describe(
    'signals this cause needs that could not be observed on this target',
  ),
})

const recommendationSchema = record({
  setting: z.literal('max_num_seqs'),
  value: z.int().positive(),
  flag: z.string().describe('to paste'),
  arithmetic: list(z.string()).describe('the sum, line by line'),
  expectedGain: z.string(),
})

const falloffSchema = record({
  knee: record({ at: z.number(), low: z.number(), high: z.number(), method: z.string() })
    .nullable()
    .describe(
      'load at the knee with a 95 % bootstrap interval; null when throughput never falls off in range',
    ),
  peak: record({ at: z.number(), outputTokensPerS: z.number() }).nullable(),
  scalability: record({ lambda: z.number(), sigma: z.number(), kappa: z.number(), peakAt: maybe })
    .nullable()
    .describe(
      'universal scalability law fitted to the points; null with fewer than six points or none past the peak',
    ),
  lastGood: maybe.describe('largest tested load at which every objective is met'),
  perStream: record({ atLowest: z.number(), atHighest: z.number() }).nullable(),
  cause: causeSchema,
  runnerUp: causeSchema.nullable(),
  toSettle: list(z.string()),
  recommendation: recommendationSchema.nullable(),
  kneePoint: z.string().nullable().describe('label of the first point at or past the knee'),
})

const confirmationSchema = record({
  setting: z.string(),
  value: z.number(),
  points: list(pointSchema),
  retainedAtTwiceKnee: record({ at: z.number(), share: z.number() }).nullable(),
  sentence: z.string(),
})

export const findingsSchema = record({
  format: z.literal(1),
  kind: z.enum(['run', 'sweep']),
  name: z.string(),
  tool: z.string(),
  points: list(pointSchema).describe('in the order of the first dimension, then of the others'),
  dimensions: list(z.string()).describe('swept dimensions; empty for a single run'),
  falloff: falloffSchema.nullable().describe('null for a single run'),
  validity: validitySchema,
  confirmation: confirmationSchema
    .nullable()
    .describe('the same sweep with the recommendation applied, when it was measured'),
}).describe('What falloff found in a run or a sweep')

export type Findings = z.output<typeof findingsSchema>
export type CauseFinding = z.output<typeof causeSchema>
export type FalloffFindings = z.output<typeof falloffSchema>
export type Recommendation = z.output<typeof recommendationSchema>
export type ConfirmationFindings = z.output<typeof confirmationSchema>

/** JSON Schema of `summary.json`, from the same source as the types; committed as `schema/summary.schema.json`. */
export const summaryJsonSchema = (): object =>
  z.toJSONSchema(findingsSchema, {
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => void delete jsonSchema.readOnly,
  })

/** Down-sampled course of one run for the time-series charts, in bins of `binS`. */
export interface Timeline {
  readonly label: string
  readonly binS: number
  readonly windowS: readonly [number, number]
  readonly bins: readonly TimelineBin[]
  /** Error of our own stamps over time; empty where no canary ran. */
  readonly canary: readonly CanaryBin[]
  /** Up to 2,000 requests: sent at (s), TTFT (ms), end to end (ms), state. */
  readonly requests: readonly (readonly [
    sentS: number,
    ttftMs: number | null,
    e2eMs: number,
    state: RequestState,
  ])[]
}

export interface TimelineBin {
  readonly atS: number
  readonly outputTokensPerS: number
  readonly inFlight: number
  readonly ttftP50Ms: number | null
  readonly gapP99Ms: number | null
  readonly failures: number
  readonly kvUsage: number | null
  readonly running: number | null
  readonly waiting: number | null
  readonly preemptionsPerS: number | null
  /** Absent: no exporter told of the target's machine. */
  readonly machine?: MachineBin
}

/** Size of the stamps' error in one bin of time, of the worker that is worst in it. */
export interface CanaryBin {
  readonly atS: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** A run read back from its folder. */
export interface RunData {
  readonly folder: string
  readonly manifest: RunManifest
  readonly serverSamples: readonly ServerSample[]
  readonly instrumentSamples: readonly InstrumentSample[]
  readonly machineSamples: readonly MachineSample[]
}
