import type { Backend, Capacity } from './backend.js'
import type { BucketHistogram } from './bucket-histogram.js'
import type { EngineStats } from './stats.js'

export type Labels = Readonly<Record<string, string>>

/** A metric with its samples; labels beside the ones that all of the engine's metrics carry. */
export interface MetricFamily {
  readonly name: string
  readonly help: string
  readonly data:
    | { readonly type: 'gauge' | 'counter'; readonly samples: readonly (readonly [Labels, number])[] }
    | { readonly type: 'histogram'; readonly histogram: BucketHistogram }
  /** Set where the engine leaves its model's name out. */
  readonly withoutModel?: boolean
}

type Names = 'v0' | 'v1'

const gauge = (name: string, help: string, value: number): MetricFamily => ({
  name,
  help,
  data: { type: 'gauge', samples: [[{}, value]] },
})

const counter = (name: string, help: string, value: number): MetricFamily => ({
  name: `${name}_total`,
  help,
  data: { type: 'counter', samples: [[{}, value]] },
})

const histogram = (name: string, help: string, data: BucketHistogram): MetricFamily => ({
  name,
  help,
  data: { type: 'histogram', histogram: data },
})

/** Every metric of a backend. `v0` gives the older names, and leaves out what came later. */
export function metricFamilies(backend: Backend, names: Names): MetricFamily[] {
  const { stats, capacity } = backend
  return [
    ...gauges(backend, names),
    ...counters(stats, names),
    ...steps(stats, names),
    ...requests(stats, names),
    ...(capacity ? [cacheInfo(capacity)] : []),
  ]
}

function gauges(backend: Backend, names: Names): MetricFamily[] {
  const { running, waiting, usage } = backend.gauges()
  const isOld = names === 'v0'
  const reasons: MetricFamily = {
    name: 'vllm:num_requests_waiting_by_reason',
    help: 'Waiting requests by what they wait for.',
    data: {
      type: 'gauge',
      samples: [
        [{ reason: 'capacity' }, waiting],
        [{ reason: 'deferred' }, 0],
      ],
    },
  }
  return [
    gauge('vllm:num_requests_running', 'Requests in the running batch.', running),
    gauge('vllm:num_requests_waiting', 'Requests waiting for admission.', waiting),
    ...(isOld ? [] : [reasons]),
    gauge(
      `vllm:${isOld ? 'gpu' : 'kv'}_cache_usage_perc`,
      'KV-cache blocks in use; 1 means all of them.',
      usage,
    ),
  ]
}

function counters(stats: EngineStats, names: Names): MetricFamily[] {
  const isOld = names === 'v0'
  const prefix = `vllm:${isOld ? 'gpu_' : ''}prefix_cache`
  const cached = stats.cachedPromptTokens
  const bySource: MetricFamily = {
    name: 'vllm:prompt_tokens_by_source_total',
    help: 'Prompt tokens by where their KV came from.',
    data: {
      type: 'counter',
      samples: [
        [{ source: 'local_compute' }, stats.promptTokens - cached],
        [{ source: 'local_cache_hit' }, cached],
        [{ source: 'external_kv_transfer' }, 0],
      ],
    },
  }
  const success: MetricFamily = {
    name: 'vllm:request_success_total',
    help: 'Requests that ended, by reason.',
    data: {
      type: 'counter',
      samples: Object.entries({ ...stats.finished, error: 0, repetition: 0 }).map(
        ([reason, count]) => [{ finished_reason: reason }, count] as const,
      ),
    },
  }
  return [
    counter(`${prefix}_queries`, 'Tokens looked up in the prefix cache.', stats.prefixQueries),
    counter(`${prefix}_hits`, 'Tokens found in the prefix cache.', stats.prefixHits),
    counter('vllm:num_preemptions', 'Preemptions by the scheduler.', stats.preemptions),
    counter('vllm:prompt_tokens', 'Prompt tokens of requests past their prefill.', stats.promptTokens),
    ...(isOld
      ? []
      : [bySource, counter('vllm:prompt_tokens_cached', 'Prompt tokens found in a cache.', cached)]),
    counter('vllm:generation_tokens', 'Tokens generated.', stats.generationTokens),
    success,
  ]
}

function steps(stats: EngineStats, names: Names): MetricFamily[] {
  const gap = names === 'v0' ? 'vllm:time_per_output_token_seconds' : 'vllm:inter_token_latency_seconds'
  return [
    histogram('vllm:iteration_tokens_total', 'Tokens per engine step.', stats.stepTokens),
    histogram('vllm:time_to_first_token_seconds', 'Arrival to first token, in seconds.', stats.firstToken),
    histogram(gap, 'Time between two outputs of a request, in seconds.', stats.tokenGap),
  ]
}

function requests(stats: EngineStats, names: Names): MetricFamily[] {
  const later = [
    histogram(
      'vllm:request_time_per_output_token_seconds',
      'Mean time per output token of a request, in seconds.',
      stats.perOutputToken,
    ),
    histogram('vllm:request_num_preemptions', 'Preemptions per request.', stats.requestPreemptions),
  ]
  return [
    ...(names === 'v0' ? [] : later),
    histogram('vllm:e2e_request_latency_seconds', 'Arrival to last token, in seconds.', stats.endToEnd),
    histogram('vllm:request_queue_time_seconds', 'Time until first scheduled, in seconds.', stats.queue),
    histogram(
      'vllm:request_inference_time_seconds',
      'First scheduled to last token, in seconds.',
      stats.inference,
    ),
    histogram(
      'vllm:request_prefill_time_seconds',
      'First scheduled to first token, in seconds.',
      stats.prefill,
    ),
    histogram('vllm:request_decode_time_seconds', 'First to last token, in seconds.', stats.decode),
    histogram('vllm:request_prompt_tokens', 'Prompt tokens per request.', stats.requestPrompt),
    histogram('vllm:request_generation_tokens', 'Generated tokens per request.', stats.requestGeneration),
  ]
}

const pythonBool = (value: boolean): string => (value ? 'True' : 'False')

/** Values are Python's texts, as the engine prints its own configuration. */
const cacheInfo = (capacity: Capacity): MetricFamily => ({
  name: 'vllm:cache_config_info',
  help: 'Configuration of the KV cache.',
  withoutModel: true,
  data: {
    type: 'gauge',
    samples: [
      [
        {
          block_size: String(capacity.blockSize),
          cache_dtype: 'auto',
          enable_prefix_caching: pythonBool(capacity.enablePrefixCaching),
          gpu_memory_utilization: String(capacity.gpuMemoryUtilization),
          kv_cache_max_concurrency: String(capacity.maxConcurrency),
          kv_cache_memory_bytes: 'None',
          kv_cache_size_tokens: String(capacity.tokens),
          num_gpu_blocks: String(capacity.numGpuBlocks),
          num_gpu_blocks_override: String(capacity.numGpuBlocksOverride ?? 'None'),
        },
        1,
      ],
    ],
  },
})
