import type { Api, PromptRequest } from '../api.js'
import { bearer } from '../bearer.js'
import { bodyText, promptOf } from '../body.js'
import { httpFailure } from '../failure.js'
import type { JsonObject } from '../json.js'
import { createOllamaDecoder } from './stream.js'

const common = {
  headers: {},
  templated: true,
  authorize: bearer,
  createDecoder: createOllamaDecoder,
  failureOf: httpFailure,
}

/** Ollama's chat. */
export const ollamaChat: Api = {
  ...common,
  name: 'ollama-chat',
  path: '/api/chat',
  encode: (request) =>
    encode(request, { messages: request.messages, ...(request.tools && { tools: request.tools }) }),
}

/** Ollama's completion of one prompt, to which it applies the model's template. It takes no tools. */
export const ollamaGenerate: Api = {
  ...common,
  name: 'ollama-generate',
  path: '/api/generate',
  encode: (request) => encode(request, { prompt: promptOf(request) }),
}

/** Nothing here asks for an exact length, or past the cache. */
const encode = (request: PromptRequest, content: JsonObject): string =>
  bodyText(
    {
      model: request.model,
      ...content,
      stream: true,
      ...(request.jsonSchema && { format: request.jsonSchema }),
      options: {
        num_predict: request.outputTokens,
        temperature: request.temperature ?? 0,
        ...(request.seed !== undefined && { seed: request.seed }),
      },
    },
    request.extraBody,
  )
