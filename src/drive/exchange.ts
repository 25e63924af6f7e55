import {
  NS_PER_MS,
  type RateLimits,
  type RequestFailure,
  type ResponseHeaders,
  redact,
  type ServerTimings,
} from '../base/index.js'
import { type Api, type Decoder, type DecodeSink, readHeaders, type Usage } from '../protocol/index.js'
import type { Attempt, RequestState } from '../record/index.js'
import type { ResponseSink } from '../transport/index.js'
import type { RecordContext } from './assemble.js'
import type { Intent, Trail } from './intent.js'
import type { LiveMetrics } from './live.js'

/** Chunks that a read brings together may have come apart if we were away from the socket for longer. */
const LATE_NS = NS_PER_MS
/** An error body longer than this is cut. */
const MAX_ERROR_BODY = 8 * 1024

/** What all exchanges of a worker share. */
export interface ExchangeSetting {
  readonly api: Api
  readonly live: LiveMetrics
  /** The one asked for. */
  readonly model: string
  readonly context: RecordContext
}

/** How an attempt ended, and when. */
export interface Ending {
  readonly state: RequestState
  readonly atNs: number
  /** Missing: it completed. */
  readonly failure?: RequestFailure
}

/**
 * One attempt at a request, from send to end. Bytes are stamped by the transport before they come here; everything that one read
 * brings carries the stamp of that read.
 */
export class Exchange implements Trail, ResponseSink, DecodeSink {
  readonly intent: Intent
  readonly earlier: readonly Attempt[]
  readonly startedNs: number
  readonly bytesSent: number
  sentNs: number | undefined
  connectionReused: boolean | undefined
  headersNs: number | undefined
  httpStatus: number | undefined
  firstEventNs: number | undefined
  firstTokenNs: number | undefined
  firstVisibleNs: number | undefined
  lastTokenNs: number | undefined
  usage: Usage | undefined
  finishReason: string | undefined
  bytesReceived = 0
  coalescedChunks = 0
  lateCoalescedChunks = 0
  servedModel: string | undefined
  serverTimings: ServerTimings | undefined
  rateLimits: RateLimits | undefined
  requestId: string | undefined
  text = ''
  /** Delta-coded pairs, as in the record. */
  readonly chunks: number[] = []

  readonly #setting: ExchangeSetting
  readonly #onDone: (ending: Ending) => void
  #decoder: Decoder | undefined
  #errorHeaders: ResponseHeaders = {}
  #errorBody = ''
  #readNs = 0
  #readLate = false
  #outputsInRead = 0
  #failure: RequestFailure | undefined
  #terminal = false
  #over = false

  /** @param onDone called once */
  constructor(
    setting: ExchangeSetting,
    intent: Intent,
    earlier: readonly Attempt[],
    startedNs: number,
    bytesSent: number,
    onDone: (ending: Ending) => void,
  ) {
    this.#setting = setting
    this.intent = intent
    this.earlier = earlier
    this.startedNs = startedNs
    this.bytesSent = bytesSent
    this.#onDone = onDone
  }

  /** When it was sent, or tried: a refused connection never comes to a send. */
  get triedNs(): number {
    return this.sentNs ?? this.startedNs
  }

  /** Of the first attempt: what its user's wait counts from. */
  get firstTriedNs(): number {
    return this.earlier[0]?.sentNs ?? this.triedNs
  }

  onSent(atNs: number, connectionReused: boolean): void {
    this.sentNs = atNs
    this.connectionReused = connectionReused
    if (this.intent.phase === 'measured' && this.earlier.length === 0)
      this.#setting.live.lateness(atNs - this.intent.scheduledNs)
  }

  onHeaders(atNs: number, status: number, headers: ResponseHeaders): void {
    this.headersNs = atNs
    this.httpStatus = status
    const told = readHeaders(headers)
    this.serverTimings = told.timings
    this.rateLimits = told.rateLimits
    this.requestId = told.requestId && redact(told.requestId)
    if (status < 300) this.#decoder = this.#setting.api.createDecoder(this, this.intent.keepText)
    else this.#errorHeaders = headers
  }

  onData(atNs: number, bytes: Buffer, from: number, to: number, awayNs: number): void {
    this.bytesReceived += to - from
    // A read may come in several pieces: the same stamp, one read.
    if (atNs !== this.#readNs) this.#outputsInRead = 0
    this.#readNs = atNs
    this.#readLate = awayNs > LATE_NS
    if (this.#decoder !== undefined) this.#decoder.feed(bytes, from, to)
    else if (this.#errorBody.length < MAX_ERROR_BODY) this.#errorBody += bytes.toString('utf8', from, to)
  }

  onEvent(): void {
    this.firstEventNs ??= this.#readNs
  }

  onOutput(tokens: number, visible: boolean, text: string): void {
    if (this.#terminal) return
    const atNs = this.#readNs
    const previousNs = this.lastTokenNs
    this.chunks.push(atNs - (previousNs ?? this.firstTriedNs), tokens)
    this.lastTokenNs = atNs
    if (visible) this.firstVisibleNs ??= atNs
    if (this.#outputsInRead++ > 0) {
      this.coalescedChunks++
      if (this.#readLate) this.lateCoalescedChunks++
    }
    if (this.intent.keepText) this.text += text
    this.#setting.live.chunk(tokens)
    if (this.intent.phase !== 'measured') {
      this.firstTokenNs ??= atNs
    } else if (previousNs === undefined) {
      this.firstTokenNs = atNs
      this.#setting.live.ttft(atNs - this.firstTriedNs)
    } else this.#setting.live.gap(atNs - previousNs)
  }

  onModel(name: string): void {
    if (name !== this.#setting.model) this.servedModel = redact(name)
  }

  onUsage(usage: Usage): void {
    this.usage = usage
  }

  onFinish(reason: string): void {
    this.finishReason = redact(reason)
  }

  onServerTimings(timings: ServerTimings): void {
    this.serverTimings = { ...this.serverTimings, ...timings }
  }

  onTerminal(): void {
    this.#terminal = true
  }

  /** Told inside the stream: the answer may go on to its end, but has failed. */
  onFailure(failure: RequestFailure): void {
    this.#failure ??= failure
  }

  onEnd(atNs: number): void {
    this.#decoder?.end()
    const failure = this.#failureAtEnd()
    this.#finish(
      failure === undefined ? 'completed' : failure.code === 'cut-stream' ? 'cut-off' : 'failed',
      atNs,
      failure,
    )
  }

  /** Undefined when the answer is whole: no error, a finish reason, and the terminal marker. */
  #failureAtEnd(): RequestFailure | undefined {
    if (this.#decoder === undefined) {
      return this.#setting.api.failureOf(this.httpStatus ?? 0, this.#errorBody, this.#errorHeaders)
    }
    if (this.#failure) return this.#failure
    if (this.#terminal && this.finishReason !== undefined) return undefined
    const missing = this.#terminal ? 'a finish reason' : 'the terminal marker'
    return { code: 'cut-stream', message: `the stream ended without ${missing}` }
  }

  /** Ends the request from our side: a deadline passed, or the run stops. */
  giveUp(
    state: Extract<RequestState, 'timed-out' | 'cancelled'>,
    atNs: number,
    failure: RequestFailure,
  ): void {
    this.#finish(state, atNs, failure)
  }

  /** A connection that breaks inside an answer has cut it off; before any of it, the request failed. */
  onBroken(atNs: number, failure: RequestFailure): void {
    if (this.#failure) this.#finish('failed', atNs, this.#failure)
    else if (this.firstTokenNs === undefined) this.#finish('failed', atNs, failure)
    else this.#finish('cut-off', atNs, { ...failure, code: 'cut-stream' })
  }

  #finish(state: RequestState, atNs: number, failure?: RequestFailure): void {
    if (this.#over) return
    this.#over = true
    // Whatever the server said of the failure may hold what it was sent, the key included.
    const told = failure && { ...failure, message: redact(failure.message) }
    this.#onDone({ state, atNs, ...(told && { failure: told }) })
  }
}
