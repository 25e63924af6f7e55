import type { FinishReason } from '../../sequence.js'
import { type Counts, dataEvent, EVENT_STREAM, type Identity, type Shape, type Times } from '../../shape.js'
import { errorBody } from './manners.js'

const STOP_TYPES: Readonly<Record<FinishReason, string>> = { stop: 'eos', length: 'limit' }

interface Wish {
  /** Given back at the end. */
  readonly prompt: string
  /** Tell of the prompt's progress. */
  readonly progress: boolean
  /** Timings with every token. */
  readonly timings: boolean
}

const SLOT = { index: 0, id_slot: 0 }

/** Milliseconds, and rates per second; 0 where nothing was there to be timed. */
export function timingsOf(counts: Counts, { startedNs, firstNs, endNs }: Times) {
  const computed = counts.prompt - counts.cached
  const [promptMs, predictedMs] = [(firstNs - startedNs) / 1e6, (endNs - firstNs) / 1e6]
  const perS = (n: number, ms: number) => (ms > 0 ? (n / ms) * 1e3 : 0)
  return {
    cache_n: counts.cached,
    prompt_n: computed,
    prompt_ms: promptMs,
    prompt_per_token_ms: computed > 0 ? promptMs / computed : 0,
    prompt_per_second: perS(computed, promptMs),
    predicted_n: counts.output,
    predicted_ms: predictedMs,
    predicted_per_token_ms: predictedMs / counts.output,
    predicted_per_second: perS(counts.output, predictedMs),
  }
}

export function llamaCppShape({ model }: Identity, wish: Wish): Shape {
  const lastOf = (
    text: string,
    ids: readonly number[],
    finish: FinishReason,
    counts: Counts,
    times: Times,
  ) => ({
    ...SLOT,
    content: text,
    tokens: ids,
    stop: true,
    model,
    tokens_predicted: counts.output,
    tokens_evaluated: counts.prompt,
    generation_settings: {},
    prompt: wish.prompt,
    has_new_line: false,
    truncated: false,
    stop_type: STOP_TYPES[finish],
    stopping_word: '',
    tokens_cached: counts.prompt + counts.output - 1,
    timings: timingsOf(counts, times),
  })
  const partOf = (text: string, ids: readonly number[], counts: Counts, more: object): string =>
    dataEvent(
      JSON.stringify({
        ...SLOT,
        content: text,
        tokens: ids,
        stop: false,
        tokens_predicted: counts.output,
        tokens_evaluated: counts.prompt,
        ...more,
      }),
    )
  return {
    contentType: EVENT_STREAM,
    opening: (emit, counts, { startedNs, firstNs }) => {
      if (!wish.progress) return
      const { prompt: total, cached: cache } = counts
      const time_ms = (firstNs - startedNs) / 1e6
      emit(partOf('', [], counts, { prompt_progress: { total, cache, processed: total, time_ms } }))
    },
    // A token without text has no event of its own.
    piece: (emit, { text, ids, counts, times }) => {
      if (text === '') return
      emit(partOf(text, ids, counts, wish.timings ? { timings: timingsOf(counts, times) } : {}), true)
    },
    closing: (emit, { finish, counts, times }) =>
      emit(dataEvent(JSON.stringify(lastOf('', [], finish, counts, times)))),
    failure: (emit, error) => emit(dataEvent(errorBody(error))),
    broken: dataEvent('{"index":0,"content":'),
    whole: ({ text, ids, finish, counts, times }) => ({
      body: JSON.stringify(lastOf(text, ids, finish, counts, times)),
    }),
  }
}
