import type { FinishReason } from '../../sequence.js'
import {
  type Counts,
  type Emit,
  EVENT_STREAM,
  type Identity,
  namedEvent,
  type Piece,
  type Shape,
} from '../../shape.js'
import { errorObject } from './manners.js'

type Kind = Piece['kind']

const STOP_REASONS: Readonly<Record<FinishReason, string>> = { stop: 'end_turn', length: 'max_tokens' }
/** Stands in for the proof that thinking was not tampered with. */
const SIGNATURE = 'ZmFsbG9mZi1zaW11bGF0b3I='

const blockOf = (kind: Kind, text: string, signature: string): object =>
  kind === 'text' ? { type: 'text', text } : { type: 'thinking', thinking: text, signature }

/** What the cache gave is told apart only where the request marked something for the cache. */
const inputUsage = ({ prompt, cached }: Counts, caches: boolean) => {
  const read = caches ? cached : 0
  return {
    input_tokens: prompt - read,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: read,
  }
}

const outputUsage = ({ output, reasoning }: Counts) => ({
  output_tokens: output,
  ...(reasoning > 0 && { output_tokens_details: { thinking_tokens: reasoning } }),
})

const typed = (type: string, members: object = {}): string => namedEvent(type, { type, ...members })

export function messageShape(identity: Identity, caches: boolean): Shape {
  const messageOf = (content: readonly object[], finish: FinishReason | undefined, usage: object) => ({
    id: `msg_${identity.id}`,
    type: 'message',
    role: 'assistant',
    model: identity.model,
    content,
    stop_reason: finish === undefined ? null : STOP_REASONS[finish],
    stop_sequence: null,
    usage,
  })
  const blocks = new Blocks()
  return {
    contentType: EVENT_STREAM,
    opening: (emit, counts) => {
      const usage = { ...inputUsage(counts, caches), output_tokens: 1 }
      emit(typed('message_start', { message: messageOf([], undefined, usage) }))
    },
    piece: (emit, piece) => blocks.piece(emit, piece),
    closing: (emit, { finish, counts }) => {
      blocks.close(emit)
      const delta = { stop_reason: STOP_REASONS[finish], stop_sequence: null }
      emit(typed('message_delta', { delta, usage: outputUsage(counts) }))
      emit(typed('message_stop'))
    },
    failure: (emit, error) => emit(typed('error', { error: errorObject(error) })),
    broken: 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":\n\n',
    whole: ({ reasoning, text, finish, counts }) => {
      const content = [
        ...(reasoning === '' ? [] : [blockOf('reasoning', reasoning, SIGNATURE)]),
        blockOf('text', text, ''),
      ]
      const usage = { ...inputUsage(counts, caches), ...outputUsage(counts) }
      return { body: JSON.stringify(messageOf(content, finish, usage)) }
    },
  }
}

/** Content blocks, one open at a time. A ping follows the first one's start, as a client must expect anywhere. */
class Blocks {
  #index = -1
  #kind: Kind | undefined

  /** A token without text has no event of its own. */
  piece(emit: Emit, { kind, text }: Piece): void {
    if (kind !== this.#kind) this.#start(emit, kind)
    if (text === '') return
    const delta = kind === 'text' ? { type: 'text_delta', text } : { type: 'thinking_delta', thinking: text }
    emit(typed('content_block_delta', { index: this.#index, delta }), true)
  }

  #start(emit: Emit, kind: Kind): void {
    this.close(emit)
    this.#index++
    this.#kind = kind
    emit(typed('content_block_start', { index: this.#index, content_block: blockOf(kind, '', '') }))
    if (this.#index === 0) emit(typed('ping'))
  }

  close(emit: Emit): void {
    const index = this.#index
    if (this.#kind === 'reasoning') {
      const delta = { type: 'signature_delta', signature: SIGNATURE }
      emit(typed('content_block_delta', { index, delta }))
    }
    if (this.#kind !== undefined) emit(typed('content_block_stop', { index }))
    this.#kind = undefined
  }
}
