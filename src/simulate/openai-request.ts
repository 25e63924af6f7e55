import { z } from 'zod'
import { hash32 } from '../base/index.js'
import { badRequest, HttpError } from './http-error.js'
import { type ChatMessage, tokenize, tokenizeChat } from './tokenizer.js'

const count = z.int().min(0).nullish()

const shared = {
  model: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .looseObject({ include_usage: z.boolean().nullish(), continuous_usage_stats: z.boolean().nullish() })
    .nullish(),
  max_tokens: count,
  min_tokens: count,
  ignore_eos: z.boolean().nullish(),
  seed: z.int().nullish(),
  temperature: z.number().min(0).nullish(),
  n: z.int().nullish(),
  stream_interval: z.int().min(1).nullish(),
  cache_salt: z.string().nullish(),
}

const messageSchema = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).nullish(),
})

const messagesSchema = z.array(messageSchema).min(1)

const chatSchema = z.looseObject({ ...shared, messages: messagesSchema, max_completion_tokens: count })

const idsSchema = z.array(z.int().min(0)).min(1)
const promptSchema = z.union([
  z.string().min(1),
  idsSchema,
  z.array(z.string().min(1)).length(1),
  z.array(idsSchema).length(1),
])
const completionSchema = z.looseObject({ ...shared, prompt: promptSchema })

const tokenizeSchema = z.union([
  z.looseObject({ prompt: z.string() }),
  z.looseObject({ messages: messagesSchema, add_generation_prompt: z.boolean().nullish() }),
])

/** What a client asked for, whichever of the two endpoints it used. */
export interface GenerateRequest {
  readonly api: 'chat' | 'completions'
  readonly model: string | undefined
  readonly prompt: Int32Array
  /** Undefined: up to the end of the context. */
  readonly maxTokens: number | undefined
  readonly minTokens: number
  readonly ignoreEos: boolean
  readonly stream: boolean
  readonly includeUsage: boolean
  readonly continuousUsage: boolean
  /** Output tokens per event after the first. */
  readonly streamInterval: number
  /** Set where the same request must give the same output: a seed was given, or the temperature is 0. */
  readonly outputSeed: number | undefined
  readonly salt: number
}

/** The engine's own default for the older endpoint. */
const COMPLETION_TOKENS = 16

export function parseChat(body: string): GenerateRequest {
  const request = parseBody(chatSchema, body)
  const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? undefined
  return {
    ...sharedOf(request),
    ...prompted(request, tokenizeChat(plainMessages(request.messages))),
    api: 'chat',
    maxTokens,
  }
}

export function parseCompletion(body: string): GenerateRequest {
  const request = parseBody(completionSchema, body)
  const maxTokens = request.max_tokens ?? COMPLETION_TOKENS
  return {
    ...sharedOf(request),
    ...prompted(request, promptIds(request.prompt)),
    api: 'completions',
    maxTokens,
  }
}

/** Token ids of a `/tokenize` request: a prompt as it stands, or messages through the chat template. */
export function parseTokenize(body: string): Int32Array {
  const request = parseBody(tokenizeSchema, body)
  if ('messages' in request && Array.isArray(request.messages)) {
    const { messages, add_generation_prompt: withAnswer } = request as {
      messages: Messages
      add_generation_prompt?: boolean | null
    }
    return tokenizeChat(plainMessages(messages), withAnswer ?? true)
  }
  return tokenize(String(request.prompt))
}

type Shared = z.output<z.ZodObject<typeof shared>>
type Messages = z.output<typeof messagesSchema>

function sharedOf(request: Shared) {
  if ((request.n ?? 1) !== 1)
    throw badRequest('the simulator generates one choice per request: n must be 1', 'n')
  const options = request.stream_options
  const includeUsage = options?.include_usage ?? false
  return {
    model: request.model ?? undefined,
    minTokens: request.min_tokens ?? 0,
    ignoreEos: request.ignore_eos ?? false,
    stream: request.stream ?? false,
    includeUsage,
    continuousUsage: includeUsage && (options?.continuous_usage_stats ?? false),
    streamInterval: request.stream_interval ?? 1,
    salt: request.cache_salt ? hash32(request.cache_salt) : 0,
  }
}

function prompted({ seed, temperature }: Shared, prompt: Int32Array) {
  const isPinned = typeof seed === 'number' || temperature === 0
  return { prompt, outputSeed: isPinned ? hash32(`${seed ?? ''} ${prompt.join()}`) : undefined }
}

const plainMessages = (messages: Messages): ChatMessage[] =>
  messages.map(({ role, content }) => ({
    role,
    content: typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join(''),
  }))

function promptIds(prompt: z.output<typeof promptSchema>): Int32Array {
  const [first] = prompt
  if (typeof prompt === 'string') return tokenize(prompt)
  if (typeof first === 'string') return tokenize(first)
  return Int32Array.from(Array.isArray(first) ? first : (prompt as number[]))
}

function parseBody<T extends z.ZodType>(schema: T, body: string): z.output<T> {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    throw badRequest('the body is no JSON')
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const place = issue?.path.join('.') || 'body'
  throw badRequest(`${place}: ${issue?.message ?? 'cannot be used'}`, place)
}

/** What is wrong with a request that is well formed: an unknown model, or a prompt that leaves no room to answer. */
export function checkRequest(request: GenerateRequest, model: string, maxModelLen: number): void {
  if (request.model !== undefined && request.model !== model) {
    throw new HttpError(
      404,
      'NotFoundError',
      `The model \`${request.model}\` does not exist. Served here: ${model}.`,
      'model',
    )
  }
  const { prompt, maxTokens, minTokens } = request
  if (prompt.length >= maxModelLen) {
    throw badRequest(
      `The context of this model is ${maxModelLen} tokens, the prompt has ${prompt.length}. Send a shorter prompt.`,
      'input_tokens',
    )
  }
  if (maxTokens !== undefined && maxTokens > maxModelLen) {
    throw badRequest(
      `max_tokens=${maxTokens} is above the context of ${maxModelLen} tokens. Ask for fewer.`,
      'max_tokens',
    )
  }
  if (maxTokens === 0) throw badRequest('max_tokens must be at least 1, got 0', 'max_tokens')
  if (maxTokens !== undefined && minTokens > maxTokens) {
    throw badRequest(`min_tokens (${minTokens}) must not be above max_tokens (${maxTokens})`, 'min_tokens')
  }
}
