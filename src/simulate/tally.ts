import type { Progress } from './backend.js'
import type { Counts, Times } from './shape.js'

interface TallyOptions {
  readonly promptTokens: number
  readonly reasoningTokens: number
  readonly arrivalNs: number
  readonly loadNs: number
  /** Tokens told of for each that there is. */
  readonly factor: number
}

/** Counts and times of one answer as it grows. */
export class Tally {
  readonly #options: TallyOptions
  #tokens = 0
  #cached = 0
  #startedNs = 0
  #firstNs = 0
  #endNs = 0

  constructor(options: TallyOptions) {
    this.#options = options
  }

  /** Output tokens so far. */
  get tokens(): number {
    return this.#tokens
  }

  /** Takes note of the next token's time; `take` counts it. */
  see({ atNs, startedNs, cachedTokens }: Progress): void {
    if (this.#tokens === 0) {
      this.#cached = cachedTokens
      this.#startedNs = startedNs
      this.#firstNs = atNs
    }
    this.#endNs = atNs
  }

  /** Counts one token; its index. */
  take(): number {
    return this.#tokens++
  }

  isReasoning(index: number): boolean {
    return index < this.#options.reasoningTokens
  }

  get counts(): Counts {
    const { promptTokens, reasoningTokens, factor } = this.#options
    return {
      prompt: promptTokens * factor,
      output: this.#tokens * factor,
      reasoning: Math.min(this.#tokens, reasoningTokens) * factor,
      cached: this.#cached * factor,
    }
  }

  get times(): Times {
    const { arrivalNs, loadNs } = this.#options
    return { arrivalNs, loadNs, startedNs: this.#startedNs, firstNs: this.#firstNs, endNs: this.#endNs }
  }
}
