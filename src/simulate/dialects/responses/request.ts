import { z } from 'zod'
import { type ChatMessage, tokenizeChat } from '../../tokenizer.js'
import { checked, content, flag, outputSeed, saltOf, textOf, tokenCount, withSystem } from '../body.js'
import type { Ask } from '../dialect.js'
import { responsesShape } from './shape.js'

/** Messages; of everything else that an input may hold, such as calls of functions, only texts count. */
const item = z.looseObject({ role: z.string().optional(), content: content.nullish() })

const schema = z.looseObject({
  model: z.string().nullish(),
  input: z.union([z.string().min(1), z.array(item).min(1)]),
  instructions: z.string().nullish(),
  max_output_tokens: tokenCount,
  stream: flag,
  temperature: z.number().min(0).nullish(),
  seed: z.int().nullish(),
  min_tokens: tokenCount,
  ignore_eos: flag,
  cache_salt: z.string().nullish(),
})

type Given = z.output<typeof schema>

export function parseResponses(body: unknown): Ask {
  const given = checked(schema, body)
  const prompt = tokenizeChat(withSystem(given.instructions ?? '', messagesOf(given.input)))
  return {
    request: {
      model: given.model ?? undefined,
      prompt,
      maxTokens: given.max_output_tokens ?? undefined,
      minTokens: given.min_tokens ?? 0,
      ignoreEos: given.ignore_eos ?? false,
      stream: given.stream ?? false,
      streamInterval: 1,
      outputSeed: outputSeed(prompt, { seed: given.seed, greedy: given.temperature === 0 }),
      salt: saltOf(given.cache_salt),
      reasons: true,
    },
    shape: (identity) => responsesShape(identity, given.max_output_tokens ?? null),
  }
}

const messagesOf = (input: Given['input']): readonly ChatMessage[] =>
  typeof input === 'string'
    ? [{ role: 'user', content: input }]
    : input.map((given) => ({ role: given.role ?? 'user', content: textOf(given.content) }))
