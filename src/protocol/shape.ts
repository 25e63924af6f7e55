import { anyValue, begin, type Hole, string, TEXT, UNSURE } from './json-bytes.js'

/** Shapes a worker holds in mind; a target has a few: its answers, its reasoning, the canary's. */
const MAX_SHAPES = 16

/**
 * What events of a kind have in common: all but their text, and the values nobody asks for. An event of a known shape is
 * one output and nothing else, and need not be taken apart; all streams of a kind share one shape, so that what an event is
 * held against lies near.
 */
export class Shape {
  /** The bytes between the holes, one piece after the other; a piece ends where its hole begins. */
  readonly #fixed: Buffer
  readonly #pieceEnds: readonly number[]
  readonly #isText: readonly boolean[]
  /** Whether the text is part of the answer proper: reasoning is not. */
  readonly visible: boolean

  /** `bytes[from, to)` is an event that means one output; `holes` lie in it in order. */
  constructor(bytes: Buffer, from: number, to: number, holes: readonly Hole[], visible: boolean) {
    const pieces: Buffer[] = []
    const pieceEnds: number[] = []
    let at = from
    let size = 0
    for (const hole of holes) {
      pieces.push(bytes.subarray(at, hole.from))
      size += hole.from - at
      pieceEnds.push(size)
      at = hole.to
    }
    this.#fixed = Buffer.concat([...pieces, bytes.subarray(at, to)])
    this.#pieceEnds = pieceEnds
    this.#isText = holes.map((hole) => hole.kind === TEXT)
    this.visible = visible
  }

  /** Whether `bytes[from, to)` is such an event: the fixed bytes, and in each hole what may stand there in JSON. */
  fits(bytes: Buffer, from: number, to: number): boolean {
    const fixed = this.#fixed
    begin(bytes, to)
    let at = from
    let f = 0
    for (let hole = 0; hole < this.#pieceEnds.length; hole++) {
      const pieceEnd = this.#pieceEnds[hole] as number
      for (; f < pieceEnd; f++, at++) if (bytes[at] !== fixed[f]) return false
      const after = this.#isText[hole] ? string(at) : anyValue(at)
      // A text of two quotes is empty, and no output.
      if (after === UNSURE || (this.#isText[hole] && after === at + 2)) return false
      at = after
    }
    if (to - at !== fixed.length - f) return false
    for (; f < fixed.length; f++, at++) if (bytes[at] !== fixed[f]) return false
    return true
  }

  equals(other: Shape): boolean {
    return (
      this.visible === other.visible &&
      this.#fixed.equals(other.#fixed) &&
      this.#pieceEnds.join() === other.#pieceEnds.join() &&
      this.#isText.join() === other.#isText.join()
    )
  }
}

const known: Shape[] = []
let oldest = 0

/** The one shape of this kind that all streams share. */
export function sharedShape(candidate: Shape): Shape {
  const same = known.find((shape) => shape.equals(candidate))
  if (same !== undefined) return same
  if (known.length < MAX_SHAPES) known.push(candidate)
  else known[oldest++ % MAX_SHAPES] = candidate
  return candidate
}
