import { z } from 'zod'
import type { ImportedMetric, ImportedStats } from './imported.js'
import type { Importer } from './importer.js'
import { lessened, type Mapping, mapped } from './metric.js'
import { present, scaled, single, statsOf } from './stats.js'

const number = z.number()
const maybe = number.nullish()

/** `vllm bench serve --save-result`, with the lists that `--save-detailed` adds. */
const schema = z.looseObject({
  model_id: z.string().nullish(),
  backend: z.string().nullish(),
  duration: number,
  completed: number,
  failed: maybe,
  max_concurrency: maybe,
  request_rate: z.union([number, z.string()]).nullish(),
  request_throughput: number,
  output_throughput: maybe,
  mean_ttft_ms: number,
  ttfts: z.array(number).optional(),
  itls: z.array(z.array(number)).optional(),
  latencies: z.array(number).optional(),
  input_lens: z.array(number).optional(),
  output_lens: z.array(number).optional(),
  errors: z.array(z.string()).optional(),
})
type Result = z.infer<typeof schema>

interface Request {
  readonly ttftS: number
  readonly latencyS: number
  readonly gapsS: readonly number[]
  readonly input: number
  readonly output: number
}

const TTFT: Mapping = { theirs: 'ttft', ours: 'ttft', match: 'equal', unit: 'ms' }
const TPOT: Mapping = { theirs: 'tpot', ours: 'tpot', match: 'equal', unit: 'ms' }
const ITL: Mapping = { theirs: 'itl', ours: 'chunkGap', match: 'equal', unit: 'ms' }
const E2EL: Mapping = { theirs: 'e2el', ours: 'e2e', match: 'equal', unit: 'ms' }
const INPUT: Mapping = {
  theirs: 'input_lens',
  ours: 'inputTokens',
  match: 'differs',
  note: 'as asked by the client’s tokenizer, not as the server counted',
  unit: 'tokens',
}
const OUTPUT: Mapping = { theirs: 'output_lens', ours: 'outputTokens', match: 'equal', unit: 'tokens' }
const WHOLE = 'over the whole run, ramp and drain included'

/** A gap that no engine makes: the role and the first text were sent together. */
const ROLE_GAP_S = 0.001

export const VLLM_BENCH: Importer<Result> = {
  tool: 'vllm bench serve',
  schema,
  recognises: (value) => 'mean_ttft_ms' in value && 'request_throughput' in value,
  read(result) {
    const requests = requestsOf(result)
    const role = roleEvidence(result, requests)
    const rate = typeof result.request_rate === 'number' ? result.request_rate : null
    return {
      version: null,
      model: result.model_id ?? null,
      points: [
        {
          label: labelOf(result, rate),
          concurrency: result.max_concurrency ?? null,
          ratePerS: rate,
          completed: result.completed,
          failed: result.failed ?? 0,
          durationS: result.duration,
          metrics: [...latencies(result, requests, role), ...rates(result)],
        },
      ],
      defects: [
        ...(role === null ? [] : [role]),
        'ITL is the gap between chunks, however many tokens they hold.',
        'Throughput divides by first dispatch to last completion: ramp and drain lower it, the more the shorter the run.',
        'With --max-concurrency the wait for a free slot is in no latency.',
      ],
    }
  },
}

const labelOf = ({ max_concurrency }: Result, rate: number | null): string =>
  rate === null ? `concurrency=${max_concurrency ?? 'unbounded'}` : `rate=${rate}`

function requestsOf({
  ttfts,
  latencies,
  itls,
  input_lens,
  output_lens,
  errors,
}: Result): readonly Request[] | null {
  if (ttfts === undefined || latencies === undefined || itls === undefined) return null
  return ttfts.flatMap((ttftS, i): Request[] => {
    if ((errors?.[i] ?? '') !== '') return []
    const rest = { input: input_lens?.[i] ?? 0, output: output_lens?.[i] ?? 0 }
    return [{ ttftS, latencyS: latencies[i] ?? 0, gapsS: itls[i] ?? [], ...rest }]
  })
}

/** Chat sends the role first, in an event of its own. @returns null where nothing speaks for it */
function roleEvidence({ backend }: Result, requests: readonly Request[] | null): string | null {
  if (!(backend ?? '').includes('chat')) return null
  const known = 'A role without text counts as the first token'
  if (requests === null)
    return `${known} in chat: TTFT and ITL may be too small; the file has no values per request to tell (--save-detailed).`
  const hit = requests.filter(({ gapsS }) => (gapsS[0] ?? 1) < ROLE_GAP_S).length
  return hit === 0
    ? null
    : `${known}: in ${hit} of ${requests.length} requests the second chunk came within 1 ms of the first, and one gap more than real is in ITL.`
}

function latencies(
  result: Result,
  requests: readonly Request[] | null,
  role: string | null,
): ImportedMetric[] {
  const ttft = role === null ? TTFT : lessened(TTFT, 'differs', 'to the role chunk, which holds no text')
  const itl = role === null ? ITL : lessened(ITL, 'differs', 'one false gap per request, after the role')
  const tpot = role === null ? TPOT : lessened(TPOT, 'differs', 'from the role chunk on')
  if (requests === null)
    return [
      mapped(ttft, 'summary', summary(result, 'ttft')),
      mapped(tpot, 'summary', summary(result, 'tpot')),
      mapped(itl, 'summary', summary(result, 'itl')),
      mapped(E2EL, 'summary', summary(result, 'e2el')),
    ]
  const ms = (values: readonly number[]): ImportedStats => scaled(statsOf(values), 1000)
  const decode = requests.flatMap((r) => (r.output > 1 ? [(r.latencyS - r.ttftS) / (r.output - 1)] : []))
  return [
    mapped(ttft, 'requests', ms(requests.map((r) => r.ttftS))),
    mapped(tpot, 'requests', ms(decode)),
    mapped(itl, 'requests', ms(requests.flatMap((r) => r.gapsS))),
    mapped(E2EL, 'requests', ms(requests.map((r) => r.latencyS))),
    mapped(INPUT, 'requests', statsOf(requests.map((r) => r.input))),
    mapped(OUTPUT, 'requests', statsOf(requests.map((r) => r.output))),
  ]
}

function summary(result: Result, name: string): ImportedStats {
  const at = (key: string): number | null =>
    present([result[`${key}_${name}_ms`] as number | null])[0] ?? null
  const p50 = at('p50') ?? at('median')
  return { n: result.completed, mean: at('mean'), p50, p90: at('p90'), p95: at('p95'), p99: at('p99') }
}

const rates = ({ request_throughput, output_throughput }: Result): ImportedMetric[] => [
  mapped(
    { theirs: 'request_throughput', ours: 'requestsPerS', match: 'equal', note: WHOLE, unit: 'requests/s' },
    'summary',
    single(request_throughput),
  ),
  mapped(
    { theirs: 'output_throughput', ours: 'outputTokensPerS', match: 'equal', note: WHOLE, unit: 'tokens/s' },
    'summary',
    single(output_throughput),
  ),
]
