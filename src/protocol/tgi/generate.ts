import type { Api, PromptRequest } from '../api.js'
import { bearer } from '../bearer.js'
import { bodyText, promptOf } from '../body.js'
import { httpFailure } from '../failure.js'
import { createTgiDecoder } from './stream.js'

/** The own API of Hugging Face's text-generation-inference. */
export const tgiGenerate: Api = {
  name: 'tgi-generate',
  path: '/generate_stream',
  headers: {},
  authorize: bearer,
  encode,
  createDecoder: createTgiDecoder,
  failureOf: httpFailure,
}

/**
 * Nothing here asks for an exact length, for tools, or past the cache. Greedy is the want of sampling: a temperature of 0
 * is refused. Counts come only with `details`.
 */
function encode(request: PromptRequest): string {
  const { temperature = 0, seed, jsonSchema } = request
  const parameters = {
    max_new_tokens: request.outputTokens,
    details: true,
    do_sample: temperature > 0,
    ...(temperature > 0 && { temperature }),
    ...(seed !== undefined && { seed }),
    ...(jsonSchema && { grammar: { type: 'json', value: jsonSchema } }),
  }
  return bodyText({ inputs: promptOf(request), parameters }, request.extraBody)
}
