import type { BlockHash } from './blocks.js'

export type FinishReason = 'stop' | 'length'

/** What the engine is asked to compute. The output is decided beforehand: the engine only decides *when* it appears. */
export interface EngineRequest {
  readonly id: string
  readonly prompt: Int32Array
  /** Tokens to generate, at least 1; cut short where the context ends. */
  readonly outputTokens: number
  /** Why generation ends once `outputTokens` are there. */
  readonly finish: FinishReason
  /** Token id of the `index`-th output token, from 0. */
  tokenAt(index: number): number
  /** Keeps the prefix cache of differently salted requests apart. */
  readonly salt: number
  /** When the front end received it, in ns; at or before it is added to the engine. */
  readonly arrivalNs: number
}

/** A request inside the engine: its tokens so far, the KV it holds, and its times in ns. */
export class Sequence {
  readonly request: EngineRequest
  readonly outputTokens: number
  readonly finish: FinishReason
  readonly queuedNs: number
  /** Output so far, by token id. Kept through preemptions. */
  readonly output: number[] = []
  blocks: number[] = []
  /** Tokens whose KV exists. */
  computed = 0
  /** Tokens of the step under way. */
  scheduled = 0
  state: 'waiting' | 'running' | 'preempted' | 'gone' = 'waiting'
  /** Preemptions since the last output: the counter takes them up only with the next one. */
  uncountedPreemptions = 0
  preemptions = 0
  firstScheduledNs: number | undefined
  firstTokenNs: number | undefined
  lastTokenNs: number | undefined
  /** Prompt tokens that were found in the prefix cache at first admission. */
  cachedPromptTokens = 0
  readonly #hashes: BlockHash[] = []

  constructor(request: EngineRequest, nowNs: number, maxModelLen: number) {
    const room = maxModelLen - request.prompt.length
    this.request = request
    this.queuedNs = nowNs
    this.outputTokens = Math.min(request.outputTokens, room)
    this.finish = request.outputTokens > room ? 'length' : request.finish
  }

  get id(): string {
    return this.request.id
  }

  /** Prompt and output so far. */
  get tokens(): number {
    return this.request.prompt.length + this.output.length
  }

  get isDone(): boolean {
    return this.output.length >= this.outputTokens
  }

  tokenAt(position: number): number {
    const { prompt } = this.request
    return (position < prompt.length ? prompt[position] : this.output[position - prompt.length]) ?? 0
  }

  /** Hashes of the first `count` full blocks; each block is hashed once in the sequence's life. */
  hashes(count: number, blockSize: number): readonly BlockHash[] {
    for (let i = this.#hashes.length; i < count; i++) {
      this.#hashes.push(this.#hashBlock(i * blockSize, blockSize, this.#hashes[i - 1] ?? this.request.salt))
    }
    return this.#hashes.length === count ? this.#hashes : this.#hashes.slice(0, count)
  }

  /** Two 32-bit multiplicative hashes joined to 53 bits: among a million blocks a false hit has odds of 1 in 10,000. */
  #hashBlock(from: number, length: number, parent: BlockHash): BlockHash {
    let low = (parent | 0) ^ 0x2c1b3c6d
    let high = (parent / 0x100000000) | (0 ^ 0x297a2d39)
    for (let position = from; position < from + length; position++) {
      const token = this.tokenAt(position)
      low = Math.imul(low ^ token, 0x9e3779b1)
      low ^= low >>> 15
      high = Math.imul(high ^ token, 0x85ebca77)
      high ^= high >>> 13
    }
    return (high & 0x1fffff) * 0x100000000 + (low >>> 0)
  }
}
