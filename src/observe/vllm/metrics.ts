import type { HistogramTotal } from '../../record/index.js'
import type { EngineConfigFacts, EngineMetrics } from '../engine-metrics.js'
import type { Exposition, Sample } from '../prometheus.js'

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
  queueS: ['vllm:request_queue_time_seconds'],
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
  recognises: (exposition) => GAUGES.running.some((name) => exposition.has(name)),
  read: (exposition) => ({
    gauges: present({
      running: total(exposition, GAUGES.running),
      waiting: total(exposition, GAUGES.waiting),
      waitingForCapacity: forCapacity(exposition),
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

type Names = readonly string[]

const first = (exposition: Exposition, names: Names): readonly Sample[] | undefined => {
  for (const name of names) {
    const samples = exposition.get(name)
    if (samples) return samples
  }
  return undefined
}

const sum = (samples: readonly Sample[] | undefined): number | undefined =>
  samples?.reduce((acc, sample) => acc + sample.value, 0)

const total = (exposition: Exposition, names: Names) => sum(first(exposition, names))

const fullest = (exposition: Exposition, names: Names): number | undefined => {
  const samples = first(exposition, names)
  return samples ? Math.max(...samples.map((s) => s.value)) : undefined
}

const forCapacity = (exposition: Exposition): number | undefined =>
  sum(exposition.get('vllm:num_requests_waiting_by_reason')?.filter((s) => s.labels.reason === 'capacity'))

const counter = (exposition: Exposition, names: Names) =>
  total(
    exposition,
    names.flatMap((name) => [`${name}_total`, name]),
  )

function histogram(exposition: Exposition, names: Names): HistogramTotal | undefined {
  for (const name of names) {
    const totalSum = sum(exposition.get(`${name}_sum`))
    const count = sum(exposition.get(`${name}_count`))
    if (totalSum !== undefined && count !== undefined) return { sum: totalSum, count }
  }
  return undefined
}

const mapValues = <K extends string, V, R>(
  object: Readonly<Record<K, V>>,
  map: (value: V) => R,
): Record<K, R> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value as V)])) as Record<K, R>

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }
const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>
