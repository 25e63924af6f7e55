import type { Api } from '../api.js'
import { bearer } from '../bearer.js'
import { httpFailure } from '../failure.js'
import { encodeResponses } from './encode.js'
import { createResponsesDecoder } from './stream.js'

/** OpenAI Responses, as vLLM and llama.cpp also serve it. */
export const openAiResponses: Api = {
  name: 'openai-responses',
  path: '/v1/responses',
  headers: {},
  templated: true,
  // OpenAI's; others take less.
  minOutputTokens: 16,
  authorize: bearer,
  encode: encodeResponses,
  createDecoder: createResponsesDecoder,
  failureOf: httpFailure,
}
