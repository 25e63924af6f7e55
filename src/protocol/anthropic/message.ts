import type { Usage } from '../api.js'
import { countOf, type JsonObject, objectOf } from '../json.js'

/** The usage of one answer, told piece by piece: every count is a total, and the last one told holds. */
export class RunningUsage {
  #input: number | undefined
  #cacheCreated: number | undefined
  #cacheRead: number | undefined
  #output: number | undefined
  #thinking: number | undefined

  /** Takes the counts that `raw` tells. @returns all that is known now; undefined when nothing is */
  with(raw: JsonObject): Usage | undefined {
    this.#input = countOf(raw.input_tokens) ?? this.#input
    this.#cacheCreated = countOf(raw.cache_creation_input_tokens) ?? this.#cacheCreated
    this.#cacheRead = countOf(raw.cache_read_input_tokens) ?? this.#cacheRead
    this.#output = countOf(raw.output_tokens) ?? this.#output
    this.#thinking = countOf(objectOf(raw.output_tokens_details).thinking_tokens) ?? this.#thinking
    const told = this.#told()
    return Object.keys(told).length > 0 ? told : undefined
  }

  /** Anthropic counts apart what it read from the cache and what it put there: the prompt is the sum. */
  #told(): Usage {
    const inputTokens =
      this.#input === undefined ? undefined : this.#input + (this.#cacheCreated ?? 0) + (this.#cacheRead ?? 0)
    return {
      ...(inputTokens !== undefined && { inputTokens }),
      ...(this.#output !== undefined && { outputTokens: this.#output }),
      ...(this.#cacheRead !== undefined && { cachedTokens: this.#cacheRead }),
      ...(this.#thinking !== undefined && { reasoningTokens: this.#thinking }),
    }
  }
}

const FINISHES: ReadonlyMap<string, string> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
])

/** A stop reason in the words of OpenAI's chat, where it has them. */
export const finishOf = (stopReason: string): string => FINISHES.get(stopReason) ?? stopReason
