import type { Usage } from '../api.js'
import { countOf, type JsonObject, objectOf, textOf } from '../json.js'

/** The counts of a finished answer; undefined where it has none. */
export function usageOf(raw: unknown): Usage | undefined {
  const usage = objectOf(raw)
  const inputTokens = countOf(usage.input_tokens)
  const outputTokens = countOf(usage.output_tokens)
  if (inputTokens === undefined && outputTokens === undefined) return undefined
  const cachedTokens = countOf(objectOf(usage.input_tokens_details).cached_tokens)
  const reasoningTokens = countOf(objectOf(usage.output_tokens_details).reasoning_tokens)
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(cachedTokens !== undefined && { cachedTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
  }
}

/** @returns why an answer ended, in the words of OpenAI's chat where it has them; undefined when it failed */
export function finishOf(status: string, response: JsonObject): string | undefined {
  if (status === 'completed') return 'stop'
  if (status !== 'incomplete') return undefined
  const reason = textOf(objectOf(response.incomplete_details).reason)
  // Servers that give no reason know no other.
  return reason === '' || reason === 'max_output_tokens' ? 'length' : reason
}
