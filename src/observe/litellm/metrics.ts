import type { EngineMetrics } from '../engine-metrics.js'
import { counter, histogram, mapValues, present, total } from '../series.js'

const COUNTERS = {
  promptTokens: ['litellm_input_tokens_metric', 'litellm_input_tokens'],
  generationTokens: ['litellm_output_tokens_metric', 'litellm_output_tokens'],
  requestsFinished: ['litellm_proxy_total_requests_metric', 'litellm_requests_metric'],
  requestsFailed: ['litellm_proxy_failed_requests_metric'],
  deploymentFailures: ['litellm_deployment_failure_responses'],
  deploymentCooldowns: ['litellm_deployment_cooled_down'],
} as const
const HISTOGRAMS = {
  ttftS: ['litellm_llm_api_time_to_first_token_metric'],
  e2eS: ['litellm_request_total_latency_metric'],
  queueS: ['litellm_request_queue_time_seconds'],
  gatewayS: ['litellm_overhead_latency_metric'],
} as const

const BEHIND = { none: 'a gateway: the engine behind it knows' }

/** LiteLLM's proxy: what goes through the gateway, what fails behind it, and what it adds. */
export const litellmMetrics: EngineMetrics = {
  engine: 'litellm',
  offers: {
    running: { from: 'litellm_in_flight_requests', note: 'in flight through the gateway; newer versions' },
    waiting: BEHIND,
    'cache use': BEHIND,
    preempted: BEHIND,
    'prefix hits': BEHIND,
    'queue time': { from: 'litellm_request_queue_time_seconds', note: 'in the gateway; newer versions' },
    'prefill time': BEHIND,
    'decode time': BEHIND,
    'generated tokens': { from: 'litellm_output_tokens_metric_total' },
  },
  exposes: true,
  sources: [],
  turnOn: 'name prometheus among litellm_settings.callbacks',
  notes: [
    'the metrics are of the gateway, not of the engines behind it',
    'LiteLLM 1.80 counts a failed request twice, among the finished ones and among the failed',
  ],
  recognises: (exposition) => [...exposition.keys()].some((name) => name.startsWith('litellm_')),
  read: (exposition) => ({
    gauges: present({ running: total(exposition, ['litellm_in_flight_requests']) }),
    counters: present(mapValues(COUNTERS, (names) => counter(exposition, names))),
    histograms: present(mapValues(HISTOGRAMS, (names) => histogram(exposition, names))),
  }),
  facts: () => ({}),
}
