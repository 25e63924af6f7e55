import { FreeList } from './free-list.js'

/** The chained content hash of a full block: equal when the block and everything before it hold the same tokens. */
export type BlockHash = number

/**
 * The KV cache's blocks: reference counts, the free list and the prefix cache over full blocks.
 *
 * Block 0 is reserved (the engine's null block), so `usable` is one less than the configured number. A freed block that
 * holds cached content goes to the tail of the free list and stays hittable until it is handed out again; one without
 * goes to the head. A sequence is freed tail first, so its last blocks are overwritten before its first ones.
 */
export class BlockPool {
  readonly usable: number
  readonly #refs: Int32Array
  readonly #hashes: (BlockHash | undefined)[]
  readonly #free: FreeList
  /** Several blocks may hold the same content: two equal prompts computed side by side. */
  readonly #cached = new Map<BlockHash, Set<number>>()

  constructor(numGpuBlocks: number) {
    this.usable = numGpuBlocks - 1
    this.#refs = new Int32Array(numGpuBlocks)
    this.#hashes = new Array<BlockHash | undefined>(numGpuBlocks).fill(undefined)
    this.#free = new FreeList(numGpuBlocks)
    for (let block = 1; block < numGpuBlocks; block++) this.#free.push(block)
  }

  /** Blocks nobody references, those with cached content included. */
  get free(): number {
    return this.#free.length
  }

  /** Share of usable blocks in use, 0 to 1. */
  get usage(): number {
    return this.usable === 0 ? 0 : 1 - this.free / this.usable
  }

  /** Takes `count` blocks; their cached content, if any, is lost. Call only with `count` <= `free`. */
  take(count: number): number[] {
    const taken: number[] = []
    for (let i = 0; i < count; i++) {
      const block = this.#free.shift()
      if (block === undefined) throw new RangeError(`asked for ${count} blocks, ${i} were free`)
      this.#forget(block)
      this.#refs[block] = 1
      taken.push(block)
    }
    return taken
  }

  /** Longest run of blocks from the start that hold `hashes`, at most `limit`. References nothing yet. */
  lookup(hashes: readonly BlockHash[], limit: number): number[] {
    const found: number[] = []
    for (const hash of hashes) {
      if (found.length >= limit) break
      const block = this.#cached.get(hash)?.values().next().value
      if (block === undefined) break
      found.push(block)
    }
    return found
  }

  /** How many of `blocks` lie in the free list: referencing them will shrink it by so many. */
  idleAmong(blocks: readonly number[]): number {
    return blocks.reduce((count, block) => count + (this.#refs[block] === 0 ? 1 : 0), 0)
  }

  /** Adds a reference to each block, waking those that were free. */
  touch(blocks: readonly number[]): void {
    for (const block of blocks) {
      if (this.#refs[block] === 0) this.#free.remove(block)
      this.#refs[block] = (this.#refs[block] ?? 0) + 1
    }
  }

  /** Makes a full block hittable under its hash. */
  cache(block: number, hash: BlockHash): void {
    if (this.#hashes[block] !== undefined) return
    this.#hashes[block] = hash
    const holders = this.#cached.get(hash)
    if (holders) holders.add(block)
    else this.#cached.set(hash, new Set([block]))
  }

  /** Drops one reference of each block of a sequence, given first to last. */
  release(blocks: readonly number[]): void {
    for (let i = blocks.length - 1; i >= 0; i--) {
      const block = blocks[i] ?? 0
      const refs = (this.#refs[block] ?? 0) - 1
      this.#refs[block] = refs
      if (refs > 0) continue
      if (this.#hashes[block] === undefined) this.#free.unshift(block)
      else this.#free.push(block)
    }
  }

  /** References per block number, for invariant checks. */
  references(): Int32Array {
    return this.#refs.slice()
  }

  /** Free blocks in the order of reuse, for invariant checks. */
  freeOrder(): number[] {
    return [...this.#free]
  }

  #forget(block: number): void {
    const hash = this.#hashes[block]
    if (hash === undefined) return
    this.#hashes[block] = undefined
    const holders = this.#cached.get(hash)
    holders?.delete(block)
    if (holders?.size === 0) this.#cached.delete(hash)
  }
}
