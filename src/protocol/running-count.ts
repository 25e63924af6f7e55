/** A running count of tokens on every event tells how many tokens that one brought. */
export class RunningCount {
  #total = 0

  /** @param total undefined when an event does not tell. @returns tokens since the last that did; -1 when unknown */
  since(total: number | undefined): number {
    if (total === undefined) return -1
    const fresh = Math.max(0, total - this.#total)
    this.#total = Math.max(total, this.#total)
    return fresh
  }
}
