import { z } from 'zod'
import type { ImportedMetric, ImportedStats } from './imported.js'
import type { Importer } from './importer.js'
import { type Mapping, mapped } from './metric.js'
import { single } from './stats.js'

const maybe = z.number().nullish()
const figure = z.looseObject({
  unit: z.string(),
  avg: z.number(),
  count: maybe,
  p50: maybe,
  p90: maybe,
  p95: maybe,
  p99: maybe,
})

export const summarySchema = z.looseObject({
  aiperf_version: z.string().nullish(),
  request_throughput: figure,
  output_token_throughput: figure.nullish(),
  request_latency: figure,
  request_count: figure.nullish(),
  error_request_count: figure.nullish(),
  benchmark_duration: figure.nullish(),
  effective_concurrency: figure.nullish(),
  time_to_first_token: figure.nullish(),
  time_to_first_output_token: figure.nullish(),
  inter_token_latency: figure.nullish(),
  inter_chunk_latency: figure.nullish(),
  output_token_throughput_per_user: figure.nullish(),
  input_sequence_length: figure.nullish(),
  output_sequence_length: figure.nullish(),
  effective_latency: figure.nullish(),
  input_config: z
    .looseObject({
      models: z.looseObject({ items: z.array(z.looseObject({ name: z.string() })).nullish() }).nullish(),
      endpoint: z.looseObject({ use_server_token_count: z.boolean().nullish() }).nullish(),
    })
    .nullish(),
})
type Summary = z.infer<typeof summarySchema>

export const CLIENT_COUNT = 'tokens by a tokenizer of the client, not as the server counted'

/** @param counted whether the server's count of tokens was used; null: the file does not tell */
export function mappings(counted: boolean | null): readonly Mapping[] {
  const byTokens =
    counted === true ? { match: 'equal' as const } : { match: 'differs' as const, note: CLIENT_COUNT }
  return [
    { theirs: 'time_to_first_token', ours: 'ttft', match: 'equal', unit: 'ms' },
    { theirs: 'time_to_first_output_token', ours: 'ttfv', match: 'equal', unit: 'ms' },
    { theirs: 'inter_token_latency', ours: 'tpot', unit: 'ms', ...byTokens },
    { theirs: 'inter_chunk_latency', ours: 'chunkGap', match: 'equal', unit: 'ms' },
    { theirs: 'request_latency', ours: 'e2e', match: 'equal', unit: 'ms' },
    {
      theirs: 'output_token_throughput_per_user',
      ours: 'perStreamTokensPerS',
      unit: 'tokens/s',
      ...byTokens,
    },
    { theirs: 'input_sequence_length', ours: 'inputTokens', unit: 'tokens', ...byTokens },
    { theirs: 'output_sequence_length', ours: 'outputTokens', unit: 'tokens', ...byTokens },
    {
      theirs: 'effective_latency',
      ours: 'e2eFromSchedule',
      match: 'differs',
      note: 'from the moment a credit was issued, to the end of the response',
      unit: 'ms',
    },
  ]
}

export const AIPERF_SUMMARY: Importer<Summary> = {
  tool: 'AIPerf',
  schema: summarySchema,
  recognises: (value) => 'aiperf_version' in value && 'request_latency' in value,
  read(summary) {
    const counted = summary.input_config?.endpoint?.use_server_token_count ?? false
    return {
      version: summary.aiperf_version ?? null,
      model: summary.input_config?.models?.items?.[0]?.name ?? null,
      points: [
        {
          label: 'run',
          concurrency: null,
          ratePerS: null,
          completed: summary.request_count?.avg ?? 0,
          failed: summary.error_request_count?.avg ?? 0,
          durationS: summary.benchmark_duration?.avg ?? null,
          metrics: [...summaryMetrics(summary, mappings(counted)), ...summaryRates(summary, counted)],
        },
      ],
      defects: [...defectsOf(counted), ...otherWindow(summary)],
    }
  },
}

export const defectsOf = (counted: boolean): readonly string[] => [
  ...(counted
    ? []
    : [
        'Tokens are counted by a tokenizer of the client (no --use-server-token-count): lengths, ITL and rates follow it.',
      ]),
  'Throughput divides by first send to last response: ramp and drain lower it, the more the shorter the run.',
  'Request latency begins with the actual send; only effective_latency shows a late schedule.',
]

/** Its throughput divides by the window of a phase, whatever its benchmark duration says. */
function otherWindow({ request_count, request_throughput, benchmark_duration }: Summary): readonly string[] {
  const told = benchmark_duration?.avg
  const meant = (request_count?.avg ?? 0) / request_throughput.avg
  return told !== undefined && meant > 0 && Math.abs(meant - told) > 5e-4 * told
    ? [
        `Its throughput divides by ${meant.toFixed(3)} s, not by its own benchmark_duration of ${told.toFixed(3)} s.`,
      ]
    : []
}

export const summaryMetrics = (summary: Summary, list: readonly Mapping[]): readonly ImportedMetric[] =>
  list.flatMap((mapping) => {
    const found = summary[mapping.theirs] as z.infer<typeof figure> | null | undefined
    return found ? [mapped(mapping, 'summary', figureStats(found))] : []
  })

function figureStats({ avg, count, p50, p90, p95, p99 }: z.infer<typeof figure>): ImportedStats {
  const rest = { p50: p50 ?? null, p90: p90 ?? null, p95: p95 ?? null, p99: p99 ?? null }
  return { n: count ?? null, mean: avg, ...rest }
}

export const WHOLE = 'over the whole run, ramp and drain included'

export function summaryRates(summary: Summary, counted: boolean | null): readonly ImportedMetric[] {
  const {
    request_throughput: requests,
    output_token_throughput: tokens,
    effective_concurrency: busy,
  } = summary
  const byTokens =
    counted === true
      ? { match: 'equal' as const, note: WHOLE }
      : { match: 'differs' as const, note: CLIENT_COUNT }
  const rate = (mapping: Mapping, value: number | undefined): readonly ImportedMetric[] =>
    value === undefined ? [] : [mapped(mapping, 'summary', single(value))]
  return [
    ...rate(
      { theirs: 'request_throughput', ours: 'requestsPerS', match: 'equal', note: WHOLE, unit: 'requests/s' },
      requests.avg,
    ),
    ...rate(
      { theirs: 'output_token_throughput', ours: 'outputTokensPerS', unit: 'tokens/s', ...byTokens },
      tokens?.avg,
    ),
    ...rate(
      {
        theirs: 'effective_concurrency',
        ours: 'meanInFlight',
        match: 'equal',
        note: WHOLE,
        unit: 'requests',
      },
      busy?.avg,
    ),
  ]
}
