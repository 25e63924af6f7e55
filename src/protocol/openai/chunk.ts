import type { Usage } from '../api.js'
import { countOf, type JsonObject, listOf, objectOf, parseObject, textOf } from '../json.js'

/** An event of either of OpenAI's two older shapes. */
export interface Chunk {
  readonly model: string
  readonly choices: readonly JsonObject[]
  /** As it came; undefined where there is none. */
  readonly usage: JsonObject | undefined
  /** The whole event, where it tells of an error. */
  readonly error: JsonObject | undefined
  /** llama.cpp's account of its own work. */
  readonly timings: unknown
}

/** What a chunk generated, over all its choices. */
interface Output {
  readonly text: string
  readonly bears: boolean
  readonly visible: boolean
}

/** @returns undefined for what is no JSON object */
export function parseChunk(data: string): Chunk | undefined {
  const chunk = parseObject(data)
  if (chunk === undefined) return undefined
  const { model, choices, usage, timings } = chunk
  return {
    model: textOf(model),
    choices: listOf(choices).map(objectOf),
    usage: usage ? objectOf(usage) : undefined,
    error: chunk.error ? chunk : undefined,
    timings,
  }
}

/** A role alone, empty content and null are not output. */
export function outputOf(choices: readonly JsonObject[]): Output {
  const output = { text: '', bears: false, visible: false }
  for (const choice of choices) {
    const delta = objectOf(choice.delta)
    const shown = textOf(delta.content) + textOf(choice.text)
    output.text += shown
    if (shown || textOf(delta.refusal) || listOf(delta.tool_calls).length > 0) output.visible = true
    if (textOf(delta.reasoning) || textOf(delta.reasoning_content) || listOf(choice.token_ids).length > 0) {
      output.bears = true
    }
  }
  output.bears ||= output.visible
  return output
}

/** TGI writes an empty string where others write null. */
export const finishOf = (choices: readonly JsonObject[]): string =>
  choices.reduce((finish, choice) => textOf(choice.finish_reason) || finish, '')

export function usageOf(raw: JsonObject): Usage {
  const inputTokens = countOf(raw.prompt_tokens)
  const outputTokens = countOf(raw.completion_tokens)
  const cachedTokens = countOf(objectOf(raw.prompt_tokens_details).cached_tokens)
  const reasoningTokens = countOf(objectOf(raw.completion_tokens_details).reasoning_tokens)
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(cachedTokens !== undefined && { cachedTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
  }
}
