import type { HistogramTotal } from '../../record/index.js'
import type { Beside, EngineMetrics } from '../engine-metrics.js'
import { at, countAt, listAt, numberAt } from '../json.js'
import type { Exposition } from '../prometheus.js'
import { counter, present, total } from '../series.js'

const SLOTS = '/slots'

/**
 * llama-server's metrics. Its averages (`prompt_tokens_seconds`, `predicted_tokens_seconds`) start anew at every scrape,
 * whoever scrapes: only totals are read here.
 */
export const llamacppMetrics: EngineMetrics = {
  engine: 'llama.cpp',
  offers: {
    running: { from: '/slots', note: 'or llamacpp:requests_processing' },
    waiting: { from: 'llamacpp:requests_deferred' },
    'cache use': {
      from: '/slots',
      note: 'tokens held by busy slots of what all slots could hold: at least this much, more where slots share one cache',
    },
    preempted: { none: 'never preempts: requests wait for a slot, and fail when a shared cache overflows' },
    'prefix hits': { from: 'llamacpp:prompt_tokens_cached_total', note: 'newer builds only' },
    'queue time': { none: 'not exposed' },
    'prefill time': { none: 'only as a total of seconds; every answer tells its own' },
    'decode time': { from: 'llamacpp:tokens_predicted_seconds_total', note: 'per token, not per request' },
    'generated tokens': { from: 'llamacpp:tokens_predicted_total' },
  },
  exposes: true,
  sources: [SLOTS],
  turnOn: 'start llama-server with --metrics',
  notes: [
    'every scrape of llama-server resets its own averages (tokens per second): other watchers see them over our interval',
  ],
  recognises: (exposition) => [...exposition.keys()].some((name) => name.startsWith('llamacpp:')),
  read: (exposition, beside) => ({
    gauges: present({
      running: total(exposition, ['llamacpp:requests_processing']) ?? busy(beside),
      waiting: total(exposition, ['llamacpp:requests_deferred']),
      kvUsage: total(exposition, ['llamacpp:kv_cache_usage_ratio']) ?? held(beside),
    }),
    counters: present({
      ...prompts(exposition),
      generationTokens: counter(exposition, ['llamacpp:tokens_predicted']),
    }),
    histograms: present({ interTokenS: perToken(exposition) }),
  }),
  facts: () => ({}),
}

/** Builds that count cached tokens count only computed ones as prompt; elsewhere the prompt is the whole of it. */
function prompts(exposition: Exposition) {
  const computed = counter(exposition, ['llamacpp:prompt_tokens'])
  const cached = counter(exposition, ['llamacpp:prompt_tokens_cached'])
  if (computed === undefined || cached === undefined) return { promptTokens: computed }
  return { promptTokens: computed + cached, prefixQueries: computed + cached, prefixHits: cached }
}

function perToken(exposition: Exposition): HistogramTotal | undefined {
  const seconds = counter(exposition, ['llamacpp:tokens_predicted_seconds'])
  const tokens = counter(exposition, ['llamacpp:tokens_predicted'])
  return seconds === undefined || tokens === undefined ? undefined : { sum: seconds, count: tokens }
}

function busy(beside: Beside | undefined): number | undefined {
  const slots = listAt(beside?.get(SLOTS))
  return slots.length === 0 ? undefined : slots.filter(isBusy).length
}

const isBusy = (slot: unknown): boolean => at(slot, 'is_processing') === true

/**
 * Whether the slots share one cache is not told: measured against all slots' room, the share is never above the truth.
 * Undefined as soon as one busy slot does not tell what it holds.
 */
function held(beside: Beside | undefined): number | undefined {
  const slots = listAt(beside?.get(SLOTS))
  const room = slots.reduce<number>((sum, slot) => sum + (countAt(slot, 'n_ctx') ?? 0), 0)
  const tokens = slots.filter(isBusy).map(tokensOf)
  if (room === 0 || tokens.some((count) => count === undefined)) return undefined
  return tokens.reduce<number>((sum, count) => sum + (count ?? 0), 0) / room
}

/** Prompt and what was generated so far; `next_token` is an object in older builds and a list of one in newer. */
function tokensOf(slot: unknown): number | undefined {
  const prompt = numberAt(slot, 'n_prompt_tokens')
  const decoded = numberAt(slot, 'next_token', 'n_decoded') ?? numberAt(slot, 'next_token', 0, 'n_decoded')
  return prompt === undefined ? undefined : prompt + (decoded ?? 0)
}
