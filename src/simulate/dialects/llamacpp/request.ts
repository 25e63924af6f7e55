import { z } from 'zod'
import { tokenize } from '../../tokenizer.js'
import { checked, flag, outputSeed, tokenIds } from '../body.js'
import type { Endpoint } from '../dialect.js'
import { llamaCppManners } from './manners.js'
import { llamaCppShape } from './shape.js'

const schema = z.looseObject({
  prompt: z.union([z.string().min(1), tokenIds]),
  n_predict: z.int().min(-1).nullish(),
  stream: flag,
  cache_prompt: flag,
  ignore_eos: flag,
  timings_per_token: flag,
  return_progress: flag,
  seed: z.int().nullish(),
  temperature: z.number().nullish(),
})

/** Keeps a prompt apart from every other: what `cache_prompt: false` comes to. */
let lastSalt = 0

export const completion: Endpoint = {
  ...llamaCppManners,
  parse: (body) => {
    const given = checked(schema, body)
    const prompt = typeof given.prompt === 'string' ? tokenize(given.prompt) : Int32Array.from(given.prompt)
    const { n_predict: asked, seed, temperature = 0.8 } = given
    return {
      request: {
        model: undefined,
        prompt,
        maxTokens: typeof asked === 'number' && asked >= 0 ? asked : undefined,
        minTokens: 0,
        ignoreEos: given.ignore_eos ?? false,
        stream: given.stream ?? false,
        streamInterval: 1,
        outputSeed: outputSeed(prompt, { seed: seed === -1 ? undefined : seed, greedy: temperature === 0 }),
        salt: given.cache_prompt === false ? ++lastSalt : 0,
        reasons: false,
      },
      shape: (identity) =>
        llamaCppShape(identity, {
          prompt: typeof given.prompt === 'string' ? given.prompt : '',
          progress: given.return_progress ?? false,
          timings: given.timings_per_token ?? false,
        }),
    }
  },
}
