import { z } from 'zod'
import { tokenize } from '../../tokenizer.js'
import { checked, flag, outputSeed } from '../body.js'
import type { Ask, Endpoint } from '../dialect.js'
import { tgiManners } from './manners.js'
import { compatible, tgiShape } from './shape.js'

const schema = z.looseObject({
  inputs: z.string().min(1),
  stream: flag,
  parameters: z
    .looseObject({
      max_new_tokens: z.int().min(1).nullish(),
      details: flag,
      do_sample: flag,
      return_full_text: flag,
      seed: z.int().min(0).nullish(),
    })
    .nullish(),
})

function parse(body: unknown, streams: boolean | undefined): Ask {
  const { inputs, stream, parameters } = checked(schema, body)
  const prompt = tokenize(inputs)
  const {
    max_new_tokens: maxTokens,
    details,
    seed,
    do_sample: sample,
    return_full_text: full,
  } = parameters ?? {}
  return {
    request: {
      model: undefined,
      prompt,
      maxTokens: maxTokens ?? undefined,
      minTokens: 0,
      ignoreEos: false,
      stream: streams ?? stream ?? false,
      // One event per token is how this API counts them.
      streamInterval: 1,
      outputSeed: outputSeed(prompt, { seed, greedy: !sample }),
      salt: 0,
      reasons: false,
    },
    shape: () =>
      tgiShape({ details: details ?? false, before: full ? inputs : '', seed: seed ?? null, inputs }),
  }
}

export const generateStream: Endpoint = { ...tgiManners(true), parse: (body) => parse(body, true) }
export const generateWhole: Endpoint = { ...tgiManners(false), parse: (body) => parse(body, false) }

/** `POST /`, streamed or not as the body says; an answer in one piece is the only element of a list. */
export const generateEither: Endpoint = {
  ...tgiManners(undefined),
  parse: (body) => {
    const ask = parse(body, undefined)
    return { ...ask, shape: (identity) => compatible(ask.shape(identity)) }
  },
}
