import { z } from 'zod'
import { tokenize } from '../../tokenizer.js'
import { checked, flag, outputSeed, saltOf, tokenCount, tokenIds } from '../body.js'
import type { Endpoint } from '../dialect.js'
import { sglangManners } from './manners.js'
import { sglangShape } from './shape.js'

const sampling = z.looseObject({
  max_new_tokens: tokenCount,
  min_new_tokens: tokenCount,
  ignore_eos: flag,
  temperature: z.number().min(0).nullish(),
  sampling_seed: z.int().nullish(),
  stream_interval: z.int().min(1).nullish(),
})

const common = { sampling_params: sampling.nullish(), stream: flag, extra_key: z.string().nullish() }
const schema = z.union([
  z.looseObject({ text: z.string().min(1), ...common }),
  z.looseObject({ input_ids: tokenIds, ...common }),
])

const NEW_TOKENS = 128

export const generate: Endpoint = {
  ...sglangManners,
  parse: (body) => {
    const given = checked(schema, body)
    const { text, input_ids: ids } = given as { text?: string; input_ids?: number[] }
    const prompt = ids === undefined ? tokenize(text ?? '') : Int32Array.from(ids)
    const wish = given.sampling_params ?? {}
    const seed = { seed: wish.sampling_seed, greedy: wish.temperature === 0 }
    const { rid } = given
    return {
      request: {
        model: undefined,
        prompt,
        maxTokens: wish.max_new_tokens ?? NEW_TOKENS,
        minTokens: wish.min_new_tokens ?? 0,
        ignoreEos: wish.ignore_eos ?? false,
        stream: given.stream ?? false,
        streamInterval: wish.stream_interval ?? 1,
        outputSeed: outputSeed(prompt, seed),
        salt: saltOf(given.extra_key),
        reasons: false,
      },
      shape: (identity) => sglangShape(typeof rid === 'string' ? rid : identity.id),
    }
  },
}
