/**
 * Free blocks in the order in which they are handed out: a doubly linked list over block numbers, so that a block that a
 * prefix hit wakes can leave from the middle at once.
 *
 *     head (reused next) ── … ── tail (reused last)
 */
export class FreeList {
  readonly #next: Int32Array
  readonly #previous: Int32Array
  readonly #end: number
  #length = 0

  /** Room for blocks 0 … `capacity`-1; starts empty. */
  constructor(capacity: number) {
    this.#next = new Int32Array(capacity + 1).fill(-1)
    this.#previous = new Int32Array(capacity + 1).fill(-1)
    this.#end = capacity
    this.#link(this.#end, this.#end)
  }

  get length(): number {
    return this.#length
  }

  /** The block to reuse next, taken out; undefined when there is none. */
  shift(): number | undefined {
    const head = this.#next[this.#end] ?? this.#end
    if (head === this.#end) return undefined
    this.remove(head)
    return head
  }

  unshift(block: number): void {
    this.#insert(this.#end, block)
  }

  push(block: number): void {
    this.#insert(this.#previous[this.#end] ?? this.#end, block)
  }

  /** Takes out a block that is known to be in the list. */
  remove(block: number): void {
    this.#link(this.#previous[block] ?? this.#end, this.#next[block] ?? this.#end)
    this.#length--
  }

  *[Symbol.iterator](): Generator<number> {
    for (
      let block = this.#next[this.#end] ?? this.#end;
      block !== this.#end;
      block = this.#next[block] ?? this.#end
    )
      yield block
  }

  #insert(after: number, block: number): void {
    const before = this.#next[after] ?? this.#end
    this.#link(after, block)
    this.#link(block, before)
    this.#length++
  }

  #link(left: number, right: number): void {
    this.#next[left] = right
    this.#previous[right] = left
  }
}
