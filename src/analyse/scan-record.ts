import { REQUEST_STATES, type RequestRecord } from '../record/index.js'
import { JsonCursor } from './json-cursor.js'

/** How a field is read. A list: one of these words. `skipped`: a text that the analysis has no use for. */
type Kind = 'number' | 'boolean' | 'skipped' | 'text' | 'numbers' | 'nested' | readonly string[]

const PHASES = ['measured', 'warmup', 'cooldown'] as const
const SOURCES = ['chunk-usage', 'usage', 'counted', 'none'] as const
const STAMPS = ['loop', 'kernel'] as const

/** Every field of a record, in the order in which they are usually written. */
const LAYOUT = {
  index: 'number',
  phase: PHASES,
  scheduledNs: 'number',
  inputTokensAsked: 'number',
  outputTokensAsked: 'number',
  conversation: 'number',
  turn: 'number',
  state: REQUEST_STATES,
  error: 'nested',
  sentNs: 'number',
  attempts: 'nested',
  lastSentNs: 'number',
  headersNs: 'number',
  firstEventNs: 'number',
  firstTokenNs: 'number',
  firstVisibleNs: 'number',
  lastTokenNs: 'number',
  endNs: 'number',
  inputTokens: 'number',
  cachedTokens: 'number',
  outputTokens: 'number',
  reasoningTokens: 'number',
  outputChars: 'number',
  tokenSource: SOURCES,
  chunks: 'numbers',
  coalescedChunks: 'number',
  lateCoalescedChunks: 'number',
  bytesReceived: 'number',
  connectionReused: 'boolean',
  httpStatus: 'number',
  finishReason: 'skipped',
  servedModel: 'text',
  serverTimings: 'nested',
  rateLimits: 'nested',
  requestId: 'skipped',
  point: 'skipped',
  worker: 'number',
  origin: 'number',
  stamps: STAMPS,
  bytesSent: 'number',
} as const satisfies Readonly<Record<keyof RequestRecord, Kind>>

type Name = keyof typeof LAYOUT
const NAMES = Object.keys(LAYOUT) as Name[]

interface Field {
  /** With its quotes and colon. */
  readonly key: Buffer
  readonly kind: Exclude<Kind, readonly string[]> | 'word'
  /** With their quotes. */
  readonly words: readonly Buffer[]
}

const FIELDS: readonly Field[] = NAMES.map((name) => {
  const kind: Kind = LAYOUT[name]
  const words = typeof kind === 'string' ? [] : kind.map((word) => Buffer.from(`"${word}"`))
  return { key: Buffer.from(`"${name}":`), kind: typeof kind === 'string' ? kind : 'word', words }
})

const PLACE = Object.fromEntries(NAMES.map((name, place) => [name, place])) as Record<Name, number>

const OPEN = '{'.charCodeAt(0)
const COMMA = ','.charCodeAt(0)
const CLOSE = '}'.charCodeAt(0)

/** What the analysis reads of a record. */
export type ReadRecord = Omit<
  RequestRecord,
  | 'conversation'
  | 'turn'
  | 'firstEventNs'
  | 'reasoningTokens'
  | 'bytesReceived'
  | 'bytesSent'
  | 'httpStatus'
  | 'finishReason'
  | 'requestId'
  | 'point'
  | 'worker'
  | 'origin'
>

type Draft = { -readonly [K in keyof Required<ReadRecord>]: ReadRecord[K] | undefined }

/**
 * Reads lines as `drive` writes them faster than `JSON.parse`, since it copies no text and makes no objects: known fields in
 * any order, and only what `JsonCursor` can read. On anything else it gives up, and the line is for `JSON.parse`. What it
 * reads, it reads as `JSON.parse` would.
 */
export class RecordScanner {
  readonly #cursor = new JsonCursor()
  /** By place in the layout: numbers, 1 for true, the place of a word in its list. NaN: not in the line. */
  readonly #values = new Float64Array(FIELDS.length)
  readonly #chunks: number[] = []
  /** By place. */
  readonly #nested: unknown[] = []
  #servedModel: string | undefined
  /** By place: which field followed last time. Lines of one run are alike, so that the guess is mostly right. */
  readonly #next = Uint8Array.from(FIELDS, (_, place) => (place + 1) % FIELDS.length)
  readonly #draft = {} as Draft

  /** @returns the record, stale at the next call; undefined where the line is not as expected */
  scan(bytes: Buffer, from: number, to: number): ReadRecord | undefined {
    const cursor = this.#cursor
    this.#values.fill(Number.NaN)
    this.#nested.length = 0
    this.#servedModel = undefined
    cursor.start(bytes, from)
    if (cursor.take() !== OPEN) return undefined
    for (let place = FIELDS.length - 1; ; ) {
      place = this.#placeAfter(place)
      if (place < 0) return undefined
      this.#readField(place)
      if (cursor.lost) return undefined
      const mark = cursor.take()
      if (mark === CLOSE) return cursor.at === to ? this.#record() : undefined
      if (mark !== COMMA) return undefined
    }
  }

  /** @returns place of the field whose key is next; −1 when it is none of them */
  #placeAfter(place: number): number {
    const guess = this.#next[place] ?? 0
    if (this.#isAt(guess)) return guess
    const found = FIELDS.findIndex((_, other) => this.#isAt(other))
    if (found >= 0) this.#next[place] = found
    return found
  }

  #isAt(place: number): boolean {
    const field = FIELDS[place]
    return field !== undefined && this.#cursor.isNext(field.key)
  }

  #readField(place: number): void {
    const field = FIELDS[place]
    if (field === undefined) return
    const { key, kind, words } = field
    const cursor = this.#cursor
    cursor.skip(key.length)
    if (kind === 'number') this.#values[place] = cursor.number()
    else if (kind === 'word') this.#values[place] = cursor.word(words)
    else if (kind === 'numbers') this.#values[place] = cursor.numbers(this.#chunks)
    else if (kind === 'boolean') this.#values[place] = cursor.boolean() ? 1 : 0
    else if (kind === 'nested') this.#nested[place] = cursor.nested()
    else if (kind === 'text') this.#servedModel = cursor.text()
    else cursor.skipText()
  }

  #number(place: number): number | undefined {
    const value = this.#values[place] ?? Number.NaN
    return Number.isNaN(value) ? undefined : value
  }

  #word<W>(place: number, words: readonly W[]): W | undefined {
    return words[this.#values[place] ?? Number.NaN]
  }

  // Spelt out: stores under computed names would take as long as all the reading.
  #record(): ReadRecord {
    const reused = this.#number(PLACE.connectionReused)
    const d = this.#draft
    d.index = this.#number(PLACE.index)
    d.phase = this.#word(PLACE.phase, PHASES)
    d.scheduledNs = this.#number(PLACE.scheduledNs)
    d.inputTokensAsked = this.#number(PLACE.inputTokensAsked)
    d.outputTokensAsked = this.#number(PLACE.outputTokensAsked)
    d.state = this.#word(PLACE.state, REQUEST_STATES)
    d.error = this.#nested[PLACE.error] as ReadRecord['error']
    d.sentNs = this.#number(PLACE.sentNs)
    d.attempts = this.#nested[PLACE.attempts] as ReadRecord['attempts']
    d.lastSentNs = this.#number(PLACE.lastSentNs)
    d.headersNs = this.#number(PLACE.headersNs)
    d.firstTokenNs = this.#number(PLACE.firstTokenNs)
    d.firstVisibleNs = this.#number(PLACE.firstVisibleNs)
    d.lastTokenNs = this.#number(PLACE.lastTokenNs)
    d.endNs = this.#number(PLACE.endNs)
    d.inputTokens = this.#number(PLACE.inputTokens)
    d.cachedTokens = this.#number(PLACE.cachedTokens)
    d.outputTokens = this.#number(PLACE.outputTokens)
    d.outputChars = this.#number(PLACE.outputChars)
    d.tokenSource = this.#word(PLACE.tokenSource, SOURCES)
    d.chunks = this.#number(PLACE.chunks) === undefined ? undefined : this.#chunks
    d.coalescedChunks = this.#number(PLACE.coalescedChunks)
    d.lateCoalescedChunks = this.#number(PLACE.lateCoalescedChunks)
    d.connectionReused = reused === undefined ? undefined : reused === 1
    d.servedModel = this.#servedModel
    d.serverTimings = this.#nested[PLACE.serverTimings] as ReadRecord['serverTimings']
    d.rateLimits = this.#nested[PLACE.rateLimits] as ReadRecord['rateLimits']
    d.stamps = this.#word(PLACE.stamps, STAMPS)
    return d as ReadRecord
  }
}
