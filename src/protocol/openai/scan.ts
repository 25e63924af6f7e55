import {
  count,
  counted,
  is,
  isList,
  isObject,
  isString,
  list,
  literalNull,
  name,
  object,
  skip,
  string,
  textHole,
  UNSURE,
  walkObject,
} from '../json-bytes.js'

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
  /** How many texts there are that are not empty. */
  texts: number
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
  texts: 0,
})

// One thread reads one event at a time.
let out: ScannedChunk = createScannedChunk()
/** The fields met so far, as bits: of the event and its usage, and of a choice and its delta. */
let inEvent = 0
let inChoice = 0

/** Of two fields of one name JSON.parse takes the last: such an event is left to it. */
function isFirstInEvent(bit: number): boolean {
  const before = inEvent
  inEvent |= bit
  return inEvent !== before
}

function isFirstInChoice(bit: number): boolean {
  const before = inChoice
  inChoice |= bit
  return inChoice !== before
}

/** @returns whether `into` now tells all that the event says; if not, it holds nothing of use */
export function scanChunk(source: Buffer, from: number, to: number, into: ScannedChunk): boolean {
  out = into
  inEvent = 0
  into.bears = false
  into.visible = false
  into.hasChoices = false
  into.finish = ''
  into.hasUsage = false
  into.promptTokens = -1
  into.completionTokens = -1
  into.modelFrom = 0
  into.modelTo = 0
  into.texts = 0
  return walkObject(source, from, to, onEventField)
}

function onEventField(from: number, to: number, at: number): number {
  if (is(from, to, CHOICES)) return isFirstInEvent(1) ? list(at, onChoice) : UNSURE
  if (is(from, to, USAGE)) return isFirstInEvent(2) ? usageOrNull(at) : UNSURE
  if (is(from, to, MODEL)) return isFirstInEvent(4) ? model(at) : UNSURE
  if (is(from, to, ERROR)) return UNSURE
  if (is(from, to, TIMINGS)) return literalNull(at)
  return skip(at)
}

/** A name with escapes is left to JSON.parse. */
function model(at: number): number {
  if (!isString(at)) return literalNull(at)
  const close = name(at)
  if (close === UNSURE) return UNSURE
  out.modelFrom = at + 1
  out.modelTo = close
  return close + 1
}

function onChoice(at: number): number {
  out.hasChoices = true
  inChoice = 0
  return object(at, onChoiceField)
}

function onChoiceField(from: number, to: number, at: number): number {
  if (is(from, to, DELTA)) return isFirstInChoice(1) ? object(at, onDeltaField) : UNSURE
  if (is(from, to, TEXT)) return isFirstInChoice(2) ? output(at, true) : UNSURE
  if (is(from, to, FINISH_REASON)) return isFirstInChoice(4) ? finishReason(at) : UNSURE
  if (is(from, to, TOKEN_IDS)) return literalNull(at)
  return skip(at)
}

function onDeltaField(from: number, to: number, at: number): number {
  if (is(from, to, CONTENT)) return isFirstInChoice(8) ? output(at, true) : UNSURE
  if (is(from, to, REASONING)) return isFirstInChoice(16) ? output(at, false) : UNSURE
  if (is(from, to, REASONING_CONTENT)) return isFirstInChoice(32) ? output(at, false) : UNSURE
  if (is(from, to, REFUSAL)) return literalNull(at)
  if (is(from, to, TOOL_CALLS)) return isList(at) ? list(at, none) : literalNull(at)
  return skip(at)
}

const none = (): number => UNSURE

/** A string, empty or not, or null. */
function output(at: number, visible: boolean): number {
  if (!isString(at)) return literalNull(at)
  const after = string(at)
  if (after > at + 2) {
    textHole(at, after)
    out.texts++
    out.bears = true
    if (visible) out.visible = true
  }
  return after
}

function finishReason(at: number): number {
  if (!isString(at)) return literalNull(at)
  const after = string(at)
  if (after === UNSURE) return UNSURE
  if (is(at + 1, after - 1, LENGTH)) out.finish = 'length'
  else if (is(at + 1, after - 1, STOP)) out.finish = 'stop'
  else return UNSURE
  return after
}

function usageOrNull(at: number): number {
  if (!isObject(at)) return literalNull(at)
  out.hasUsage = true
  return object(at, onUsageField)
}

function onUsageField(from: number, to: number, at: number): number {
  if (is(from, to, PROMPT_TOKENS)) {
    if (!isFirstInEvent(8)) return UNSURE
    const after = count(at)
    out.promptTokens = counted
    return after
  }
  if (is(from, to, COMPLETION_TOKENS)) {
    if (!isFirstInEvent(16)) return UNSURE
    const after = count(at)
    out.completionTokens = counted
    return after
  }
  if (is(from, to, TOTAL_TOKENS)) return count(at)
  // Details of the counts: null where there are none.
  return literalNull(at)
}

const CHOICES = Buffer.from('choices')
const USAGE = Buffer.from('usage')
const ERROR = Buffer.from('error')
const TIMINGS = Buffer.from('timings')
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
