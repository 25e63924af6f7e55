import { monotonicNs } from '../base/index.js'

interface Entry {
  readonly atNs: number
  readonly order: number
  readonly act: (atNs: number) => void
}

/** Timers are good to about a millisecond; the rest of a wait is spun through `setImmediate`. */
const SPIN_NS = 2e6
/** After so much work in one go the sockets get their turn. */
const TURN_NS = 4e6

/**
 * Acts at moments of the machine's monotonic clock, strictly in order of time (then of entry). An act is told the
 * moment it was planned for, not when it came to run: what it plans from there does not drift when the process is late.
 */
export class Agenda {
  readonly #heap: Entry[] = []
  #order = 0
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #wakeNs = Number.POSITIVE_INFINITY
  #closed = false
  /** Longest time an act ran after its moment, in ns. */
  maxLateNs = 0

  at(atNs: number, act: (atNs: number) => void): void {
    if (this.#closed) return
    this.#push({ atNs, order: this.#order++, act })
    if (this.#immediate === undefined && atNs < this.#wakeNs) this.#arm()
  }

  close(): void {
    this.#closed = true
    this.#heap.length = 0
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
  }

  #arm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const first = this.#heap[0]
    if (first === undefined) {
      this.#wakeNs = Number.POSITIVE_INFINITY
      return
    }
    const leftNs = first.atNs - monotonicNs()
    this.#wakeNs = first.atNs
    if (leftNs > SPIN_NS) this.#timer = setTimeout(this.#tick, (leftNs - SPIN_NS) / 1e6)
    else this.#immediate = setImmediate(this.#tick)
  }

  readonly #tick = (): void => {
    this.#immediate = undefined
    const beganNs = monotonicNs()
    for (let nowNs = beganNs; nowNs - beganNs < TURN_NS; nowNs = monotonicNs()) {
      const first = this.#heap[0]
      if (first === undefined || first.atNs > nowNs) break
      this.#pop()
      this.maxLateNs = Math.max(this.maxLateNs, nowNs - first.atNs)
      first.act(first.atNs)
    }
    // An act may have armed already, for something that has come to the front meanwhile.
    if (this.#immediate === undefined && !this.#closed) this.#arm()
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let i = heap.length
    heap.push(entry)
    while (i > 0) {
      const parent = (i - 1) >> 1
      const above = heap[parent]
      if (above === undefined || isBefore(above, entry)) break
      heap[i] = above
      i = parent
    }
    heap[i] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let i = 0
    for (;;) {
      const left = heap[2 * i + 1]
      const right = heap[2 * i + 2]
      if (left === undefined) break
      const goRight = right !== undefined && isBefore(right, left)
      const child = goRight ? right : left
      if (isBefore(last, child)) break
      heap[i] = child
      i = 2 * i + (goRight ? 2 : 1)
    }
    heap[i] = last
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.atNs < b.atNs || (a.atNs === b.atNs && a.order < b.order)
