/** Something that has to happen at a moment. */
export interface Due {
  dueNs: number
  /** Place on the agenda, kept by it; −1 when it is on none. */
  place: number
}

/** What comes next: a binary heap, earliest on top. */
export class Agenda<T extends Due> {
  readonly #heap: T[] = []

  first(): T | undefined {
    return this.#heap[0]
  }

  add(item: T): void {
    this.#heap.push(item)
    this.#rise(item, this.#heap.length - 1)
  }

  /** To be told when the moment of an item has been put off. Among equals it then comes last. */
  putOff(item: T): void {
    this.#sink(item, item.place)
  }

  remove(item: T): void {
    const at = item.place
    if (at < 0) return
    item.place = -1
    const last = this.#heap.pop()
    if (last === undefined || last === item) return
    this.#rise(last, at)
    this.#sink(last, last.place)
  }

  #put(item: T, at: number): void {
    this.#heap[at] = item
    item.place = at
  }

  #rise(item: T, from: number): void {
    let at = from
    while (at > 0) {
      const parent = this.#heap[(at - 1) >> 1] as T
      if (parent.dueNs <= item.dueNs) break
      this.#put(parent, at)
      at = (at - 1) >> 1
    }
    this.#put(item, at)
  }

  #sink(item: T, from: number): void {
    const size = this.#heap.length
    let at = from
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      const right = this.#heap[child + 1]
      if (right !== undefined && right.dueNs < (this.#heap[child] as T).dueNs) child++
      const next = this.#heap[child] as T
      if (next.dueNs > item.dueNs) break
      this.#put(next, at)
      at = child
    }
    this.#put(item, at)
  }
}
