import type { RequestError } from '../../request-error.js'
import type { FinishReason } from '../../sequence.js'
import { type Counts, EVENT_STREAM, type Identity, type Piece, type Shape } from '../../shape.js'
import type { Manners } from '../dialect.js'
import { errorBody as llamaCppError, llamaCppManners } from '../llamacpp/manners.js'
import { timingsOf } from '../llamacpp/shape.js'
import { tgiManners } from '../tgi/manners.js'
import { errorBody, openAiManners, statusOf } from './manners.js'
import type { UsageWish } from './shapes.js'

/** Servers whose chat completions are not vLLM's. */
export type Variant = 'openai' | 'tgi' | 'sglang' | 'llamacpp' | 'ollama'

/** Where the servers' streams differ. */
interface Traits {
  /** Ahead of the JSON of an event. */
  readonly field: 'data: ' | 'data:'
  /** Where the role is told: in a chunk of its own with this content, with the first output, or with every one. */
  readonly role: { readonly alone: '' | null } | 'first' | 'every'
  /** The finish reason comes with the last output, or in a chunk of its own. */
  readonly finishAlone: boolean
  /** What reasoning is called; without a name it is kept to itself, and counted. */
  readonly reasoningKey?: 'reasoning' | 'reasoning_content'
  /** Members that every chunk has. */
  readonly always?: object
  /** The JSON of a failure on the way, and whether `[DONE]` follows it. */
  failure(error: RequestError): string
  readonly doneAfterFailure: boolean
}

const typeOf = (error: RequestError): string =>
  error.kind === 'overloaded' ? 'SERVICE_UNAVAILABLE' : 'internal'

const TRAITS: Readonly<Record<Variant, Traits>> = {
  openai: {
    field: 'data: ',
    role: { alone: '' },
    finishAlone: true,
    always: { service_tier: 'default', obfuscation: 'x'.repeat(7) },
    failure: errorBody,
    doneAfterFailure: false,
  },
  tgi: {
    field: 'data:',
    role: 'every',
    finishAlone: false,
    reasoningKey: 'reasoning_content',
    // Whatever the cause.
    failure: ({ kind, message }) => {
      const text = kind === 'overloaded' ? 'Model is overloaded' : message
      return JSON.stringify({ error: { message: text, http_status_code: 422 } })
    },
    doneAfterFailure: true,
  },
  sglang: {
    field: 'data: ',
    role: { alone: '' },
    finishAlone: true,
    reasoningKey: 'reasoning_content',
    failure: (error) => JSON.stringify({ error: flat(error, typeOf(error)) }),
    doneAfterFailure: true,
  },
  llamacpp: {
    field: 'data: ',
    role: { alone: null },
    finishAlone: true,
    reasoningKey: 'reasoning_content',
    failure: llamaCppError,
    doneAfterFailure: false,
  },
  ollama: {
    field: 'data: ',
    role: 'first',
    finishAlone: true,
    reasoningKey: 'reasoning',
    failure: (error) => errorBody(error),
    doneAfterFailure: false,
  },
}

const flat = (error: RequestError, type: string) => ({
  object: 'error',
  message: error.message,
  type,
  param: error.param,
  code: statusOf(error),
})

/** Refusals before the stream. */
export const MANNERS: Readonly<Record<Variant, Manners>> = {
  openai: openAiManners,
  tgi: tgiManners(false),
  sglang: {
    refuse: (error) => ({ status: statusOf(error), body: JSON.stringify(flat(error, 'BadRequestError')) }),
  },
  llamacpp: llamaCppManners,
  ollama: {
    refuse: (error) => {
      const inner = { message: error.message, type: 'api_error', param: null, code: null }
      return { status: statusOf(error), body: JSON.stringify({ error: inner }) }
    },
  },
}

const usageOf = ({ prompt, output, reasoning }: Counts) => ({
  prompt_tokens: prompt,
  completion_tokens: output,
  total_tokens: prompt + output,
  ...(reasoning > 0 && { completion_tokens_details: { reasoning_tokens: reasoning } }),
})

export function variantShape(name: Variant, given: Identity, wish: UsageWish): Shape {
  const traits = TRAITS[name]
  const { role, finishAlone, reasoningKey } = traits
  const id = name === 'tgi' ? '' : `chatcmpl-${given.id}`
  const identity = { id, created: given.created, model: given.model, system_fingerprint: 'falloff-simulator' }
  const event = (data: string): string => `${traits.field}${data}\n\n`
  const nullUsage = wish.includeUsage || name === 'tgi' ? { usage: null } : {}
  const chunk = (choices: readonly object[], more: object = nullUsage): string =>
    event(
      JSON.stringify({ ...identity, object: 'chat.completion.chunk', choices, ...more, ...traits.always }),
    )
  const choice = (delta: object, finish: FinishReason | undefined) => ({
    index: 0,
    delta,
    logprobs: null,
    finish_reason: finish ?? null,
  })
  const contentOf = ({ kind, text }: Pick<Piece, 'kind' | 'text'>): object =>
    kind === 'text' ? { content: text } : { [reasoningKey ?? 'reasoning']: text }
  let pieces = 0
  return {
    contentType: EVENT_STREAM,
    opening: (emit) => {
      if (typeof role === 'string') return
      emit(chunk([choice({ role: 'assistant', content: role.alone }, undefined)]))
    },
    // A token without text has no chunk of its own, unless it is the one that finishes.
    piece: (emit, piece) => {
      if (piece.text === '' && finishAlone) return
      if (piece.kind === 'reasoning' && reasoningKey === undefined) return
      const told = role === 'every' || (role === 'first' && pieces === 0) ? { role: 'assistant' } : {}
      pieces++
      const finish = finishAlone ? undefined : piece.finish
      emit(chunk([choice({ ...told, ...contentOf(piece) }, finish)]), true)
    },
    closing: (emit, { finish, counts, times }) => {
      if (finishAlone) emit(chunk([choice({}, finish)]))
      const timings = name === 'llamacpp' ? { timings: timingsOf(counts, times) } : {}
      if (wish.includeUsage) emit(chunk([], { usage: usageOf(counts), ...timings }))
      emit(event('[DONE]'))
    },
    failure: (emit, error) => {
      emit(event(traits.failure(error)))
      if (traits.doneAfterFailure) emit(event('[DONE]'))
    },
    broken: event('{"id":"broken","choices":[{"index":0,"delta":'),
    whole: ({ reasoning, text, finish, counts }) => {
      const thought = reasoning === '' || !reasoningKey ? {} : { [reasoningKey]: reasoning }
      const message = { role: 'assistant', content: text, ...thought }
      const choices = [{ index: 0, message, logprobs: null, finish_reason: finish }]
      return {
        body: JSON.stringify({ ...identity, object: 'chat.completion', choices, usage: usageOf(counts) }),
      }
    },
  }
}
