import { CR, HEX_VALUE, LF, SEMICOLON, showOctet, textEnd } from './octets.js'

const MAX_LINE_BYTES = 4 * 1024

// What the next octet belongs to.
const DIGITS = 0
const EXTENSION = 1
const LINE_FEED = 2

/**
 * Reads the line before each chunk, `fb;name=value CR LF`: digits, and extensions that mean nothing here but end like any
 * line. A sign, a prefix, a space or a bare LF that another reader might let pass is how chunks are smuggled.
 */
export class ChunkSizeLine {
  /** Octets of the chunk, once `take` has said that the line is whole. */
  size = 0
  /** What is wrong, after which nothing more may be taken. */
  fault: string | undefined
  whole = false
  #next = DIGITS
  #bytes = 0

  restart(): void {
    this.size = 0
    this.fault = undefined
    this.whole = false
    this.#next = DIGITS
    this.#bytes = 0
  }

  /** Takes octets of [from, to), at most to the end of the line. @returns the first place that was not taken */
  take(bytes: Buffer, from: number, to: number): number {
    // The bound counts the CR but not the LF.
    const end = Math.min(to, from + MAX_LINE_BYTES - this.#bytes)
    let at = from
    if (this.#next === DIGITS) at = this.#takeDigits(bytes, at, end)
    if (this.#next === EXTENSION) at = this.#takeExtension(bytes, at, end)
    if (this.#next === LINE_FEED && at < to) at = this.#takeLineFeed(bytes, at)
    else if (at === end && end < to) this.fault ??= `size line longer than ${MAX_LINE_BYTES} bytes`
    return at
  }

  #takeDigits(bytes: Buffer, from: number, end: number): number {
    let at = from
    for (; at < end; at++) {
      const digit = HEX_VALUE[bytes[at] as number] as number
      if (digit < 0) break
      this.size = this.size * 16 + digit
    }
    this.#bytes += at - from
    if (at === end) return at
    const octet = bytes[at]
    if (this.#bytes > 0 && octet === CR) this.#next = LINE_FEED
    else if (this.#bytes > 0 && octet === SEMICOLON) this.#next = EXTENSION
    else return this.#unexpected(bytes, at)
    this.#bytes++
    return at + 1
  }

  #takeExtension(bytes: Buffer, from: number, end: number): number {
    const at = textEnd(bytes, from, end)
    this.#bytes += at - from
    if (at === end) return at
    if (bytes[at] !== CR) return this.#unexpected(bytes, at)
    this.#next = LINE_FEED
    return at + 1
  }

  #takeLineFeed(bytes: Buffer, at: number): number {
    if (bytes[at] !== LF) return this.#unexpected(bytes, at)
    // Digits without end add up to infinity, never to NaN.
    if (this.size > Number.MAX_SAFE_INTEGER) this.fault = 'size of 2^53 bytes or more'
    this.whole = true
    return at + 1
  }

  #unexpected(bytes: Buffer, at: number): number {
    this.fault = `octet ${showOctet(bytes[at] as number)} in a size line`
    return at
  }
}
