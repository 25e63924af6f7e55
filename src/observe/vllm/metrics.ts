import type { EngineConfigFacts, EngineMetrics } from '../engine-metrics.js'
import type { Exposition } from '../prometheus.js'
import { counter, fullest, histogram, mapValues, present, sumWhere, total } from '../series.js'

/** Newer name first. Counters are looked up with and without `_total`. */
const GAUGES = {
  running: ['vllm:num_requests_running'],
  waiting: ['vllm:num_requests_waiting'],
  kvUsage: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'],
} as const
const COUNTERS = {
  preemptions: ['vllm:num_preemptions'],
  promptTokens: ['vllm:prompt_tokens'],
  generationTokens: ['vllm:generation_tokens'],
  prefixQueries: ['vllm:prefix_cache_queries', 'vllm:gpu_prefix_cache_queries'],
  prefixHits: ['vllm:prefix_cache_hits', 'vllm:gpu_prefix_cache_hits'],
  requestsFinished: ['vllm:request_success'],
} as const
const HISTOGRAMS = {
  ttftS: ['vllm:time_to_first_token_seconds'],
  interTokenS: ['vllm:inter_token_latency_seconds', 'vllm:time_per_output_token_seconds'],
  e2eS: ['vllm:e2e_request_latency_seconds'],
  queueS: ['vllm:request_queue_time_seconds', 'vllm:time_in_queue_requests'],
  prefillS: ['vllm:request_prefill_time_seconds'],
  decodeS: ['vllm:request_decode_time_seconds'],
  stepTokens: ['vllm:iteration_tokens_total', 'vllm:iteration_tokens'],
} as const

/**
 * vLLM's metrics, V1 names and the older ones. With data parallelism every series comes once per `engine`: counts are
 * summed over the engines; KV usage is that of the fullest engine, for that is the one that preempts.
 */
export const vllmMetrics: EngineMetrics = {
  engine: 'vllm',
  offers: {
    running: { from: 'vllm:num_requests_running' },
    waiting: { from: 'vllm:num_requests_waiting', note: 'preempted requests included' },
    'cache use': { from: 'vllm:kv_cache_usage_perc' },
    preempted: {
      from: 'vllm:num_preemptions_total',
      note: 'counted when the preempted request produces its next token',
    },
    'prefix hits': { from: 'vllm:prefix_cache_hits_total' },
    'queue time': {
      from: 'vllm:request_queue_time_seconds',
      note: 'up to the first scheduling; told when the request ends',
    },
    'prefill time': { from: 'vllm:request_prefill_time_seconds' },
    'decode time': { from: 'vllm:request_decode_time_seconds' },
    'generated tokens': { from: 'vllm:generation_tokens_total' },
  },
  exposes: true,
  sources: [],
  turnOn: 'start it without --disable-log-stats',
  notes: [],
  recognises: (exposition) => GAUGES.running.some((name) => exposition.has(name)),
  read: (exposition) => ({
    gauges: present({
      running: total(exposition, GAUGES.running),
      waiting: total(exposition, GAUGES.waiting),
      waitingForCapacity: sumWhere(exposition, 'vllm:num_requests_waiting_by_reason', 'reason', 'capacity'),
      kvUsage: fullest(exposition, GAUGES.kvUsage),
    }),
    counters: present(mapValues(COUNTERS, (names) => counter(exposition, names))),
    histograms: present(mapValues(HISTOGRAMS, (names) => histogram(exposition, names))),
  }),
  facts,
}

function facts(exposition: Exposition): EngineConfigFacts {
  const config = exposition.get('vllm:cache_config_info')?.[0]?.labels
  if (!config) return {}
  const blocks = whole(config.num_gpu_blocks)
  const blockSize = whole(config.block_size)
  // One block is the reserved null block. The token count that newer versions tell is right for hybrid models too.
  const counted = blocks !== undefined && blockSize !== undefined ? (blocks - 1) * blockSize : undefined
  const caching = config.enable_prefix_caching
  return present({
    kvBlocks: blocks,
    kvBlockSize: blockSize,
    kvCacheTokens: whole(config.kv_cache_size_tokens) ?? counted,
    prefixCaching: caching === undefined ? undefined : caching === 'True',
    config,
  })
}

/** Values are Python text: `None` is no number. */
const whole = (text: string | undefined): number | undefined =>
  /^\d+$/.test(text ?? '') ? Number(text) : undefined
