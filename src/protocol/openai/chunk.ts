import type { Usage } from '../api.js'

/** An event of either of OpenAI's two older shapes, as JSON. */
export interface Chunk {
  readonly model?: unknown
  readonly choices?: readonly Choice[]
  readonly usage?: RawUsage | null
  readonly error?: unknown
}

interface Choice {
  readonly text?: string | null
  readonly delta?: {
    readonly content?: string | null
    readonly reasoning?: string | null
    readonly reasoning_content?: string | null
    readonly refusal?: string | null
    readonly tool_calls?: readonly unknown[] | null
  } | null
  readonly token_ids?: readonly number[] | null
  readonly finish_reason?: string | null
}

interface RawUsage {
  readonly prompt_tokens?: number
  readonly completion_tokens?: number
  readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number } | null
}

/** What a chunk generated, over all its choices. */
interface Output {
  readonly text: string
  readonly bears: boolean
  readonly visible: boolean
}

export function parseChunk(data: string): Chunk | undefined {
  try {
    const value = JSON.parse(data) as unknown
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** A role alone, empty content and null are not output. */
export function outputOf(choices: readonly Choice[]): Output {
  const output = { text: '', bears: false, visible: false }
  for (const { delta, text, token_ids: ids } of choices) {
    const shown = (delta?.content ?? '') + (text ?? '')
    output.text += shown
    if (shown !== '' || delta?.refusal || delta?.tool_calls?.length) output.visible = true
    if (delta?.reasoning || delta?.reasoning_content || ids?.length) output.bears = true
  }
  output.bears ||= output.visible
  return output
}

/** TGI writes an empty string where others write null. */
export const finishOf = (choices: readonly Choice[]): string =>
  choices.reduce((finish, choice) => choice.finish_reason || finish, '')

export function usageOf(raw: RawUsage): Usage {
  const cachedTokens = raw.prompt_tokens_details?.cached_tokens
  const reasoningTokens = raw.completion_tokens_details?.reasoning_tokens
  return {
    ...(raw.prompt_tokens !== undefined && { inputTokens: raw.prompt_tokens }),
    ...(raw.completion_tokens !== undefined && { outputTokens: raw.completion_tokens }),
    ...(cachedTokens !== undefined && cachedTokens !== null && { cachedTokens }),
    ...(reasoningTokens !== undefined && reasoningTokens !== null && { reasoningTokens }),
  }
}
