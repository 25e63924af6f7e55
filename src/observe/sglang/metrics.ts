import type { HistogramTotal } from '../../record/index.js'
import type { Beside, EngineMetrics } from '../engine-metrics.js'
import { listAt, sumAt } from '../json.js'
import type { Exposition, Sample } from '../prometheus.js'
import { mapValues, type Names, present, samplesOf } from '../series.js'

/** Fresh at every call and told without `--enable-metrics`; the gauges of the exposition follow the engine's log. */
const LOADS = '/v1/loads'

const COUNTERS = {
  preemptions: ['sglang:num_retracted_requests'],
  promptTokens: ['sglang:prompt_tokens'],
  generationTokens: ['sglang:generation_tokens'],
  prefixQueries: ['sglang:prompt_tokens'],
  prefixHits: ['sglang:cached_tokens'],
  requestsFinished: ['sglang:num_requests'],
} as const
const HISTOGRAMS = {
  ttftS: ['sglang:time_to_first_token_seconds'],
  interTokenS: ['sglang:inter_token_latency_seconds', 'sglang:time_per_output_token_seconds'],
  e2eS: ['sglang:e2e_request_latency_seconds'],
  queueS: ['sglang:queue_time_seconds'],
} as const

/** SGLang's metrics. A retracted request is a preempted one: it loses its cache and is queued again. */
export const sglangMetrics: EngineMetrics = {
  engine: 'sglang',
  offers: {
    running: {
      from: '/v1/loads',
      note: 'or sglang:num_running_reqs, which is late by up to 40 decode steps',
    },
    waiting: { from: '/v1/loads', note: 'or sglang:num_queue_reqs, which is late likewise' },
    'cache use': { from: '/v1/loads', note: 'or sglang:token_usage, which is late likewise' },
    preempted: { from: 'sglang:num_retracted_requests_total', note: 'it calls them retracted' },
    'prefix hits': {
      from: 'sglang:cached_tokens_total',
      note: 'of sglang:prompt_tokens_total; counted when a request ends',
    },
    'queue time': { from: 'sglang:queue_time_seconds' },
    'prefill time': { none: 'no time of prefill alone is exposed per request' },
    'decode time': { none: 'no time of decoding alone is exposed per request' },
    'generated tokens': { from: 'sglang:generation_tokens_total' },
  },
  exposes: true,
  sources: [LOADS],
  turnOn: 'start it with --enable-metrics',
  notes: [],
  recognises: (exposition) => [...exposition.keys()].some((name) => name.startsWith('sglang:')),
  read: (exposition, beside) => ({
    gauges: present({
      running: add(exposition, ['sglang:num_running_reqs']),
      waiting: add(exposition, ['sglang:num_queue_reqs']),
      kvUsage: highest(exposition, ['sglang:token_usage']),
      ...loads(beside),
    }),
    counters: present(mapValues(COUNTERS, (names) => add(exposition, withTotal(names)))),
    histograms: present(mapValues(HISTOGRAMS, (names) => histogram(exposition, names))),
  }),
  facts: (exposition) => present({ kvCacheTokens: add(exposition, ['sglang:max_total_num_tokens']) }),
}

/** One entry per data-parallel rank. Fields that are missing stay with what the exposition says. */
function loads(beside: Beside | undefined) {
  const ranks = listAt(beside?.get(LOADS), 'loads')
  const usages = ranks.flatMap((rank) => sumAt([rank], 'token_usage') ?? [])
  return present({
    running: sumAt(ranks, 'num_running_reqs'),
    waiting: sumAt(ranks, 'num_waiting_reqs'),
    kvUsage: usages.length === 0 ? undefined : Math.max(...usages),
  })
}

/**
 * With metrics of all schedulers switched on, every tensor-parallel rank of a replica tells the same: a replica (`dp_rank`)
 * counts once, by its largest rank. Labels other than the ranks split a count and are added.
 */
function byReplica(samples: readonly Sample[]): readonly number[] {
  const ranks = new Map<string, Map<string, number>>()
  for (const { labels, value } of samples) {
    const replica = labels.dp_rank ?? ''
    const rank = `${labels.tp_rank} ${labels.pp_rank} ${labels.moe_ep_rank}`
    const inReplica = ranks.get(replica) ?? new Map<string, number>()
    inReplica.set(rank, (inReplica.get(rank) ?? 0) + value)
    ranks.set(replica, inReplica)
  }
  return [...ranks.values()].map((inReplica) => Math.max(...inReplica.values()))
}

function add(exposition: Exposition, names: Names): number | undefined {
  const samples = samplesOf(exposition, names)
  return samples && byReplica(samples).reduce((a, b) => a + b, 0)
}

const highest = (exposition: Exposition, names: Names): number | undefined => {
  const samples = samplesOf(exposition, names)
  return samples && Math.max(...samples.map((s) => s.value))
}

const withTotal = (names: Names): Names => names.flatMap((name) => [`${name}_total`, name])

function histogram(exposition: Exposition, names: Names): HistogramTotal | undefined {
  for (const name of names) {
    const sum = add(exposition, [`${name}_sum`])
    const count = add(exposition, [`${name}_count`])
    if (sum !== undefined && count !== undefined) return { sum, count }
  }
  return undefined
}
