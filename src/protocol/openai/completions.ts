import type { Api } from '../api.js'
import { bearer } from '../bearer.js'
import { promptOf } from '../body.js'
import { httpFailure } from '../failure.js'
import { encodeBody } from './encode.js'
import { createOpenAiDecoder } from './stream.js'

/** OpenAI Completions. It takes no tools. */
export const openAiCompletions: Api = {
  name: 'openai-completions',
  path: '/v1/completions',
  headers: {},
  authorize: bearer,
  encode: (request) => encodeBody({ ...request, tools: undefined }, { prompt: promptOf(request) }),
  createDecoder: createOpenAiDecoder,
  failureOf: httpFailure,
}
