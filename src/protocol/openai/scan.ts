/**
 * Reads the chunks that make up nearly all of a stream straight from their bytes: one or several choices with text in
 * `delta.content`, reasoning or `text`, a finish reason, and counts of tokens. No string, no object.
 *
 * It answers only where it is sure. Whatever else it meets (tool calls, an error, details of usage, a name it has to look
 * at twice) it declines, and `JSON.parse` reads the event: what this scanner accepts, JSON.parse reads to the same effect.
 */
export interface ScannedChunk {
  /** Choices carried output. */
  bears: boolean
  /** …and some of it is visible. */
  visible: boolean
  hasChoices: boolean
  /** A finish reason, `''` for none. */
  finish: '' | 'stop' | 'length'
  hasUsage: boolean
  /** −1 when not told. */
  promptTokens: number
  completionTokens: number
  /** Where the served model's name lies, between its quotes; equal where there is none. */
  modelFrom: number
  modelTo: number
}

export const createScannedChunk = (): ScannedChunk => ({
  bears: false,
  visible: false,
  hasChoices: false,
  finish: '',
  hasUsage: false,
  promptTokens: -1,
  completionTokens: -1,
  modelFrom: 0,
  modelTo: 0,
})

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const ZERO = 0x30
const NINE = 0x39
const MINUS = 0x2d

/** Instead of a position: not sure. */
const UNSURE = -1

// The event being read. One thread reads one event at a time, and nothing below calls out.
let bytes: Buffer = Buffer.alloc(0)
let end = 0
let out: ScannedChunk = createScannedChunk()

/** @returns whether `into` now tells all that the event says; if not, it holds nothing of use */
export function scanChunk(source: Buffer, from: number, to: number, into: ScannedChunk): boolean {
  bytes = source
  end = to
  out = into
  into.bears = false
  into.visible = false
  into.hasChoices = false
  into.finish = ''
  into.hasUsage = false
  into.promptTokens = -1
  into.completionTokens = -1
  into.modelFrom = 0
  into.modelTo = 0
  const after = object(space(from), onEventField)
  return after !== UNSURE && space(after) === end
}

/** Reads the value of a field whose name lies in [from, to). @returns the position behind it, or UNSURE */
type OnField = (from: number, to: number, valueAt: number) => number

function onEventField(from: number, to: number, at: number): number {
  if (is(from, to, CHOICES)) return list(at, onChoice)
  if (is(from, to, USAGE)) return bytes[at] === OPEN_OBJECT ? usage(at) : literalNull(at)
  if (is(from, to, MODEL)) return model(at)
  if (is(from, to, ERROR)) return UNSURE
  return skip(at)
}

/** A name with escapes is left to JSON.parse. */
function model(at: number): number {
  if (bytes[at] !== QUOTE) return literalNull(at)
  const close = name(at)
  if (close === UNSURE) return UNSURE
  out.modelFrom = at + 1
  out.modelTo = close
  return close + 1
}

function onChoice(at: number): number {
  out.hasChoices = true
  return object(at, onChoiceField)
}

function onChoiceField(from: number, to: number, at: number): number {
  if (is(from, to, DELTA)) return object(at, onDeltaField)
  if (is(from, to, TEXT)) return output(at, true)
  if (is(from, to, FINISH_REASON)) return finishReason(at)
  if (is(from, to, TOKEN_IDS)) return literalNull(at)
  return skip(at)
}

function onDeltaField(from: number, to: number, at: number): number {
  if (is(from, to, CONTENT)) return output(at, true)
  if (is(from, to, REASONING) || is(from, to, REASONING_CONTENT)) return output(at, false)
  if (is(from, to, REFUSAL)) return literalNull(at)
  if (is(from, to, TOOL_CALLS)) return bytes[at] === OPEN_LIST ? list(at, none) : literalNull(at)
  return skip(at)
}

const none = (): number => UNSURE

/** A string, empty or not, or null. */
function output(at: number, visible: boolean): number {
  if (bytes[at] !== QUOTE) return literalNull(at)
  const after = string(at)
  if (after > at + 2) {
    out.bears = true
    if (visible) out.visible = true
  }
  return after
}

function finishReason(at: number): number {
  if (bytes[at] !== QUOTE) return literalNull(at)
  const after = string(at)
  if (after === UNSURE) return UNSURE
  if (is(at + 1, after - 1, LENGTH)) out.finish = 'length'
  else if (is(at + 1, after - 1, STOP)) out.finish = 'stop'
  else return UNSURE
  return after
}

function usage(at: number): number {
  out.hasUsage = true
  return object(at, onUsageField)
}

function onUsageField(from: number, to: number, at: number): number {
  if (is(from, to, PROMPT_TOKENS)) {
    const after = count(at)
    out.promptTokens = counted
    return after
  }
  if (is(from, to, COMPLETION_TOKENS)) {
    const after = count(at)
    out.completionTokens = counted
    return after
  }
  if (is(from, to, TOTAL_TOKENS)) return count(at)
  // Details of the counts: null where there are none.
  return literalNull(at)
}

let counted = 0

/** A whole number of up to nine digits. */
function count(from: number): number {
  let at = from
  let value = 0
  for (let octet = bytes[at] ?? 0; at < end && octet >= ZERO && octet <= NINE; octet = bytes[++at] ?? 0) {
    value = value * 10 + octet - ZERO
  }
  counted = value
  const digits = at - from
  return digits === 0 || digits > 9 || (digits > 1 && bytes[from] === ZERO) ? UNSURE : at
}

function object(from: number, onField: OnField): number {
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

function list(from: number, onItem: (at: number) => number): number {
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
function skip(at: number): number {
  const octet = bytes[at] ?? 0
  if (octet === QUOTE) return string(at)
  if (octet === OPEN_OBJECT) return object(at, skipField)
  if (octet === OPEN_LIST) return list(at, skip)
  if (octet === 0x6e) return literalNull(at)
  if (octet === 0x74) return is(at, at + 4, TRUE) && at + 4 <= end ? at + 4 : UNSURE
  if (octet === 0x66) return is(at, at + 5, FALSE) && at + 5 <= end ? at + 5 : UNSURE
  return octet === MINUS ? UNSURE : number(at)
}

const skipField: OnField = (_from, _to, at) => skip(at)

/** A number without exponent: digits, and perhaps a fraction. */
function number(from: number): number {
  let at = from
  while (at < end && isDigit(at)) at++
  const whole = at - from
  if (whole === 0 || (whole > 1 && bytes[from] === ZERO)) return UNSURE
  if (at >= end || bytes[at] !== 0x2e) return at
  const fraction = ++at
  while (at < end && isDigit(at)) at++
  return at === fraction ? UNSURE : at
}

const isDigit = (at: number): boolean => {
  const octet = bytes[at] ?? 0
  return octet >= ZERO && octet <= NINE
}

function literalNull(at: number): number {
  return at + 4 <= end && is(at, at + 4, NULL) ? at + 4 : UNSURE
}

/** @returns the position of the closing quote of a name without escapes */
function name(from: number): number {
  let at = from + 1
  for (let octet = bytes[at] ?? 0; octet !== QUOTE; octet = bytes[++at] ?? 0) {
    if (octet === BACKSLASH || octet < 0x20 || at >= end) return UNSURE
  }
  return at < end ? at : UNSURE
}

/** @returns the position behind the closing quote */
function string(from: number): number {
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

const CHOICES = Buffer.from('choices')
const USAGE = Buffer.from('usage')
const ERROR = Buffer.from('error')
const MODEL = Buffer.from('model')
const DELTA = Buffer.from('delta')
const TEXT = Buffer.from('text')
const FINISH_REASON = Buffer.from('finish_reason')
const TOKEN_IDS = Buffer.from('token_ids')
const CONTENT = Buffer.from('content')
const REASONING = Buffer.from('reasoning')
const REASONING_CONTENT = Buffer.from('reasoning_content')
const REFUSAL = Buffer.from('refusal')
const TOOL_CALLS = Buffer.from('tool_calls')
const PROMPT_TOKENS = Buffer.from('prompt_tokens')
const COMPLETION_TOKENS = Buffer.from('completion_tokens')
const TOTAL_TOKENS = Buffer.from('total_tokens')
const LENGTH = Buffer.from('length')
const STOP = Buffer.from('stop')
const NULL = Buffer.from('null')
const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')

function is(from: number, to: number, word: Buffer): boolean {
  if (to - from !== word.length) return false
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return false
  return true
}
