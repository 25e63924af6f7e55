import type { FinishReason } from '../../sequence.js'
import type { Counts, Headers, Shape, Times, Whole } from '../../shape.js'
import { failureEvent } from './manners.js'

const FINISH: Readonly<Record<FinishReason, string>> = { stop: 'eos_token', length: 'length' }
/** What the end token looks like here: a token, but no text. */
const END_TEXT = '</s>'
/** The simulator weighs no words. */
const LOGPROB = -0.1

interface Wish {
  /** Whether counts were asked for. */
  readonly details: boolean
  /** What the whole text begins with. */
  readonly before: string
  readonly seed: number | null
  readonly inputs: string
}

const tokenOf = (id: number, text: string, special: boolean) => ({
  id,
  text: special ? END_TEXT : text,
  logprob: LOGPROB,
  special,
})

const compute = (inputs: string): Headers => ({
  'x-compute-type': 'falloff-simulator',
  'x-compute-characters': String(inputs.length),
})

export function tgiShape({ details, before, seed, inputs }: Wish): Shape {
  let index = 0
  let text = before
  const summary = (finish: FinishReason, { output, prompt }: Counts) => ({
    finish_reason: FINISH[finish],
    generated_tokens: output,
    seed,
    input_length: prompt,
  })
  return {
    contentType: 'text/event-stream',
    headers: { ...compute(inputs), 'x-accel-buffering': 'no' },
    piece: (emit, { text: next, ids, finish, counts }) => {
      text += next
      const event = {
        index: ++index,
        token: tokenOf(ids[0] ?? 0, next, next === ''),
        generated_text: finish === undefined ? null : text,
        details: finish !== undefined && details ? summary(finish, counts) : null,
      }
      emit(`data:${JSON.stringify(event)}\n\n`, true)
    },
    failure: (emit, error) => emit(failureEvent(error)),
    broken: 'data:{"index":1,"token":\n\n',
    whole: (answer) => {
      const { finish, counts, times } = answer
      const tokens = answer.ids.map((id, i) =>
        tokenOf(id, '', finish === 'stop' && i === answer.ids.length - 1),
      )
      const body = {
        generated_text: before + answer.text,
        ...(details && {
          details: { ...summary(finish, counts), prefill: [], tokens: textsOf(answer, tokens) },
        }),
      }
      return {
        body: JSON.stringify(body),
        headers: { ...compute(inputs), ...timings(times, counts) },
      }
    },
  }
}

/** Gives each token its share of the text: a word with the space before it. */
function textsOf({ text }: Whole, tokens: readonly ReturnType<typeof tokenOf>[]) {
  const words = text.match(/ ?[^ ]+/g) ?? []
  return tokens.map((token, i) => (token.special ? token : { ...token, text: words[i] ?? '' }))
}

/** Told only of answers in one piece; whole milliseconds. */
function timings({ arrivalNs, startedNs, endNs }: Times, { prompt, output }: Counts): Headers {
  const ms = (ns: number) => String(Math.round(ns / 1e6))
  return {
    'x-total-time': ms(endNs - arrivalNs),
    'x-compute-time': ms(endNs - startedNs),
    'x-validation-time': '0',
    'x-queue-time': ms(startedNs - arrivalNs),
    'x-inference-time': ms(endNs - startedNs),
    'x-time-per-token': ms((endNs - startedNs) / output),
    'x-prompt-tokens': String(prompt),
    'x-generated-tokens': String(output),
  }
}

export const compatible = (shape: Shape): Shape => ({
  ...shape,
  whole: (answer) => {
    const { body, headers } = shape.whole(answer)
    return { body: `[${body}]`, ...(headers && { headers }) }
  },
})
