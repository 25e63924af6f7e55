import type { z } from 'zod'
import { type Benchmark, type byStatus, type Report, type Request, reportSchema } from './guidellm-file.js'
import type { ImportedMetric, ImportedPoint, ImportedStats } from './imported.js'
import type { Importer } from './importer.js'
import { type Mapping, mapped } from './metric.js'
import { present, scaled, single, statsOf } from './stats.js'

const WEIGHTED = 'their percentiles weigh a request by its tokens'
const INSTANT = 'the mean; their percentiles are of the rate at single instants'

type PerRequest = readonly [mapping: Mapping, scale: number, value: (r: Request) => number | null | undefined]

const PER_REQUEST: readonly PerRequest[] = [
  [
    { theirs: 'time_to_first_token_ms', ours: 'ttft', match: 'equal', unit: 'ms' },
    1,
    (r) => r.time_to_first_token_ms,
  ],
  [
    { theirs: 'time_to_first_output_token_ms', ours: 'ttfv', match: 'equal', unit: 'ms' },
    1,
    (r) => r.time_to_first_output_token_ms,
  ],
  [
    { theirs: 'inter_token_latency_ms', ours: 'tpot', match: 'equal', unit: 'ms' },
    1,
    (r) => r.inter_token_latency_ms,
  ],
  [
    {
      theirs: 'request_latency',
      ours: 'e2e',
      match: 'differs',
      note: 'to the end of the response, closing events included; ours ends with the last output',
      unit: 'ms',
    },
    1000,
    (r) => r.request_latency,
  ],
  [
    {
      theirs: 'prompt_token_count',
      ours: 'inputTokens',
      match: 'equal',
      unit: 'tokens',
    },
    1,
    (r) => r.prompt_tokens,
  ],
  [
    { theirs: 'output_token_count', ours: 'outputTokens', match: 'equal', unit: 'tokens' },
    1,
    (r) => r.output_tokens,
  ],
]

export const GUIDELLM_REPORT: Importer<Report> = {
  tool: 'GuideLLM',
  schema: reportSchema,
  recognises: (value) => Array.isArray(value.benchmarks),
  read({ metadata, benchmarks }) {
    return {
      version: metadata?.guidellm_version ?? null,
      model: benchmarks[0]?.config?.backend?.model ?? null,
      points: benchmarks.map(pointOf),
      defects: [
        'Only the first and the last token have a time; those between are spread evenly for its rates. There are no gaps to compare.',
        'Times are of the wall clock, which may be set while it runs.',
        'Latencies begin with the actual send: a late schedule shows in its delays only.',
        ...benchmarks.flatMap(lostCompletion),
      ],
    }
  },
}

function pointOf(b: Benchmark): ImportedPoint {
  const plan = b.config?.strategy ?? b.args?.strategy
  const counts = b.metrics.request_totals ?? b.request_totals
  const [concurrency, ratePerS] = [plan?.streams ?? null, plan?.rate ?? null]
  const label =
    concurrency !== null
      ? `concurrency=${concurrency}`
      : ratePerS !== null
        ? `rate=${ratePerS}`
        : (plan?.type_ ?? 'run')
  const durationS =
    b.duration ?? (b.start_time != null && b.end_time != null ? b.end_time - b.start_time : null)
  return {
    ...{ label, concurrency, ratePerS, durationS },
    completed: counts?.successful ?? 0,
    failed: (counts?.errored ?? 0) + (counts?.incomplete ?? 0),
    metrics: [...perRequest(b), ...perOutputToken(b), ...rates(b)],
  }
}

/** From the requests where they are there: each counts once, as with us. */
const perRequest = (b: Benchmark): readonly ImportedMetric[] =>
  PER_REQUEST.flatMap(([mapping, scale, value]): ImportedMetric[] => {
    const values = present((b.requests?.successful ?? []).map(value))
    if (values.length > 0) return [mapped(mapping, 'requests', scaled(statsOf(values), scale))]
    const told = summaryOf(b, mapping.theirs)
    const weighted = mapping.ours === 'tpot' ? { match: 'differs' as const, note: WEIGHTED } : {}
    return told === null ? [] : [mapped({ ...mapping, ...weighted }, 'summary', scaled(told, scale))]
  })

function summaryOf(b: Benchmark, name: string): ImportedStats | null {
  const found = (b.metrics[name] as z.infer<typeof byStatus>)?.successful
  if (!found) return null
  const { p50, p90, p95, p99 } = found.percentiles ?? {}
  const [n, rest] = [found.count ?? null, { p50: p50 ?? null, p90: p90 ?? null, p95: p95 ?? null }]
  return { n, mean: found.mean, ...rest, p99: p99 ?? null }
}

/** Later versions count from the send; until 0.3 it was from the first token, but through all of them. */
function perOutputToken(b: Benchmark): readonly ImportedMetric[] {
  const told = summaryOf(b, 'time_per_output_token_ms')
  if (told === null) return []
  const note = countsFromFirst(b.requests?.successful ?? [])
    ? 'their TPOT divides the time after the first token by all tokens, the first included'
    : 'their TPOT includes the TTFT, and weighs a request by its tokens'
  const mapping = {
    theirs: 'time_per_output_token_ms',
    ours: 'tpot',
    match: 'not-comparable',
    unit: 'ms',
  } as const
  return [mapped({ ...mapping, note }, 'summary', told)]
}

/** (last − first) / tokens is inter-token latency · (tokens − 1) / tokens. */
function countsFromFirst(requests: readonly Request[]): boolean {
  const one = requests.find((r) => (r.output_tokens ?? 0) > 1 && r.inter_token_latency_ms != null)
  if (one?.time_per_output_token_ms == null) return false
  const tokens = one.output_tokens ?? 0
  const expected = ((one.inter_token_latency_ms ?? 0) * (tokens - 1)) / tokens
  return Math.abs(one.time_per_output_token_ms - expected) < 1e-6 * expected
}

function rates(b: Benchmark): readonly ImportedMetric[] {
  const {
    requests_per_second: requests,
    output_tokens_per_second: tokens,
    request_concurrency: busy,
  } = b.metrics
  const lost = lostCompletion(b).length > 0
  return [
    mapped(
      {
        theirs: 'requests_per_second',
        ours: 'requestsPerS',
        match: lost ? 'differs' : 'equal',
        note: lost ? 'the last completion lies outside their window, and is not counted' : INSTANT,
        unit: 'requests/s',
      },
      'summary',
      single(requests?.successful?.mean),
    ),
    mapped(tokenRate(b), 'summary', single(tokens?.successful?.mean)),
    mapped(
      {
        theirs: 'request_concurrency',
        ours: 'meanInFlight',
        match: 'equal',
        note: INSTANT,
        unit: 'requests',
      },
      'summary',
      single(busy?.successful?.mean),
    ),
  ]
}

/** Its window ends when the scheduler hears of the last request, a moment before that request's own end is stamped. */
function lostCompletion(b: Benchmark): readonly string[] {
  const counted = b.metrics.requests_per_second?.successful?.count
  const completed = b.metrics.request_totals?.successful ?? b.request_totals?.successful
  return counted != null && completed !== undefined && counted < completed
    ? [
        `requests_per_second counts ${counted} of ${completed} completions: the others lie outside its window.`,
      ]
    : []
}

/** Until 0.8 the rate of tokens was over the time between the first and the last of them. */
function tokenRate(b: Benchmark): Mapping {
  const mapping = { theirs: 'output_tokens_per_second', ours: 'outputTokensPerS', unit: 'tokens/s' } as const
  const rate = b.metrics.output_tokens_per_second?.successful?.mean ?? 0
  const { mean = 0, count } = b.metrics.output_token_count?.successful ?? {}
  const overAll = b.duration ? (mean * (count ?? 0)) / b.duration : rate
  return Math.abs(rate - overAll) > 0.01 * overAll
    ? {
        ...mapping,
        match: 'differs',
        note: 'over the time from the first to the last token, not over the run',
      }
    : { ...mapping, match: 'equal', note: INSTANT }
}
