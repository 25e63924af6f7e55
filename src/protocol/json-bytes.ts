/**
 * A walk over the bytes of one JSON text that hands out where things lie and makes neither string nor object. It is for
 * texts whose shape is known and that come by the thousand; it never accepts what JSON.parse refuses, but declines some
 * rare things that JSON.parse accepts (a name with escapes, deep nesting).
 */

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39

/** What lies deeper than this is declined: a walk over a million brackets would use the stack up. */
const MAX_DEPTH = 64

/** Instead of a position: not sure. */
export const UNSURE = -1

/** Reads the value of a field whose name lies in [from, to). @returns the position behind it, or UNSURE */
export type OnField = (from: number, to: number, valueAt: number) => number

/** A value of no interest. */
const IGNORED = 0
/** The text of an output: a string that is not empty. */
export const TEXT = 1

/** A value in whose place another could stand, and the text would mean the same. */
export interface Hole {
  readonly from: number
  readonly to: number
  readonly kind: typeof IGNORED | typeof TEXT
}

/** Those that the last walk met, in order. */
export const holes: Hole[] = []

// The text being read. One thread reads one at a time, and nothing below calls out.
let bytes: Buffer = Buffer.alloc(0)
let end = 0
let depth = 0

/** What follows reads `source` up to `to`. */
export function begin(source: Buffer, to: number): void {
  bytes = source
  end = to
  depth = 0
}

/** @returns whether [from, to) holds one object, and nothing else, whose every field `onField` could read */
export function walkObject(source: Buffer, from: number, to: number, onField: OnField): boolean {
  begin(source, to)
  holes.length = 0
  const after = object(space(from), onField)
  return after !== UNSURE && space(after) === end
}

export const isString = (at: number): boolean => bytes[at] === QUOTE
export const isObject = (at: number): boolean => bytes[at] === OPEN_OBJECT
export const isList = (at: number): boolean => bytes[at] === OPEN_LIST

export function object(from: number, onField: OnField): number {
  if (bytes[from] !== OPEN_OBJECT) return UNSURE
  let at = space(from + 1)
  if (bytes[at] === CLOSE_OBJECT && at < end) return at + 1
  while (at < end) {
    const nameEnd = bytes[at] === QUOTE ? name(at) : UNSURE
    if (nameEnd === UNSURE) return UNSURE
    const colon = space(nameEnd + 1)
    if (bytes[colon] !== COLON) return UNSURE
    const after = onField(at + 1, nameEnd, space(colon + 1))
    if (after === UNSURE) return UNSURE
    at = space(after)
    if (at >= end) return UNSURE
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    if (bytes[at] !== COMMA) return UNSURE
    at = space(at + 1)
  }
  return UNSURE
}

export function list(from: number, onItem: (at: number) => number): number {
  if (bytes[from] !== OPEN_LIST) return UNSURE
  let at = space(from + 1)
  if (bytes[at] === CLOSE_LIST && at < end) return at + 1
  while (at < end) {
    const after = onItem(at)
    if (after === UNSURE) return UNSURE
    at = space(after)
    if (at >= end) return UNSURE
    if (bytes[at] === CLOSE_LIST) return at + 1
    if (bytes[at] !== COMMA) return UNSURE
    at = space(at + 1)
  }
  return UNSURE
}

/** A value that says nothing to us. Nested ones are read on like any other, so that nothing malformed slips by. */
export function skip(at: number): number {
  const octet = bytes[at] ?? 0
  if (octet === QUOTE || octet === MINUS || isDigit(at)) {
    const after = anyValue(at)
    holes.push({ from: at, to: after, kind: IGNORED })
    return after
  }
  if (octet === OPEN_OBJECT || octet === OPEN_LIST) return skipNested(at, octet)
  if (octet === 0x6e) return literalNull(at)
  if (octet === 0x74) return is(at, at + 4, TRUE) && at + 4 <= end ? at + 4 : UNSURE
  if (octet === 0x66) return is(at, at + 5, FALSE) && at + 5 <= end ? at + 5 : UNSURE
  return UNSURE
}

function skipNested(at: number, octet: number): number {
  if (depth === MAX_DEPTH) return UNSURE
  depth++
  const after = octet === OPEN_OBJECT ? object(at, skipField) : list(at, skip)
  depth--
  return after
}

/** A string or a number. */
export const anyValue = (at: number): number => (bytes[at] === QUOTE ? string(at) : number(at))

/** The text of an output, of which there may be others. */
export function textHole(from: number, to: number): void {
  holes.push({ from, to, kind: TEXT })
}

const skipField: OnField = (_from, _to, at) => skip(at)

function number(from: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from
  let at = digits(first)
  const whole = at - first
  if (whole === 0 || (whole > 1 && bytes[first] === ZERO)) return UNSURE
  if (at < end && bytes[at] === 0x2e) {
    const fraction = at + 1
    at = digits(fraction)
    if (at === fraction) return UNSURE
  }
  return at < end && ((bytes[at] ?? 0) | 0x20) === 0x65 ? exponent(at + 1) : at
}

function exponent(from: number): number {
  const isSigned = from < end && (bytes[from] === MINUS || bytes[from] === 0x2b)
  const first = isSigned ? from + 1 : from
  const at = digits(first)
  return at === first ? UNSURE : at
}

function digits(from: number): number {
  let at = from
  while (at < end && isDigit(at)) at++
  return at
}

const isDigit = (at: number): boolean => {
  const octet = bytes[at] ?? 0
  return octet >= ZERO && octet <= NINE
}

export function literalNull(at: number): number {
  return at + 4 <= end && is(at, at + 4, NULL) ? at + 4 : UNSURE
}

/** @returns the position of the closing quote of a name without escapes */
export function name(from: number): number {
  let at = from + 1
  for (let octet = bytes[at] ?? 0; octet !== QUOTE; octet = bytes[++at] ?? 0) {
    if (octet === BACKSLASH || octet < 0x20 || at >= end) return UNSURE
  }
  return at < end ? at : UNSURE
}

/** @returns the position behind the closing quote */
export function string(from: number): number {
  let at = from + 1
  while (at < end) {
    const octet = bytes[at] ?? 0
    if (octet === QUOTE) return at + 1
    if (octet < 0x20) return UNSURE
    if (octet !== BACKSLASH) at++
    else {
      const size = escapeSize(at)
      if (size === 0) return UNSURE
      at += size
    }
  }
  return UNSURE
}

/** Length of the escape at a backslash; 0 for none that JSON knows. */
function escapeSize(at: number): number {
  const octet = bytes[at + 1] ?? 0
  if (octet === 0x75) return isHex(at + 2) && isHex(at + 3) && isHex(at + 4) && isHex(at + 5) ? 6 : 0
  return SHORT_ESCAPES.includes(octet) ? 2 : 0
}

const SHORT_ESCAPES = Buffer.from('"\\/bfnrt')

function isHex(at: number): boolean {
  const octet = (bytes[at] ?? 0) | 0x20
  return at < end && (isDigit(at) || (octet >= 0x61 && octet <= 0x66))
}

function space(from: number): number {
  let at = from
  while (at < end) {
    const octet = bytes[at]
    if (octet !== 0x20 && octet !== 0x0a && octet !== 0x0d && octet !== 0x09) break
    at++
  }
  return at
}

/** What `count` read last. */
export let counted = 0

/** A whole number of up to nine digits, left in `counted`. @returns the position behind it */
export function count(from: number): number {
  let at = from
  let value = 0
  for (let octet = bytes[at] ?? 0; at < end && octet >= ZERO && octet <= NINE; octet = bytes[++at] ?? 0) {
    value = value * 10 + octet - ZERO
  }
  counted = value
  const digits = at - from
  return digits === 0 || digits > 9 || (digits > 1 && bytes[from] === ZERO) ? UNSURE : at
}

const NULL = Buffer.from('null')
const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')

/** Whether [from, to) holds these bytes. */
export function is(from: number, to: number, word: Buffer): boolean {
  if (to - from !== word.length) return false
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return false
  return true
}
