import type { Api } from '../api.js'
import { encodeBody } from './encode.js'
import { httpFailure } from './errors.js'
import { createOpenAiDecoder } from './stream.js'

/** OpenAI Completions: the messages' contents, joined, are the prompt. */
export const openAiCompletions: Api = {
  name: 'openai-completions',
  path: '/v1/completions',
  encode: (request) => encodeBody(request, { prompt: request.messages.map((m) => m.content).join('\n') }),
  createDecoder: (sink) =>
    createOpenAiDecoder(sink, (choice, out) => {
      if (!choice.text && !choice.token_ids?.length) return
      out.bears = true
      out.visible = true
      out.text += choice.text ?? ''
    }),
  failureOf: httpFailure,
}
