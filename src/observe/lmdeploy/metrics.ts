import type { EngineMetrics } from '../engine-metrics.js'
import { counter, fullest, histogram, mapValues, present, total } from '../series.js'

const COUNTERS = {
  promptTokens: ['lmdeploy:prompt_tokens'],
  generationTokens: ['lmdeploy:generation_tokens'],
  requestsFinished: ['lmdeploy:request_success'],
} as const
const HISTOGRAMS = {
  ttftS: ['lmdeploy:time_to_first_token_seconds'],
  interTokenS: ['lmdeploy:inter_token_latency_seconds', 'lmdeploy:time_per_output_token_seconds'],
  e2eS: ['lmdeploy:e2e_request_latency_seconds'],
  queueS: ['lmdeploy:request_queue_time_seconds'],
  prefillS: ['lmdeploy:request_prefill_time_seconds'],
  decodeS: ['lmdeploy:request_decode_time_seconds'],
} as const

/** LMDeploy's metrics, as far as they are documented: modelled on vLLM's. What a version lacks stays absent. */
export const lmdeployMetrics: EngineMetrics = {
  engine: 'lmdeploy',
  offers: {
    running: { from: 'lmdeploy:num_requests_running' },
    waiting: { from: 'lmdeploy:num_requests_waiting' },
    'cache use': { from: 'lmdeploy:gpu_cache_usage_perc' },
    preempted: { none: 'not documented' },
    'prefix hits': { none: 'not documented' },
    'queue time': { from: 'lmdeploy:request_queue_time_seconds' },
    'prefill time': { from: 'lmdeploy:request_prefill_time_seconds' },
    'decode time': { from: 'lmdeploy:request_decode_time_seconds' },
    'generated tokens': { from: 'lmdeploy:generation_tokens_total' },
  },
  exposes: true,
  sources: [],
  turnOn: 'start lmdeploy serve api_server with --enable-metrics',
  notes: ['read after its documentation'],
  recognises: (exposition) => [...exposition.keys()].some((name) => name.startsWith('lmdeploy:')),
  read: (exposition) => ({
    gauges: present({
      running: total(exposition, ['lmdeploy:num_requests_running']),
      waiting: total(exposition, ['lmdeploy:num_requests_waiting']),
      kvUsage: fullest(exposition, ['lmdeploy:gpu_cache_usage_perc']),
    }),
    counters: present(mapValues(COUNTERS, (names) => counter(exposition, names))),
    histograms: present(mapValues(HISTOGRAMS, (names) => histogram(exposition, names))),
  }),
  facts: () => ({}),
}
