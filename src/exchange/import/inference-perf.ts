import { z } from 'zod'
import type { ImportedMetric, ImportedStats } from './imported.js'
import type { Importer } from './importer.js'
import { type Mapping, mapped } from './metric.js'
import { scaled, single } from './stats.js'

const maybe = z.number().nullish()
const spread = z
  .looseObject({ mean: z.number(), median: maybe, p90: maybe, p95: maybe, p99: maybe })
  .nullish()

const schema = z.looseObject({
  benchmark_time_seconds: maybe,
  load_summary: z.looseObject({ count: maybe, schedule_delay: spread, requested_rate: maybe }),
  successes: z.looseObject({
    count: z.number(),
    latency: z.looseObject({
      request_latency: spread,
      time_to_first_token: spread,
      time_per_output_token: spread,
      normalized_time_per_output_token: spread,
      inter_token_latency: spread,
    }),
    throughput: z.looseObject({ requests_per_sec: maybe, output_tokens_per_sec: maybe }),
    /** `prompt_len` and `output_len` before 0.7; since then both the client's count and the server's. */
    prompt_len: spread,
    prompt_tokens: spread,
    output_len: spread,
    output_tokens: spread,
    token_count_mismatches: maybe,
  }),
  failures: z.looseObject({ count: maybe }).nullish(),
})
type Summary = z.infer<typeof schema>

const RETOKENISED = 'tokens by re-tokenising the text at the client'
const INVENTED = 'per re-tokenised token: those of one chunk share its stamp, so that most gaps are zero'
const MS_PER_S = 1000

export const INFERENCE_PERF: Importer<Summary> = {
  tool: 'inference-perf',
  schema,
  recognises: (value) => 'load_summary' in value && 'successes' in value,
  read(summary) {
    const { successes, failures, load_summary: load, benchmark_time_seconds: durationS } = summary
    const wrong = successes.token_count_mismatches ?? 0
    return {
      version: null,
      model: null,
      points: [
        {
          label: load.requested_rate == null ? 'run' : `rate=${load.requested_rate}`,
          concurrency: null,
          ratePerS: load.requested_rate ?? null,
          completed: successes.count,
          failed: failures?.count ?? 0,
          durationS: durationS ?? null,
          metrics: [...latencies(summary), ...lengths(summary), ...rates(summary)],
        },
      ],
      defects: [
        'A token has the time of the chunk that it was re-tokenised from: where the client’s tokenizer is not the server’s, the count and every time per token are wrong.',
        ...(wrong > 0
          ? [`In ${wrong} of ${successes.count} requests its own count of tokens is not the server’s.`]
          : []),
        ...(load.schedule_delay
          ? [
              `Requests were sent ${(load.schedule_delay.mean * MS_PER_S).toFixed(0)} ms late on average; its latencies begin with the actual send.`,
            ]
          : []),
      ],
    }
  },
}

function latencies({
  successes: { latency, token_count_mismatches: wrong },
}: Summary): readonly ImportedMetric[] {
  const tpot =
    (wrong ?? 0) > 0
      ? { match: 'not-comparable' as const, note: RETOKENISED }
      : { match: 'differs' as const, note: RETOKENISED }
  return [
    ...timed(
      { theirs: 'time_to_first_token', ours: 'ttft', match: 'equal', unit: 'ms' },
      latency.time_to_first_token,
    ),
    ...timed(
      { theirs: 'time_per_output_token', ours: 'tpot', unit: 'ms', ...tpot },
      latency.time_per_output_token,
    ),
    ...timed(
      {
        theirs: 'normalized_time_per_output_token',
        ours: 'tpot',
        match: 'not-comparable',
        note: 'end to end by all tokens: includes the TTFT',
        unit: 'ms',
      },
      latency.normalized_time_per_output_token,
    ),
    ...timed(
      {
        theirs: 'inter_token_latency',
        ours: 'chunkGap',
        match: 'not-comparable',
        note: INVENTED,
        unit: 'ms',
      },
      latency.inter_token_latency,
    ),
    ...timed(
      {
        theirs: 'request_latency',
        ours: 'e2e',
        match: 'differs',
        note: 'to the end of the response, closing events included',
        unit: 'ms',
      },
      latency.request_latency,
    ),
  ]
}

const timed = (mapping: Mapping, found: z.infer<typeof spread>): readonly ImportedMetric[] =>
  found ? [mapped(mapping, 'summary', scaled(statsIn(found), MS_PER_S))] : []

function lengths({ successes: s }: Summary): readonly ImportedMetric[] {
  const input = s.prompt_tokens ?? s.prompt_len
  const output = s.output_tokens ?? s.output_len
  const own = (server: unknown) =>
    server ? { match: 'equal' as const } : { match: 'differs' as const, note: RETOKENISED }
  return [
    ...plain(
      { theirs: 'prompt_tokens', ours: 'inputTokens', unit: 'tokens', ...own(s.prompt_tokens) },
      input,
    ),
    ...plain(
      { theirs: 'output_tokens', ours: 'outputTokens', unit: 'tokens', ...own(s.output_tokens) },
      output,
    ),
  ]
}

const plain = (mapping: Mapping, found: z.infer<typeof spread>): readonly ImportedMetric[] =>
  found ? [mapped(mapping, 'summary', statsIn(found))] : []

function statsIn({ mean, median, p90, p95, p99 }: NonNullable<z.infer<typeof spread>>): ImportedStats {
  return { n: null, mean, p50: median ?? null, p90: p90 ?? null, p95: p95 ?? null, p99: p99 ?? null }
}

/** Tokens per second follow the client's count, by which 0.7 still divides. */
const rates = ({ successes: { throughput } }: Summary): readonly ImportedMetric[] => [
  mapped(
    { theirs: 'requests_per_sec', ours: 'requestsPerS', match: 'equal', unit: 'requests/s' },
    'summary',
    single(throughput.requests_per_sec),
  ),
  mapped(
    {
      theirs: 'output_tokens_per_sec',
      ours: 'outputTokensPerS',
      match: 'differs',
      note: RETOKENISED,
      unit: 'tokens/s',
    },
    'summary',
    single(throughput.output_tokens_per_sec),
  ),
]
