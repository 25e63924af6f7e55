import type { FinishReason } from '../../sequence.js'
import { type Counts, dataEvent, EVENT_STREAM, type Identity, type Piece, type Shape } from '../../shape.js'
import { errorBody } from './manners.js'

/** What of a stream's usage was asked for. */
export interface UsageWish {
  readonly includeUsage: boolean
  /** Running totals on every chunk. */
  readonly continuousUsage: boolean
}

type Usage = (counts: Counts) => object

const usageObject = ({ prompt, output }: Counts) => ({
  prompt_tokens: prompt,
  total_tokens: prompt + output,
  completion_tokens: output,
})

/** Told only where there is reasoning at all. */
const reasoningDetails = ({ reasoning }: Counts) => (reasoning > 0 ? { reasoning_tokens: reasoning } : null)

const usageMember = (usage: object): string => `,"usage":${JSON.stringify(usage)}`

/** vLLM names its build here; a simulated answer must not pass for a real one. */
const FINGERPRINT = 'falloff-simulator'
/** The member that only the very last chunk of a stream carries. */
const LAST_MEMBER = `,"system_fingerprint":"${FINGERPRINT}"`
const DONE = dataEvent('[DONE]')

/** Everything of a chunk up to its choices. */
const head = (object: string, { id, created, model }: Identity): string =>
  `data: {"id":${JSON.stringify(id)},"object":"${object}","created":${created},"model":${JSON.stringify(model)}`

const finishText = (finish: FinishReason | undefined): string =>
  finish === undefined ? 'null' : `"${finish}"`

interface Chunks {
  readonly start: string
  readonly wish: UsageWish
  /** What a chunk's own usage says. */
  readonly running: Usage
  opening?(usage: string): string
  delta(piece: Piece, members: string): string
  readonly whole: Shape['whole']
}

/** The stream as vLLM prints it, whichever endpoint: what was not asked for is left out of chunks. */
function streamOf({ start, wish, running, opening, delta, whole }: Chunks): Shape {
  const member = (counts: Counts) => (wish.continuousUsage ? usageMember(running(counts)) : '')
  return {
    contentType: EVENT_STREAM,
    opening: (emit, counts) => opening && emit(`${opening(member(counts))}\n\n`),
    piece: (emit, piece) => {
      const isLast = piece.finish !== undefined && !wish.includeUsage
      emit(`${delta(piece, member(piece.counts) + (isLast ? LAST_MEMBER : ''))}\n\n`, true)
    },
    closing: (emit, { counts }) => {
      const details = reasoningDetails(counts)
      const usage = { ...usageObject(counts), ...(details && { completion_tokens_details: details }) }
      if (wish.includeUsage) emit(`${start},"choices":[]${usageMember(usage)}${LAST_MEMBER}}\n\n`)
      emit(DONE)
    },
    failure: (emit, error) => {
      emit(dataEvent(errorBody(error)))
      emit(DONE)
    },
    broken: dataEvent('{"id":"broken","choices":[{"index":0,"delta":'),
    whole,
  }
}

export function chatShape(given: Identity, wish: UsageWish): Shape {
  const identity = { ...given, id: `chatcmpl-${given.id}` }
  const start = head('chat.completion.chunk', identity)
  const choice = `${start},"choices":[{"index":0,"delta":{`
  const ending = (finish: FinishReason | undefined) =>
    `"logprobs":null,"finish_reason":${finishText(finish)}${finish === undefined ? '' : ',"stop_reason":null'}`
  return streamOf({
    start,
    wish,
    running: (counts) => ({ ...usageObject(counts), completion_tokens_details: reasoningDetails(counts) }),
    opening: (usage) =>
      `${choice}"role":"assistant","content":""},${ending(undefined)}}]${usage},"prompt_token_ids":null,"prompt_text":null}`,
    delta: ({ kind, text, finish }, members) =>
      `${choice}"${kind === 'text' ? 'content' : 'reasoning'}":${JSON.stringify(text)}},${ending(finish)},"token_ids":null}]${members}}`,
    whole: ({ text, reasoning, finish, counts }) => ({
      body: JSON.stringify({
        ...identityOf('chat.completion', identity),
        choices: [
          {
            index: 0,
            message: messageOf(text, reasoning),
            ...endOf(finish),
            token_ids: null,
            routed_experts: null,
          },
        ],
        service_tier: null,
        ...tailOf(counts),
        prompt_logprobs: null,
        prompt_token_ids: null,
        prompt_text: null,
        kv_transfer_params: null,
        ec_transfer_params: null,
        metrics: null,
      }),
    }),
  })
}

export function completionShape(given: Identity, wish: UsageWish): Shape {
  const identity = { ...given, id: `cmpl-${given.id}` }
  const start = head('text_completion', identity)
  const choice = `${start},"choices":[{"index":0,"text":`
  const rest = '"stop_reason":null,"prompt_token_ids":null,"token_ids":null}]'
  return streamOf({
    start,
    wish,
    running: usageObject,
    delta: ({ text, finish }, members) =>
      `${choice}${JSON.stringify(text)},"logprobs":null,"finish_reason":${finishText(finish)},${rest}${members}}`,
    whole: ({ text, finish, counts }) => ({
      body: JSON.stringify({
        ...identityOf('text_completion', identity),
        choices: [
          {
            index: 0,
            text,
            ...endOf(finish),
            token_ids: null,
            prompt_logprobs: null,
            prompt_token_ids: null,
          },
        ],
        service_tier: null,
        ...tailOf(counts),
        kv_transfer_params: null,
      }),
    }),
  })
}

const identityOf = (object: string, { id, created, model }: Identity) => ({ id, object, created, model })

const messageOf = (content: string, reasoning: string) => ({
  role: 'assistant',
  content,
  refusal: null,
  annotations: null,
  audio: null,
  function_call: null,
  reasoning: reasoning === '' ? null : reasoning,
})

const endOf = (finish: FinishReason) => ({ logprobs: null, finish_reason: finish, stop_reason: null })

const tailOf = (counts: Counts) => ({
  system_fingerprint: FINGERPRINT,
  usage: {
    ...usageObject(counts),
    prompt_tokens_details: null,
    completion_tokens_details: reasoningDetails(counts),
  },
})
