import { z } from 'zod'
import { invalid } from '../../request-error.js'
import type { Identity, Shape } from '../../shape.js'
import { tokenize, tokenizeChat } from '../../tokenizer.js'
import { checked, flag, messages, outputSeed, plainMessages, saltOf, tokenCount, tokenIds } from '../body.js'
import type { Ask, GenerateRequest } from '../dialect.js'
import { completionShape, type UsageWish } from './shapes.js'

const shared = {
  model: z.string().nullish(),
  stream: flag,
  stream_options: z.looseObject({ include_usage: flag, continuous_usage_stats: flag }).nullish(),
  max_tokens: tokenCount,
  min_tokens: tokenCount,
  ignore_eos: flag,
  seed: z.int().nullish(),
  temperature: z.number().min(0).nullish(),
  n: z.int().nullish(),
  stream_interval: z.int().min(1).nullish(),
  cache_salt: z.string().nullish(),
}

const chatSchema = z.looseObject({ ...shared, messages, max_completion_tokens: tokenCount })

const promptSchema = z.union([
  z.string().min(1),
  tokenIds,
  z.array(z.string().min(1)).length(1),
  z.array(tokenIds).length(1),
])
const completionSchema = z.looseObject({ ...shared, prompt: promptSchema })

type ShapeOf = (identity: Identity, wish: UsageWish) => Shape

/** The engine's own default for the older endpoint. */
const COMPLETION_TOKENS = 16

export function parseChat(body: unknown, shapeOf: ShapeOf): Ask {
  const given = checked(chatSchema, body)
  const prompt = tokenizeChat(plainMessages(given.messages))
  const maxTokens = given.max_completion_tokens ?? given.max_tokens ?? undefined
  const wish = usageWish(given)
  return {
    request: { ...sharedOf(given, prompt), maxTokens, reasons: true },
    shape: (identity) => shapeOf(identity, wish),
  }
}

export function parseCompletion(body: unknown): Ask {
  const given = checked(completionSchema, body)
  const maxTokens = given.max_tokens ?? COMPLETION_TOKENS
  const wish = usageWish(given)
  return {
    request: { ...sharedOf(given, promptIds(given.prompt)), maxTokens, reasons: false },
    shape: (identity) => completionShape(identity, wish),
  }
}

type Shared = z.output<z.ZodObject<typeof shared>>

function usageWish({ stream_options: options }: Shared): UsageWish {
  const includeUsage = options?.include_usage ?? false
  return { includeUsage, continuousUsage: includeUsage && (options?.continuous_usage_stats ?? false) }
}

function sharedOf(given: Shared, prompt: Int32Array): Omit<GenerateRequest, 'maxTokens' | 'reasons'> {
  if ((given.n ?? 1) !== 1) throw invalid('the simulator generates one choice per request: n must be 1', 'n')
  return {
    model: given.model ?? undefined,
    prompt,
    minTokens: given.min_tokens ?? 0,
    ignoreEos: given.ignore_eos ?? false,
    stream: given.stream ?? false,
    streamInterval: given.stream_interval ?? 1,
    outputSeed: outputSeed(prompt, { seed: given.seed, greedy: given.temperature === 0 }),
    salt: saltOf(given.cache_salt),
  }
}

function promptIds(prompt: z.output<typeof promptSchema>): Int32Array {
  const [first] = prompt
  if (typeof prompt === 'string') return tokenize(prompt)
  if (typeof first === 'string') return tokenize(first)
  return Int32Array.from(Array.isArray(first) ? first : (prompt as number[]))
}
