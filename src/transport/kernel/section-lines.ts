import { CR, LF, showOctet, textEnd } from './octets.js'

const MAX_SECTION_BYTES = 64 * 1024

/**
 * Cuts a head or a trailer section into its lines. They end in CR LF and in nothing else, and hold no control character
 * but the tab: what one reader takes for the end of a line and another does not is how answers are smuggled.
 */
export class SectionLines {
  /** The line that the last `take` completed, without its CR LF. */
  line: string | undefined
  /** What is wrong, after which nothing more may be taken. */
  fault: string | undefined
  /** The line so far. */
  held = ''
  #atLf = false
  #room = MAX_SECTION_BYTES

  restart(): void {
    this.line = undefined
    this.fault = undefined
    this.held = ''
    this.#atLf = false
    this.#room = MAX_SECTION_BYTES
  }

  /** Takes octets of [from, to), at most to the end of a line. @returns the first place that was not taken */
  take(bytes: Buffer, from: number, to: number): number {
    const end = Math.min(to, from + this.#room)
    let at = from
    this.line = undefined
    if (!this.#atLf) {
      at = textEnd(bytes, from, end)
      // Nearly every line lies whole in one read, so this copies it once.
      this.held += bytes.toString('latin1', from, at)
      if (at < end) at = this.#expect(CR, bytes, at)
    }
    if (this.#atLf && at < end) at = this.#expect(LF, bytes, at)
    this.#room -= at - from
    const full = at === end && end < to && this.line === undefined
    if (full) this.fault ??= `more than ${MAX_SECTION_BYTES} bytes`
    return at
  }

  #expect(octet: number, bytes: Buffer, at: number): number {
    const seen = bytes[at] as number
    if (seen !== octet) {
      this.fault = `forbidden octet ${showOctet(seen)}`
      return at
    }
    this.#atLf = octet === CR
    if (octet === LF) {
      this.line = this.held
      this.held = ''
    }
    return at + 1
  }
}
