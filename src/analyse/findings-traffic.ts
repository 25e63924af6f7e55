import { z } from 'zod'
import { list, maybe, record } from './findings-shape.js'

const count = z.int().nonnegative()
const latency = record({ n: count, p50: maybe, p99: maybe })

/** What a retry policy made of the failures: for those who wait, and for the target. */
export const retriesSchema = record({
  policy: z.string(),
  attemptsAllowed: count.describe('of one request, the first included'),
  requests: count.describe('measured, sent, and not stopped by us'),
  endedWellShare: maybe.describe('of these, completed, at whatever attempt'),
  firstTryShare: maybe.describe('completed at the first attempt'),
  retriedShare: maybe.describe('took more than one attempt, whatever came of it'),
  gaveUpShare: maybe.describe('failed after more than one attempt'),
  e2eMs: latency.describe('end to end of those that completed, from the first attempt'),
  rescuedE2eMs: latency.describe('the same of those that completed after another attempt'),
  amplification: maybe.describe('attempts per request'),
  requestsPerS: maybe.describe('begun, from the first to the last'),
  attemptsPerS: maybe.describe('sent in the same time'),
  storm: record({
    atS: z.number(),
    requestsPerS: z.number(),
    attemptsPerS: z.number(),
  })
    .nullable()
    .describe(
      'from when on retries add half as much again to the load, or more, and at what rates; null: never for three intervals in a row',
    ),
  course: list(record({ atS: z.number(), requestsPerS: z.number(), attemptsPerS: z.number() })).describe(
    'load as the users bring it and as the target sees it, in equal intervals',
  ),
})

export type RetryFindings = z.output<typeof retriesSchema>

/** The provider's limits, as its answers told them and as it enforced them. */
export const limitsSchema = record({
  told: list(
    record({
      kind: z.enum(['requests', 'tokens', 'inputTokens', 'outputTokens']),
      limit: z.number(),
      lowestRemaining: z.number(),
      lowestAtS: z.number().describe('when it was that low, in seconds since the run’s zero'),
    }),
  ),
  refusals: count.describe('attempts that were refused for a rate limit'),
  firstRefusalAtS: maybe,
  lastRefusalAtS: maybe,
})

export type LimitFindings = z.output<typeof limitsSchema>
