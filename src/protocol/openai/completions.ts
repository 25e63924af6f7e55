import type { Api } from '../api.js'
import { bearer } from '../bearer.js'
import { httpFailure } from '../failure.js'
import { encodeBody } from './encode.js'
import { createOpenAiDecoder } from './stream.js'

/** OpenAI Completions: the messages' contents, joined, are the prompt. */
export const openAiCompletions: Api = {
  name: 'openai-completions',
  path: '/v1/completions',
  headers: {},
  authorize: bearer,
  encode: (request) => encodeBody(request, { prompt: request.messages.map((m) => m.content).join('\n') }),
  createDecoder: createOpenAiDecoder,
  failureOf: httpFailure,
}
