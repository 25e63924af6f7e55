import { NS_PER_MS } from '../base/index.js'
import { Column, WholeColumn } from './column.js'

/**
 * @param atNs stamp, in ns since the run's zero
 * @param tokens that the chunk stands for
 * @param gapNs since the chunk before of the same request; NaN for the first
 */
export type ChunkVisitor = (atNs: number, tokens: number, gapNs: number) => void

/**
 * Output chunks of all rows, as the records hold them: the time since the chunk before, and a count of tokens. Twelve bytes
 * a chunk; stamps are added up again on each visit.
 */
export class Chunks {
  readonly #stepNs = new Column()
  /** −1 where the server did not say. */
  readonly #tokens = new WholeColumn()
  readonly #ends = new Column()

  /** @param pairs as in `RequestRecord.chunks` */
  pushRow(pairs: readonly number[]): void {
    for (let i = 0; i < pairs.length; i += 2) {
      this.#stepNs.push(pairs[i] ?? 0)
      this.#tokens.push(pairs[i + 1] ?? 0)
    }
    this.#ends.push(this.#stepNs.length)
  }

  #from = (row: number): number => (row === 0 ? 0 : this.#ends.at(row - 1))

  count(row: number): number {
    return this.#ends.at(row) - this.#from(row)
  }

  /** Gaps between the chunks of a row in ms. The first chunk counts from the send, and is no gap. */
  gapsMs(row: number): readonly number[] {
    const gaps: number[] = []
    const end = this.#ends.at(row)
    for (let i = this.#from(row) + 1; i < end; i++) gaps.push(this.#stepNs.at(i) / NS_PER_MS)
    return gaps
  }

  /**
   * Visits the chunks of a row in their order. Where the server did not say how many tokens a chunk holds, the tokens that
   * the request's total leaves unaccounted for are shared out evenly over those chunks; without a total each counts as one.
   * No stamp is moved or added.
   *
   * @param startNs what the first chunk's time counts from
   * @param total output tokens of the request; NaN when not known
   */
  visit(row: number, startNs: number, total: number, visitor: ChunkVisitor): void {
    const from = this.#from(row)
    const end = this.#ends.at(row)
    const untold = this.#untoldShare(from, end, total)
    let atNs = startNs
    for (let i = from; i < end; i++) {
      const beforeNs = atNs
      atNs += this.#stepNs.at(i)
      const tokens = this.#tokens.at(i)
      visitor(atNs, tokens < 0 ? untold : tokens, i === from ? Number.NaN : atNs - beforeNs)
    }
  }

  #untoldShare(from: number, end: number, total: number): number {
    if (Number.isNaN(total)) return 1
    let told = 0
    let untold = 0
    for (let i = from; i < end; i++) {
      const tokens = this.#tokens.at(i)
      if (tokens < 0) untold++
      else told += tokens
    }
    return Math.max(0, total - told) / Math.max(1, untold)
  }
}
