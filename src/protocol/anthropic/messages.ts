import type { Api } from '../api.js'
import { httpFailure } from '../failure.js'
import { encodeMessages } from './encode.js'
import { createMessagesDecoder } from './stream.js'

/** Anthropic Messages, as vLLM, SGLang, llama.cpp and Ollama also serve it. */
export const anthropicMessages: Api = {
  name: 'anthropic-messages',
  path: '/v1/messages',
  // The version that all who serve this API know; the events of later ones are the same.
  headers: { 'anthropic-version': '2023-06-01' },
  templated: true,
  authorize: (key) => ({ 'x-api-key': key }),
  encode: encodeMessages,
  createDecoder: createMessagesDecoder,
  failureOf: httpFailure,
}
