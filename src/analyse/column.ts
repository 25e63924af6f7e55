/** What a column stores its values in: 8, 4 or 1 bytes a value, no objects. */
type Store = Float64Array | Int32Array | Uint8Array

/** A growing column of numbers. A million requests fit where a million records would not. */
class Growing<S extends Store> {
  readonly #make: (length: number) => S
  #values: S
  #length = 0

  constructor(make: (length: number) => S) {
    this.#make = make
    this.#values = make(1024)
  }

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = this.#make(this.#length * 2)
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
  get values(): S {
    return this.#values.subarray(0, this.#length) as S
  }
}

/** Any numbers; NaN where a value is absent. */
export class Column extends Growing<Float64Array> {
  constructor() {
    super((length) => new Float64Array(length))
  }
}

/** Whole numbers of at most 32 bits. */
export class WholeColumn extends Growing<Int32Array> {
  constructor() {
    super((length) => new Int32Array(length))
  }
}

/** Whole numbers from 0 to 255: flags and states. */
export class SmallColumn extends Growing<Uint8Array> {
  constructor() {
    super((length) => new Uint8Array(length))
  }
}
