export const LF = 0x0a
export const CR = 0x0d
export const SEMICOLON = 0x3b
const TAB = 0x09
const SPACE = 0x20

/** The value of a hexadecimal digit by its octet, -1 for every other octet. */
export const HEX_VALUE: Int8Array = Int8Array.from({ length: 256 }, (_, octet) => {
  const digit = String.fromCharCode(octet)
  return /[0-9a-f]/i.test(digit) ? Number.parseInt(digit, 16) : -1
})

/** 1 for what a line may hold: tab, space, visible characters, and octets above 0x7f as they come. */
const IS_TEXT = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet === TAB || (octet >= SPACE && octet !== 0x7f) ? 1 : 0,
)

/** The first place in [from, to) that holds no text (a control character, CR and LF among them), or `to`. */
export function textEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && IS_TEXT[bytes[at] as number] === 1) at++
  return at
}

/**
 * From `start` on, without the spaces and tabs at both ends. Not `trim`, which also takes the octet 0xa0; not a pattern,
 * which takes quadratic time on a value of spaces.
 */
export function trimBlanks(text: string, start = 0): string {
  let from = start
  let to = text.length
  while (from < to && isBlank(text, from)) from++
  while (to > from && isBlank(text, to - 1)) to--
  return text.slice(from, to)
}

export function isBlank(text: string, index: number): boolean {
  const code = text.charCodeAt(index)
  return code === SPACE || code === TAB
}

/** What was seen, fit for a message: quoted, printable, at most 40 characters of it. */
export const show = (text: string): string =>
  JSON.stringify(text.length > 40 ? `${text.slice(0, 37)}...` : text).replace(/[^ -~]/g, '?')

/** An octet, fit for a message: `0x41`. */
export const showOctet = (octet: number): string => `0x${octet.toString(16).padStart(2, '0')}`
