import { anthropicMessages } from './anthropic/messages.js'
import type { Api } from './api.js'
import { llamaCppCompletion } from './llamacpp/completion.js'
import { ollamaChat, ollamaGenerate } from './ollama/apis.js'
import { openAiChat } from './openai/chat.js'
import { openAiCompletions } from './openai/completions.js'
import { openAiResponses } from './responses/responses.js'
import { sglangGenerate } from './sglang/generate.js'
import { tgiGenerate } from './tgi/generate.js'

export type { Api, Decoder, DecodeSink, PromptRequest, Usage } from './api.js'
export { readHeaders } from './response-headers.js'

/** Every API spoken, in the order in which one is chosen where a server speaks several. */
export const APIS: readonly Api[] = [
  openAiChat,
  openAiCompletions,
  openAiResponses,
  anthropicMessages,
  tgiGenerate,
  ollamaChat,
  ollamaGenerate,
  llamaCppCompletion,
  sglangGenerate,
]

/** @throws when no folder under `protocol/` speaks it; the profile's schema lets no such name through. */
export function apiOf(name: string): Api {
  const api = APIS.find((candidate) => candidate.name === name)
  if (api === undefined) throw new Error(`no API named ${name}`)
  return api
}
