import type { Api } from '../api.js'
import { bearer } from '../bearer.js'
import { httpFailure } from '../failure.js'
import { encodeBody } from './encode.js'
import { createOpenAiDecoder } from './stream.js'

/** OpenAI Chat Completions, as vLLM, TGI, SGLang, llama.cpp and Ollama also serve it. */
export const openAiChat: Api = {
  name: 'openai-chat',
  path: '/v1/chat/completions',
  headers: {},
  templated: true,
  authorize: bearer,
  encode: (request) => encodeBody(request, { messages: request.messages }),
  createDecoder: createOpenAiDecoder,
  failureOf: httpFailure,
}
