import { z } from 'zod'
import { tokenize, tokenizeChat } from '../../tokenizer.js'
import { checked, flag, messages, outputSeed, plainMessages, withSystem } from '../body.js'
import type { Ask, Endpoint, Served } from '../dialect.js'
import { ollamaManners } from './manners.js'
import { type OllamaApi, ollamaShape } from './shape.js'

const shared = {
  model: z.string().min(1),
  stream: flag,
  think: z.union([z.boolean(), z.string()]).nullish(),
  options: z
    .looseObject({
      num_predict: z.int().nullish(),
      num_ctx: z.int().min(2).nullish(),
      seed: z.int().nullish(),
      temperature: z.number().min(0).nullish(),
    })
    .nullish(),
}

const chatSchema = z.looseObject({ ...shared, messages })
const generateSchema = z.looseObject({
  ...shared,
  prompt: z.string().min(1),
  system: z.string().nullish(),
  raw: flag,
})

type Shared = z.output<z.ZodObject<typeof shared>>

function askOf(api: OllamaApi, given: Shared, ids: Int32Array, { model, maxModelLen }: Served): Ask {
  const { num_predict: asked, num_ctx: context, seed, temperature } = given.options ?? {}
  const prompt = truncated(ids, Math.min(context ?? maxModelLen, maxModelLen))
  return {
    request: {
      model: given.model.replace(/:latest$/, '') === model ? model : given.model,
      prompt,
      maxTokens: typeof asked === 'number' && asked >= 0 ? asked : undefined,
      minTokens: 0,
      ignoreEos: false,
      stream: given.stream ?? true,
      streamInterval: 1,
      outputSeed: outputSeed(prompt, { seed, greedy: temperature === 0 }),
      salt: 0,
      reasons: given.think !== false,
    },
    // A model is called what the client called it.
    shape: (identity) =>
      ollamaShape(api, identity.model === model ? { ...identity, model: given.model } : identity, prompt),
  }
}

/** A prompt beyond the context is cut without a word: its end is kept, and room for one token. */
const truncated = (prompt: Int32Array, context: number): Int32Array =>
  prompt.length < context ? prompt : prompt.slice(prompt.length - context + 1)

export const chat: Endpoint = {
  ...ollamaManners,
  parse: (body, served) => {
    const given = checked(chatSchema, body)
    return askOf('chat', given, tokenizeChat(plainMessages(given.messages)), served)
  },
}

/** The prompt goes through the chat template as a user's message, unless it is `raw`. */
export const generate: Endpoint = {
  ...ollamaManners,
  parse: (body, served) => {
    const given = checked(generateSchema, body)
    const asMessages = withSystem(given.system ?? '', [{ role: 'user', content: given.prompt }])
    const prompt = given.raw ? tokenize(given.prompt) : tokenizeChat(asMessages)
    return askOf('generate', given, prompt, served)
  },
}
