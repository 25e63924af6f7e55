import type { Api } from '../api.js'
import { encodeBody } from './encode.js'
import { httpFailure } from './errors.js'
import { type Choice, type ChoiceOutput, createOpenAiDecoder } from './stream.js'

/** OpenAI Chat Completions, as vLLM, TGI, SGLang, llama.cpp and Ollama also serve it. */
export const openAiChat: Api = {
  name: 'openai-chat',
  path: '/v1/chat/completions',
  encode: (request) => encodeBody(request, { messages: request.messages }),
  createDecoder: (sink) => createOpenAiDecoder(sink, chatOutput),
  failureOf: httpFailure,
}

/** A role alone, empty content and null are not output. */
function chatOutput(choice: Choice, out: ChoiceOutput): void {
  const delta = choice.delta
  if (!delta) return
  if (delta.content) {
    out.bears = true
    out.visible = true
    out.text += delta.content
  }
  if (delta.reasoning || delta.reasoning_content) out.bears = true
  if (delta.refusal || (delta.tool_calls && delta.tool_calls.length > 0)) {
    out.bears = true
    out.visible = true
  }
  if (choice.token_ids && choice.token_ids.length > 0) out.bears = true
}
