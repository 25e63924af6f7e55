import type { Backend, Capacity } from './backend.js'
import type { BucketHistogram } from './bucket-histogram.js'

export interface ExpositionOptions {
  readonly model: string
  /** `v0` exposes the older names of the metrics that were renamed. */
  readonly names: 'v0' | 'v1'
  /** Longest time the simulator itself was behind its own timeline, in seconds. */
  readonly maxLateS: number
}

const quoted = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

const labelsOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${quoted(value)}"`)
    .join(',')

/** The Prometheus text of a backend, under vLLM's names, types and labels. */
export function exposition(backend: Backend, options: ExpositionOptions): string {
  const base = { engine: '0', model_name: options.model }
  const old = options.names === 'v0'
  const { stats } = backend
  const { running, waiting, usage } = backend.gauges()
  const lines: string[] = []
  const family = (name: string, type: string, help: string) =>
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
  const sample = (name: string, value: number, extra: Readonly<Record<string, string>> = {}) =>
    lines.push(`${name}{${labelsOf({ ...base, ...extra })}} ${value}`)
  const single = (type: 'gauge' | 'counter', name: string, help: string, value: number) => {
    family(name, type, help)
    sample(name, value)
  }
  const histogram = (name: string, help: string, data: BucketHistogram) => {
    family(name, 'histogram', help)
    let below = 0
    for (const [i, count] of data.counts.entries()) {
      below += count
      sample(`${name}_bucket`, below, {
        le: i < data.bounds.length ? floatText(data.bounds[i] ?? 0) : '+Inf',
      })
    }
    sample(`${name}_count`, data.count)
    sample(`${name}_sum`, data.sum)
  }

  single('gauge', 'vllm:num_requests_running', 'Requests in the running batch.', running)
  single('gauge', 'vllm:num_requests_waiting', 'Requests waiting for admission.', waiting)
  if (!old) {
    family('vllm:num_requests_waiting_by_reason', 'gauge', 'Waiting requests by what they wait for.')
    sample('vllm:num_requests_waiting_by_reason', waiting, { reason: 'capacity' })
    sample('vllm:num_requests_waiting_by_reason', 0, { reason: 'deferred' })
  }
  single(
    'gauge',
    `vllm:${old ? 'gpu' : 'kv'}_cache_usage_perc`,
    'KV-cache blocks in use; 1 means all of them.',
    usage,
  )
  const prefix = `vllm:${old ? 'gpu_' : ''}prefix_cache`
  single('counter', `${prefix}_queries_total`, 'Tokens looked up in the prefix cache.', stats.prefixQueries)
  single('counter', `${prefix}_hits_total`, 'Tokens found in the prefix cache.', stats.prefixHits)
  single('counter', 'vllm:num_preemptions_total', 'Preemptions by the scheduler.', stats.preemptions)
  single(
    'counter',
    'vllm:prompt_tokens_total',
    'Prompt tokens of requests past their prefill.',
    stats.promptTokens,
  )
  if (!old)
    single(
      'counter',
      'vllm:prompt_tokens_cached_total',
      'Prompt tokens found in a cache.',
      stats.cachedPromptTokens,
    )
  single('counter', 'vllm:generation_tokens_total', 'Tokens generated.', stats.generationTokens)
  family('vllm:request_success_total', 'counter', 'Requests that ended, by reason.')
  for (const [reason, count] of Object.entries(stats.finished)) {
    sample('vllm:request_success_total', count, { finished_reason: reason })
  }
  histogram('vllm:iteration_tokens_total', 'Tokens per engine step.', stats.stepTokens)
  histogram('vllm:time_to_first_token_seconds', 'Arrival to first token, in seconds.', stats.firstToken)
  const gap = old ? 'vllm:time_per_output_token_seconds' : 'vllm:inter_token_latency_seconds'
  histogram(gap, 'Time between two outputs of a request, in seconds.', stats.tokenGap)
  if (!old) {
    const name = 'vllm:request_time_per_output_token_seconds'
    histogram(name, 'Mean time per output token of a request, in seconds.', stats.perOutputToken)
  }
  histogram('vllm:e2e_request_latency_seconds', 'Arrival to last token, in seconds.', stats.endToEnd)
  histogram('vllm:request_queue_time_seconds', 'Time until first scheduled, in seconds.', stats.queue)
  histogram(
    'vllm:request_inference_time_seconds',
    'First scheduled to last token, in seconds.',
    stats.inference,
  )
  histogram('vllm:request_prefill_time_seconds', 'First scheduled to first token, in seconds.', stats.prefill)
  histogram('vllm:request_decode_time_seconds', 'First to last token, in seconds.', stats.decode)
  histogram('vllm:request_prompt_tokens', 'Prompt tokens per request.', stats.requestPrompt)
  histogram('vllm:request_generation_tokens', 'Generated tokens per request.', stats.requestGeneration)
  if (backend.capacity) {
    family('vllm:cache_config_info', 'gauge', 'Configuration of the KV cache.')
    lines.push(`vllm:cache_config_info{${labelsOf(cacheLabels(backend.capacity))}} 1`)
  }
  single(
    'gauge',
    'falloff_simulator:late_seconds_max',
    'Most the simulator was behind its own timeline.',
    options.maxLateS,
  )
  return `${lines.join('\n')}\n`
}

/** Bounds as the Python client prints them: floats keep their point. */
const floatText = (bound: number): string => (Number.isInteger(bound) ? `${bound}.0` : String(bound))

const pythonBool = (value: boolean): string => (value ? 'True' : 'False')

/** Values are Python's texts, as the engine prints its own configuration. */
const cacheLabels = (capacity: Capacity): Readonly<Record<string, string>> => ({
  block_size: String(capacity.blockSize),
  cache_dtype: 'auto',
  enable_prefix_caching: pythonBool(capacity.enablePrefixCaching),
  engine: '0',
  gpu_memory_utilization: String(capacity.gpuMemoryUtilization),
  kv_cache_max_concurrency: String(capacity.maxConcurrency),
  kv_cache_memory_bytes: 'None',
  kv_cache_size_tokens: String(capacity.tokens),
  num_gpu_blocks: String(capacity.numGpuBlocks),
  num_gpu_blocks_override:
    capacity.numGpuBlocksOverride === undefined ? 'None' : String(capacity.numGpuBlocksOverride),
})
