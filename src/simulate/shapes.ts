import type { FinishReason } from './sequence.js'

/** The JSON of one answer, whole or in chunks, as vLLM prints it: what was not asked for is left out of chunks. */
export interface Shape {
  /** The chunk before the first token; undefined where the API has none. */
  opening(usage: string): string | undefined
  /** The member that a chunk carries under `continuous_usage_stats`. */
  running(promptTokens: number, outputTokens: number): string
  /** `text` is empty only for a token without text. `members` is '' or what `running` made, or `LAST_MEMBER`. */
  delta(text: string, finish: FinishReason | undefined, members: string): string
  /** The chunk with the totals and no choices. */
  usage(promptTokens: number, outputTokens: number): string
  /** The answer to a request that does not stream. */
  whole(text: string, finish: FinishReason, promptTokens: number, outputTokens: number): string
}

interface Identity {
  readonly id: string
  readonly model: string
  /** Unix time in seconds. */
  readonly created: number
}

const usageObject = (prompt: number, output: number) => ({
  prompt_tokens: prompt,
  total_tokens: prompt + output,
  completion_tokens: output,
})

const usageMember = (usage: object): string => `,"usage":${JSON.stringify(usage)}`

/** vLLM names its build here; a simulated answer must not pass for a real one. */
const FINGERPRINT = 'falloff-simulator'
/** The member that only the very last chunk of a stream carries. */
export const LAST_MEMBER = `,"system_fingerprint":"${FINGERPRINT}"`

/** Everything of a chunk up to its choices. */
const head = (object: string, { id, created, model }: Identity): string =>
  `{"id":${JSON.stringify(id)},"object":"${object}","created":${created},"model":${JSON.stringify(model)}`

const totals = (start: string, prompt: number, output: number): string =>
  `${start},"choices":[]${usageMember(usageObject(prompt, output))}${LAST_MEMBER}}`

const finishText = (finish: FinishReason | undefined): string =>
  finish === undefined ? 'null' : `"${finish}"`

export function chatShape(identity: Identity): Shape {
  const start = head('chat.completion.chunk', identity)
  const choice = `${start},"choices":[{"index":0,"delta":{`
  const ending = (finish: FinishReason | undefined) =>
    `"logprobs":null,"finish_reason":${finishText(finish)}${finish === undefined ? '' : ',"stop_reason":null'}`
  return {
    opening: (usage) =>
      `${choice}"role":"assistant","content":""},${ending(undefined)}}]${usage},"prompt_token_ids":null,"prompt_text":null}`,
    delta: (text, finish, members) =>
      `${choice}"content":${JSON.stringify(text)}},${ending(finish)},"token_ids":null}]${members}}`,
    running: (prompt, output) =>
      usageMember({ ...usageObject(prompt, output), completion_tokens_details: null }),
    usage: (prompt, output) => totals(start, prompt, output),
    whole: (text, finish, prompt, output) =>
      JSON.stringify({
        ...identityOf('chat.completion', identity),
        choices: [
          { index: 0, message: messageOf(text), ...endOf(finish), token_ids: null, routed_experts: null },
        ],
        service_tier: null,
        ...tailOf(prompt, output),
        prompt_logprobs: null,
        prompt_token_ids: null,
        prompt_text: null,
        kv_transfer_params: null,
        ec_transfer_params: null,
        metrics: null,
      }),
  }
}

export function completionShape(identity: Identity): Shape {
  const start = head('text_completion', identity)
  const choice = `${start},"choices":[{"index":0,"text":`
  const rest = '"stop_reason":null,"prompt_token_ids":null,"token_ids":null}]'
  return {
    opening: () => undefined,
    delta: (text, finish, members) =>
      `${choice}${JSON.stringify(text)},"logprobs":null,"finish_reason":${finishText(finish)},${rest}${members}}`,
    running: (prompt, output) => usageMember(usageObject(prompt, output)),
    usage: (prompt, output) => totals(start, prompt, output),
    whole: (text, finish, prompt, output) =>
      JSON.stringify({
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
        ...tailOf(prompt, output),
        kv_transfer_params: null,
      }),
  }
}

const identityOf = (object: string, { id, created, model }: Identity) => ({ id, object, created, model })

const messageOf = (content: string) => ({
  role: 'assistant',
  content,
  refusal: null,
  annotations: null,
  audio: null,
  function_call: null,
  reasoning: null,
})

const endOf = (finish: FinishReason) => ({ logprobs: null, finish_reason: finish, stop_reason: null })

const tailOf = (prompt: number, output: number) => ({
  system_fingerprint: FINGERPRINT,
  usage: { ...usageObject(prompt, output), prompt_tokens_details: null, completion_tokens_details: null },
})
