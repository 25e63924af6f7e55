/** Indices up to here have a bit each: eight megabytes at most. A plan is hardly longer; a damaged record may say anything. */
const BITS = 2 ** 26

/** Remembers whole numbers, for the most part small ones: a bit each, where a Set takes some forty bytes. */
export class IndexSet {
  #bits = new Uint8Array(1024)
  readonly #others = new Set<number>()

  /** @returns whether it was new */
  add(index: number): boolean {
    if (!(index >= 0 && index < BITS && Number.isInteger(index))) return this.#addOther(index)
    const at = index >>> 3
    const bit = 1 << (index & 7)
    if (at >= this.#bits.length) this.#grow(at)
    const byte = this.#bits[at] ?? 0
    this.#bits[at] = byte | bit
    return (byte & bit) === 0
  }

  #addOther(index: number): boolean {
    const before = this.#others.size
    return this.#others.add(index).size > before
  }

  #grow(at: number): void {
    const larger = new Uint8Array(2 ** Math.ceil(Math.log2(at + 1)))
    larger.set(this.#bits)
    this.#bits = larger
  }
}
