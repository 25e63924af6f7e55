import type { HistogramTotal } from '../../record/index.js'
import type { EngineMetrics } from '../engine-metrics.js'
import type { Exposition } from '../prometheus.js'
import { counter, histogram, present, sum, sumWhere, total } from '../series.js'

/**
 * TGI reserves prompt and `max_new_tokens` of every request when it lets it in: what it calls tokens of the batch is that
 * reservation. Who asks for long answers fills the cache with them, however short they turn out.
 */
export const tgiMetrics: EngineMetrics = {
  engine: 'tgi',
  offers: {
    running: { from: 'tgi_batch_current_size' },
    waiting: { from: 'tgi_queue_size' },
    'cache use': {
      from: 'tgi_batch_current_max_tokens',
      note: 'reserved, of tgi_batch_max_total_tokens: prompt and the longest answer allowed',
    },
    preempted: { none: 'never preempts: it reserves the worst case before it lets a request in' },
    'prefix hits': { none: 'not exposed' },
    'queue time': { from: 'tgi_request_queue_duration' },
    'prefill time': { from: 'tgi_batch_inference_duration', note: 'of prefill batches, not of requests' },
    'decode time': { none: 'only per batch step' },
    'generated tokens': { from: 'tgi_request_generated_tokens', note: 'counted when a request ends' },
  },
  exposes: true,
  sources: [],
  turnOn: 'it exposes them on its main port; see whether a proxy hides /metrics',
  notes: [],
  recognises: (exposition) => [...exposition.keys()].some((name) => name.startsWith('tgi_')),
  read: (exposition) => ({
    gauges: present({
      running: total(exposition, ['tgi_batch_current_size']),
      waiting: total(exposition, ['tgi_queue_size']),
      kvUsage: reserved(exposition),
    }),
    counters: present({
      promptTokens: sum(exposition.get('tgi_request_input_length_sum')),
      generationTokens: sum(exposition.get('tgi_request_generated_tokens_sum')),
      requestsFinished: counter(exposition, ['tgi_request_success']),
      requestsFailed: counter(exposition, ['tgi_request_failure']),
    }),
    histograms: present({
      interTokenS: histogram(exposition, ['tgi_request_mean_time_per_token_duration']),
      e2eS: histogram(exposition, ['tgi_request_duration']),
      queueS: histogram(exposition, ['tgi_request_queue_duration']),
      prefillS: prefill(exposition),
    }),
  }),
  facts: (exposition) =>
    present({ kvCacheTokens: positive(total(exposition, ['tgi_batch_max_total_tokens'])) }),
}

function reserved(exposition: Exposition): number | undefined {
  const tokens = total(exposition, ['tgi_batch_current_max_tokens'])
  const budget = positive(total(exposition, ['tgi_batch_max_total_tokens']))
  return tokens === undefined || budget === undefined ? undefined : tokens / budget
}

function prefill(exposition: Exposition): HistogramTotal | undefined {
  const part = (end: string) =>
    sumWhere(exposition, `tgi_batch_inference_duration_${end}`, 'method', 'prefill')
  const [seconds, count] = [part('sum'), part('count')]
  return seconds === undefined || count === undefined ? undefined : { sum: seconds, count }
}

const positive = (value: number | undefined) => (value !== undefined && value > 0 ? value : undefined)
