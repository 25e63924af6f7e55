import { BlockPool } from './blocks.js'
import type { Sequence } from './sequence.js'

export interface SchedulerSettings {
  /** Blocks of the KV cache, the reserved null block included. */
  readonly numGpuBlocks: number
  readonly blockSize: number
  readonly maxNumSeqs: number
  readonly maxNumBatchedTokens: number
  readonly maxModelLen: number
  readonly enablePrefixCaching: boolean
  /** Most prompt tokens of one request in one step; 0 = no limit but the budget. */
  readonly longPrefillTokenThreshold: number
  /** Admission needs room for the whole sequence, not only for its first chunk. */
  readonly reserveFullInput: boolean
  /** Share of blocks that admission leaves free while something runs. */
  readonly watermark: number
}

/** One sequence's part of a step. */
export interface Share {
  readonly sequence: Sequence
  /** Tokens computed before this step. */
  readonly from: number
  readonly tokens: number
  /** The sequence's last known token is computed in this step, so it produces the next one. */
  readonly emits: boolean
}

export interface Batch {
  readonly shares: readonly Share[]
  readonly admitted: readonly Sequence[]
  readonly preempted: readonly Sequence[]
  readonly tokens: number
}

interface CacheLookup {
  readonly queried: number
  readonly hit: number
}

/**
 * The scheduling step of vLLM V1: one token budget; running sequences first and in order of admission; preemption by
 * recompute of the one admitted last; then the waiting queue, strictly in order, unless something was preempted.
 */
export class Scheduler {
  readonly blocks: BlockPool
  readonly running: Sequence[] = []
  readonly waiting: Sequence[] = []
  readonly #settings: SchedulerSettings
  readonly #onLookup: (lookup: CacheLookup) => void

  constructor(settings: SchedulerSettings, onLookup: (lookup: CacheLookup) => void) {
    this.blocks = new BlockPool(settings.numGpuBlocks)
    this.#settings = settings
    this.#onLookup = onLookup
  }

  /** Decides the next step and takes its blocks. An empty batch means that there is nothing to do. */
  schedule(): Batch {
    const shares: Share[] = []
    const preempted: Sequence[] = []
    let budget = this.#runningFirst(shares, preempted)
    const admitted = preempted.length === 0 ? this.#admit(shares, budget) : []
    for (const share of shares) share.sequence.scheduled = share.tokens
    budget = shares.reduce((sum, share) => sum + share.tokens, 0)
    return { shares, admitted, preempted, tokens: budget }
  }

  /** Takes a sequence out, wherever it is, and frees its blocks. */
  remove(sequence: Sequence): void {
    const list = sequence.state === 'running' ? this.running : this.waiting
    const at = list.indexOf(sequence)
    if (at >= 0) list.splice(at, 1)
    this.#release(sequence)
    sequence.state = 'gone'
  }

  #runningFirst(shares: Share[], preempted: Sequence[]): number {
    let budget = this.#settings.maxNumBatchedTokens
    for (let i = 0; i < this.running.length && budget > 0; i++) {
      const sequence = this.running[i]
      if (sequence === undefined) break
      const contextLeft = this.#settings.maxModelLen - 1 - sequence.computed
      const tokens = Math.min(this.#chunk(sequence.tokens - sequence.computed, budget), contextLeft)
      if (tokens <= 0) continue
      if (!this.#makeRoom(sequence, tokens, preempted)) break
      shares.push(shareOf(sequence, tokens))
      budget -= tokens
    }
    return budget
  }

  /** Preempts from the end of the list until `sequence` fits; false when it had to preempt `sequence` itself. */
  #makeRoom(sequence: Sequence, tokens: number, preempted: Sequence[]): boolean {
    while (!this.#allocate(sequence, tokens)) {
      const victim = this.running.pop()
      if (victim === undefined) return false
      this.#preempt(victim)
      preempted.push(victim)
      if (victim === sequence) return false
    }
    return true
  }

  #preempt(victim: Sequence): void {
    this.#release(victim)
    victim.computed = 0
    victim.scheduled = 0
    victim.state = 'preempted'
    victim.preemptions++
    victim.uncountedPreemptions++
    this.waiting.unshift(victim)
  }

  #admit(shares: Share[], budgetLeft: number): Sequence[] {
    const admitted: Sequence[] = []
    let budget = budgetLeft
    while (budget > 0 && this.running.length < this.#settings.maxNumSeqs) {
      const sequence = this.waiting[0]
      if (sequence === undefined) break
      const hit = this.#lookup(sequence)
      const computed = hit.length * this.#settings.blockSize
      const tokens = this.#chunk(sequence.tokens - computed, budget)
      // Head of line: what does not fit keeps everything behind it waiting, however small.
      if (!this.#fits(sequence, hit, computed + tokens)) break
      this.waiting.shift()
      this.#start(sequence, hit, computed)
      this.#allocate(sequence, tokens)
      shares.push(shareOf(sequence, tokens))
      admitted.push(sequence)
      budget -= tokens
    }
    return admitted
  }

  #start(sequence: Sequence, hit: readonly number[], computed: number): void {
    this.blocks.touch(hit)
    sequence.blocks = [...hit]
    sequence.computed = computed
    // Resumed sequences are left out of the cache's statistics: they would find what they wrote themselves.
    if (sequence.state === 'waiting' && this.#settings.enablePrefixCaching) {
      sequence.cachedPromptTokens = computed
      this.#onLookup({ queried: sequence.tokens, hit: computed })
    }
    sequence.state = 'running'
    this.running.push(sequence)
  }

  #chunk(tokens: number, budget: number): number {
    const limit = this.#settings.longPrefillTokenThreshold
    return Math.min(tokens, budget, limit > 0 ? limit : tokens)
  }

  /** Whole cached blocks from the start; at least one token is always left to compute. */
  #lookup(sequence: Sequence): number[] {
    if (!this.#settings.enablePrefixCaching) return []
    const limit = Math.floor((sequence.tokens - 1) / this.#settings.blockSize)
    return this.blocks.lookup(sequence.hashes(limit, this.#settings.blockSize), limit)
  }

  #fits(sequence: Sequence, hit: readonly number[], firstTokens: number): boolean {
    const { blockSize, reserveFullInput, watermark, numGpuBlocks } = this.#settings
    const tokens = reserveFullInput ? sequence.tokens : firstTokens
    const fresh = Math.ceil(tokens / blockSize) - hit.length
    const kept = this.running.length > 0 ? Math.floor(watermark * numGpuBlocks) : 0
    return fresh + this.blocks.idleAmong(hit) + kept <= this.blocks.free
  }

  /** Takes the blocks that `tokens` more need; false, and nothing taken, when they are not free. */
  #allocate(sequence: Sequence, tokens: number): boolean {
    const { blockSize, enablePrefixCaching } = this.#settings
    const end = sequence.computed + tokens
    const need = Math.ceil(end / blockSize) - sequence.blocks.length
    if (need > this.blocks.free) return false
    if (need > 0) sequence.blocks.push(...this.blocks.take(need))
    if (enablePrefixCaching) this.#cacheFull(sequence, Math.floor(end / blockSize))
    return true
  }

  /** Blocks become hittable when scheduled, not when computed: an equal prompt in the same step finds them. */
  #cacheFull(sequence: Sequence, full: number): void {
    const { blockSize } = this.#settings
    const before = Math.floor(sequence.computed / blockSize)
    if (full <= before) return
    const hashes = sequence.hashes(full, blockSize)
    for (let i = before; i < full; i++) this.blocks.cache(sequence.blocks[i] ?? 0, hashes[i] ?? 0)
  }

  #release(sequence: Sequence): void {
    this.blocks.release(sequence.blocks)
    sequence.blocks = []
  }
}

const shareOf = (sequence: Sequence, tokens: number): Share => ({
  sequence,
  from: sequence.computed,
  tokens,
  emits: sequence.computed + tokens === sequence.tokens,
})
