import type { Api } from './api.js'
import { openAiChat } from './openai/chat.js'
import { openAiCompletions } from './openai/completions.js'

export type { Api, Decoder, DecodeSink, PromptRequest, Usage } from './api.js'
export { readHeaders } from './response-headers.js'

const APIS: readonly Api[] = [openAiChat, openAiCompletions]

/** @throws when no folder under `protocol/` speaks it; the profile's schema lets no such name through. */
export function apiOf(name: string): Api {
  const api = APIS.find((candidate) => candidate.name === name)
  if (api === undefined) throw new Error(`no API named ${name}`)
  return api
}
