import { z } from 'zod'
import { tokenizeChat } from '../../tokenizer.js'
import {
  checked,
  content,
  flag,
  messages,
  outputSeed,
  plainMessages,
  saltOf,
  textOf,
  withSystem,
} from '../body.js'
import type { Ask } from '../dialect.js'
import { messageShape } from './shape.js'

const prompted = {
  model: z.string().nullish(),
  messages,
  system: content.nullish(),
  thinking: z.looseObject({ type: z.string() }).nullish(),
}

const countSchema = z.looseObject(prompted)
const schema = z.looseObject({
  ...prompted,
  max_tokens: z.int().min(1),
  stream: flag,
  temperature: z.number().min(0).nullish(),
  cache_salt: z.string().nullish(),
})

const promptOf = ({ system, messages: given }: z.output<typeof countSchema>): Int32Array =>
  tokenizeChat(withSystem(textOf(system), plainMessages(given)))

/** There is no knob for an exact length here, nor for a seed: this API has none. */
export function parseMessages(body: unknown): Ask {
  const given = checked(schema, body)
  const prompt = promptOf(given)
  const caches = marksCache(given.system) || given.messages.some((message) => marksCache(message.content))
  return {
    request: {
      model: given.model ?? undefined,
      prompt,
      maxTokens: given.max_tokens,
      minTokens: 0,
      ignoreEos: false,
      stream: given.stream ?? false,
      streamInterval: 1,
      outputSeed: outputSeed(prompt, { seed: undefined, greedy: given.temperature === 0 }),
      salt: saltOf(given.cache_salt),
      reasons: given.thinking?.type !== 'disabled',
    },
    shape: (identity) => messageShape(identity, caches),
  }
}

const marksCache = (given: z.output<typeof content> | null | undefined): boolean =>
  Array.isArray(given) && given.some((block) => 'cache_control' in block)

/** The answer of `/v1/messages/count_tokens`. */
export const countTokens = (body: unknown): object => ({
  input_tokens: promptOf(checked(countSchema, body)).length,
})
