/** A growing column of numbers: 8 bytes a value, no objects. A million requests fit where a million records would not. */
export class Column {
  #values = new Float64Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(this.#length * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#length++] = value
  }

  /** NaN outside the column. */
  at(i: number): number {
    return i < this.#length ? (this.#values[i] ?? Number.NaN) : Number.NaN
  }

  /** A view, not a copy; stale after the next push. */
  get values(): Float64Array {
    return this.#values.subarray(0, this.#length)
  }
}

/** Lists of numbers, one per row: all values in one column, and where each row's begin in another. */
export class RaggedColumn {
  readonly #values = new Column()
  readonly #ends = new Column()

  pushRow(values: Iterable<number>): void {
    for (const v of values) this.#values.push(v)
    this.#ends.push(this.#values.length)
  }

  /** The values of one row: a view. */
  row(i: number): Float64Array {
    return this.#values.values.subarray(i === 0 ? 0 : this.#ends.at(i - 1), this.#ends.at(i))
  }
}
