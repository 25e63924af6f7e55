const charOf = (text: string): number => text.charCodeAt(0)
const QUOTE = charOf('"')
const BACKSLASH = charOf('\\')
const COMMA = charOf(',')
const MINUS = charOf('-')
const ZERO = charOf('0')
const OPEN = charOf('{')
const CLOSE = charOf('}')
const OPEN_LIST = charOf('[')
const CLOSE_LIST = charOf(']')
const SPACE = charOf(' ')

const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')

/** With so many digits a whole number is exact, and so is adding it up digit by digit. */
const EXACT_DIGITS = 15

const isClose = (byte: number): boolean => byte === CLOSE || byte === CLOSE_LIST

/** No place in the bytes. */
const NOWHERE = -1

/**
 * Reads the plainest of JSON off its bytes, value by value: whole numbers, texts without escapes, no space in between. What
 * it reads, it reads as `JSON.parse` would. At the first byte that is not as expected it is `lost`, and stays so: the values
 * of that call and of all further ones mean nothing.
 */
export class JsonCursor {
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0

  start(bytes: Buffer, at: number): void {
    this.#bytes = bytes
    this.#at = at
  }

  get at(): number {
    return this.#at
  }

  get lost(): boolean {
    return this.#at === NOWHERE
  }

  isNext(wanted: Uint8Array): boolean {
    const bytes = this.#bytes
    const at = this.#at
    for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false
    return true
  }

  skip(count: number): void {
    this.#at += count
  }

  /** The byte here, then goes on behind it. */
  take(): number {
    return this.#bytes[this.#at++] ?? 0
  }

  number(): number {
    const bytes = this.#bytes
    let at = this.#at
    const negative = bytes[at] === MINUS
    if (negative) at++
    const from = at
    let value = 0
    for (let digit = (bytes[at] ?? 0) - ZERO; digit >= 0 && digit <= 9; digit = (bytes[at] ?? 0) - ZERO) {
      value = value * 10 + digit
      at++
    }
    const digits = at - from
    const padded = digits > 1 && bytes[from] === ZERO
    this.#at = digits === 0 || digits > EXACT_DIGITS || padded ? NOWHERE : at
    return negative ? -value : value
  }

  /** A list of numbers, into `list`. @returns how many */
  numbers(list: number[]): number {
    const bytes = this.#bytes
    list.length = 0
    if (bytes[this.#at] !== OPEN_LIST) this.#at = NOWHERE
    else if (bytes[this.#at + 1] === CLOSE_LIST) this.#at += 2
    else {
      do {
        this.#at++
        list.push(this.number())
      } while (!this.lost && bytes[this.#at] === COMMA)
      this.#at = !this.lost && bytes[this.#at] === CLOSE_LIST ? this.#at + 1 : NOWHERE
    }
    return list.length
  }

  /** One of several texts, given with their quotes. @returns its place among them */
  word(words: readonly Uint8Array[]): number {
    for (let place = 0; place < words.length; place++) {
      const word = words[place]
      if (word === undefined || !this.isNext(word)) continue
      this.#at += word.length
      return place
    }
    this.#at = NOWHERE
    return NOWHERE
  }

  boolean(): boolean {
    const is = this.isNext(TRUE)
    if (is) this.#at += TRUE.length
    else this.#at = this.isNext(FALSE) ? this.#at + FALSE.length : NOWHERE
    return is
  }

  text(): string {
    const from = this.#at
    this.skipText()
    return this.lost ? '' : this.#bytes.toString('utf8', from + 1, this.#at - 1)
  }

  skipText(): void {
    let at = this.#bytes[this.#at] === QUOTE ? this.#at + 1 : NOWHERE
    while (at !== NOWHERE && this.#bytes[at] !== QUOTE) {
      const byte = this.#bytes[at] ?? 0
      // Control characters, the line's end among them, have no place in a text.
      at = byte === BACKSLASH || byte < SPACE ? NOWHERE : at + 1
    }
    this.#at = at === NOWHERE ? NOWHERE : at + 1
  }

  /** An object or a list, whatever it holds: its end is found by its brackets, the rest is left to JSON.parse. */
  nested(): unknown {
    const from = this.#at
    let depth = 0
    do {
      const byte = this.#bytes[this.#at] ?? 0
      if (byte === OPEN || byte === OPEN_LIST) depth++
      else if (byte === CLOSE || byte === CLOSE_LIST) depth--
      if (byte === QUOTE && depth > 0) this.skipText()
      else this.#at = depth === 0 && !isClose(byte) ? NOWHERE : byte < SPACE ? NOWHERE : this.#at + 1
    } while (depth > 0 && !this.lost)
    return this.lost ? undefined : this.#parsed(from, this.#at)
  }

  #parsed(from: number, to: number): unknown {
    try {
      return JSON.parse(this.#bytes.toString('utf8', from, to))
    } catch {
      this.#at = NOWHERE
      return undefined
    }
  }
}
