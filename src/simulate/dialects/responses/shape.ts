import type { RequestError } from '../../request-error.js'
import {
  type Counts,
  type Emit,
  type Ending,
  EVENT_STREAM,
  type Identity,
  namedEvent,
  type Piece,
  type Shape,
  type Whole,
} from '../../shape.js'
import { errorCode } from '../openai/manners.js'

type Kind = Piece['kind']

/** What the two kinds of output items are called. */
const NAMES = {
  reasoning: { part: 'reasoning_text', event: 'response.reasoning_text', prefix: 'rs' },
  text: { part: 'output_text', event: 'response.output_text', prefix: 'msg' },
} as const

const partOf = (kind: Kind, text: string) =>
  kind === 'text'
    ? { type: NAMES.text.part, text, annotations: [], logprobs: [] }
    : { type: NAMES.reasoning.part, text }

function itemOf(kind: Kind, id: string, text: string | undefined): object {
  const status = text === undefined ? 'in_progress' : 'completed'
  const content = text === undefined ? [] : [partOf(kind, text)]
  return kind === 'text'
    ? { id, type: 'message', role: 'assistant', status, content }
    : { id, type: 'reasoning', status, summary: [], content }
}

const usageOf = ({ prompt, output, reasoning, cached }: Counts) => ({
  input_tokens: prompt,
  input_tokens_details: { cached_tokens: cached },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: prompt + output,
})

interface Outcome {
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed'
  readonly output: readonly object[]
  readonly counts?: Counts
  readonly error?: RequestError
}

/** A limit that ends the answer leaves it incomplete: the model was not done. */
const statusOf = (ending: Ending): 'completed' | 'incomplete' =>
  ending.finish === 'stop' ? 'completed' : 'incomplete'

export function responsesShape(identity: Identity, maxOutputTokens: number | null): Shape {
  const responseOf = ({ status, output, counts, error }: Outcome) => ({
    id: `resp_${identity.id}`,
    object: 'response',
    created_at: identity.created,
    status,
    error: error === undefined ? null : { code: errorCode(error), message: error.message },
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: null,
    max_output_tokens: maxOutputTokens,
    model: identity.model,
    output,
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    metadata: {},
    usage: counts === undefined ? null : usageOf(counts),
  })
  const stream = new EventSequence(identity.id)
  return {
    contentType: EVENT_STREAM,
    accepted: (emit) => {
      const response = responseOf({ status: 'in_progress', output: [] })
      stream.send(emit, 'response.created', { response })
      stream.send(emit, 'response.in_progress', { response })
    },
    piece: (emit, piece) => stream.piece(emit, piece),
    closing: (emit, ending) => {
      stream.closeItem(emit)
      const status = statusOf(ending)
      const response = responseOf({ status, output: stream.output, counts: ending.counts })
      stream.send(emit, `response.${status}`, { response })
    },
    // What the model cannot do is the response's failure; that the server is overloaded is told beside any response.
    failure: (emit, error) => {
      if (error.kind === 'overloaded') {
        stream.send(emit, 'error', { code: errorCode(error), message: error.message, param: null })
      } else {
        const response = responseOf({ status: 'failed', output: stream.output, error })
        stream.send(emit, 'response.failed', { response })
      }
    },
    broken: 'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":\n\n',
    whole: (answer) => {
      const output = wholeOutput(answer, identity.id)
      return { body: JSON.stringify(responseOf({ status: statusOf(answer), output, counts: answer.counts })) }
    },
  }
}

const wholeOutput = ({ reasoning, text }: Whole, id: string): object[] => [
  ...(reasoning === '' ? [] : [itemOf('reasoning', `rs_${id}_0`, reasoning)]),
  itemOf('text', `msg_${id}_${reasoning === '' ? 0 : 1}`, text),
]

interface OpenItem {
  readonly kind: Kind
  readonly id: string
  text: string
}

/** The numbered events of one stream, and the output items that they open, fill and close one after the other. */
class EventSequence {
  readonly output: object[] = []
  readonly #id: string
  #next = 0
  #item: OpenItem | undefined

  constructor(id: string) {
    this.#id = id
  }

  send(emit: Emit, type: string, members: object, tells = false): void {
    emit(namedEvent(type, { type, sequence_number: this.#next++, ...members }), tells)
  }

  /** A token without text has no event of its own. */
  piece(emit: Emit, { kind, text }: Piece): void {
    const item = this.#item?.kind === kind ? this.#item : this.#openItem(emit, kind)
    if (text === '') return
    item.text += text
    const logprobs = kind === 'text' ? { logprobs: [] } : {}
    this.send(emit, `${NAMES[kind].event}.delta`, { ...this.#place(item), delta: text, ...logprobs }, true)
  }

  #openItem(emit: Emit, kind: Kind): OpenItem {
    this.closeItem(emit)
    const item = { kind, id: `${NAMES[kind].prefix}_${this.#id}_${this.output.length}`, text: '' }
    this.#item = item
    const output_index = this.output.length
    this.send(emit, 'response.output_item.added', { output_index, item: itemOf(kind, item.id, undefined) })
    this.send(emit, 'response.content_part.added', { ...this.#place(item), part: partOf(kind, '') })
    return item
  }

  closeItem(emit: Emit): void {
    const item = this.#item
    if (item === undefined) return
    const { kind, id, text } = item
    const place = this.#place(item)
    const whole = itemOf(kind, id, text)
    const logprobs = kind === 'text' ? { logprobs: [] } : {}
    this.send(emit, `${NAMES[kind].event}.done`, { ...place, text, ...logprobs })
    this.send(emit, 'response.content_part.done', { ...place, part: partOf(kind, text) })
    this.send(emit, 'response.output_item.done', { output_index: place.output_index, item: whole })
    this.output.push(whole)
    this.#item = undefined
  }

  #place({ id }: OpenItem) {
    return { item_id: id, output_index: this.output.length, content_index: 0 }
  }
}
