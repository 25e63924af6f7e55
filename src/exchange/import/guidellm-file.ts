import { z } from 'zod'

const number = z.number()
const maybe = number.nullish()

const distribution = z.looseObject({
  mean: number,
  count: maybe,
  percentiles: z.looseObject({ p50: maybe, p90: maybe, p95: maybe, p99: maybe }).nullish(),
})
export const byStatus = z.looseObject({ successful: distribution.nullish() }).nullish()
const totals = z.looseObject({ successful: number, errored: maybe, incomplete: maybe })

/** Fields of the requests have had these names since 0.2. */
const request = z.looseObject({
  prompt_tokens: maybe,
  output_tokens: maybe,
  request_latency: maybe,
  time_to_first_token_ms: maybe,
  time_to_first_output_token_ms: maybe,
  inter_token_latency_ms: maybe,
  time_per_output_token_ms: maybe,
})
export type Request = z.infer<typeof request>

const strategy = z.looseObject({ type_: z.string().nullish(), streams: maybe, rate: maybe })

const benchmark = z.looseObject({
  /** From 0.4 on; `args` before. */
  config: z
    .looseObject({
      strategy: strategy.nullish(),
      backend: z.looseObject({ model: z.string().nullish() }).nullish(),
    })
    .nullish(),
  args: z.looseObject({ strategy: strategy.nullish() }).nullish(),
  duration: maybe,
  start_time: maybe,
  end_time: maybe,
  request_totals: totals.nullish(),
  metrics: z.looseObject({
    request_totals: totals.nullish(),
    requests_per_second: byStatus,
    request_concurrency: byStatus,
    request_latency: byStatus,
    prompt_token_count: byStatus,
    output_token_count: byStatus,
    time_to_first_token_ms: byStatus,
    time_to_first_output_token_ms: byStatus,
    inter_token_latency_ms: byStatus,
    time_per_output_token_ms: byStatus,
    output_tokens_per_second: byStatus,
  }),
  requests: z.looseObject({ successful: z.array(request).nullish() }).nullish(),
})
export type Benchmark = z.infer<typeof benchmark>

export const reportSchema = z.looseObject({
  metadata: z.looseObject({ guidellm_version: z.string().nullish() }).nullish(),
  benchmarks: z.array(benchmark).min(1),
})
export type Report = z.infer<typeof reportSchema>
