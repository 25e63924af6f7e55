/** Bytes put one behind the other: adding costs what is added, however much there is. */
export class Gathered {
  #bytes: Buffer = Buffer.alloc(0)
  size = 0

  /** Those up to `size` are of meaning, until the next are added. */
  get bytes(): Buffer {
    return this.#bytes
  }

  add(bytes: Uint8Array, from: number, to: number): this {
    const size = this.size + to - from
    if (size > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, 2 * this.#bytes.length))
      larger.set(this.#bytes.subarray(0, this.size))
      this.#bytes = larger
    }
    this.#bytes.set(bytes.subarray(from, to), this.size)
    this.size = size
    return this
  }
}
