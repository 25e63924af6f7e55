import type { ServerResponse } from 'node:http'
import type { Progress } from './backend.js'
import type { GenerateRequest } from './dialects/dialect.js'
import type { EventWriter } from './event-writer.js'
import type { FaultPlan } from './faults.js'
import type { OutputPlan } from './output.js'
import { RequestError } from './request-error.js'
import type { FinishReason } from './sequence.js'
import type { Headers, Shape } from './shape.js'
import type { Tally } from './tally.js'

/** Receives the tokens of one request and tells its client of them. */
export interface Answer {
  onToken(finish: FinishReason | undefined, progress: Progress): void
}

/** What an answer may ask of the server around it. */
export interface AnswerHost {
  /** Stops the request's generation and frees its KV. */
  abandon(): void
  /** Calls `act` after `ns`, unless the connection is gone by then. */
  after(ns: number, act: () => void): void
  /** Headers that every answer to this request has, as of now. */
  headers(): Headers
}

export interface AnswerParts {
  readonly request: GenerateRequest
  readonly output: OutputPlan
  readonly shape: Shape
  readonly faults: FaultPlan
  readonly host: AnswerHost
  readonly tally: Tally
}

/** Index of the token at a share of the output; never before the second, so that the stream has begun. */
const tokenAt = (share: number | undefined, tokens: number): number =>
  share === undefined ? -1 : Math.max(1, Math.floor(share * tokens))

/** An answer as a stream. The first token goes out at once, later ones `streamInterval` to a frame. */
export class StreamedAnswer implements Answer {
  readonly #parts: AnswerParts
  readonly #writer: EventWriter
  readonly #cutAt: number
  readonly #stallAt: number
  readonly #malformedAt: number
  readonly #failureAt: number
  #sent = 0
  #text = ''
  #ids: number[] = []
  #untold = 0
  #closing = false
  #over = false

  constructor(parts: AnswerParts, writer: EventWriter) {
    const { faults, output, shape } = parts
    this.#parts = parts
    this.#writer = writer
    this.#cutAt = tokenAt(faults.cutAt, output.tokens)
    this.#stallAt = tokenAt(faults.stall?.at, output.tokens)
    this.#malformedAt = tokenAt(faults.malformedAt, output.tokens)
    this.#failureAt = tokenAt(faults.failure?.at, output.tokens)
    if (!shape.opensLate) writer.open()
    shape.accepted?.(this.#emit)
  }

  onToken(finish: FinishReason | undefined, progress: Progress): void {
    if (this.#over) return
    const { shape, tally, output, faults } = this.#parts
    tally.see(progress)
    if (tally.tokens === 0) shape.opening?.(this.#emit, tally.counts, tally.times)
    this.#strike()
    if (this.#over) return
    const index = tally.take()
    this.#text += output.textAt(index)
    this.#ids.push(output.idAt(index))
    if (finish !== undefined && faults.noEnd) this.#end()
    else if (finish !== undefined || this.#isDue(index)) this.#send(finish)
  }

  /** Reasoning and answer never share a piece. */
  #isDue(index: number): boolean {
    const { tally, request } = this.#parts
    return (
      index === 0 ||
      tally.tokens - this.#sent >= request.streamInterval ||
      tally.isReasoning(index) !== tally.isReasoning(index + 1)
    )
  }

  #send(finish: FinishReason | undefined): void {
    const { shape, tally } = this.#parts
    const kind = tally.isReasoning(tally.tokens - 1) ? 'reasoning' : 'text'
    const { counts, times } = tally
    this.#untold += this.#ids.length
    shape.piece(this.#emit, { kind, text: this.#text, ids: this.#ids, finish, counts, times })
    this.#sent = tally.tokens
    this.#text = ''
    this.#ids = []
    if (finish === undefined) return
    this.#closing = true
    shape.closing?.(this.#emit, { finish, counts, times })
    this.#end()
  }

  #end(): void {
    this.#over = true
    this.#writer.end()
  }

  /** What has no frame of its own, such as an end token without text, is logged with the first frame of the closing. */
  readonly #emit = (frame: string, tells = this.#closing): void => {
    const told = tells ? this.#untold : 0
    this.#untold -= told
    this.#writer.frame(frame, told)
  }

  /** The faults whose place in the output has come. */
  #strike(): void {
    const { host, faults, shape, tally } = this.#parts
    const at = tally.tokens
    if (at === this.#malformedAt) this.#writer.frame(shape.broken, 0)
    if (at === this.#stallAt) {
      this.#writer.hold()
      host.after(faults.stall?.forNs ?? 0, () => this.#writer.release())
    }
    if (at === this.#failureAt) {
      const kind = faults.failure?.kind ?? 'failed'
      shape.failure(this.#emit, new RequestError(kind, FAILURE_TEXT[kind]))
      this.#abandon()
      this.#writer.end()
    } else if (at === this.#cutAt) {
      this.#abandon()
      this.#writer.cut()
    }
  }

  #abandon(): void {
    this.#over = true
    this.#parts.host.abandon()
  }
}

const FAILURE_TEXT = { failed: 'Internal server error', overloaded: 'Overloaded' } as const

/** An answer in one piece, once the last token is there. */
export class WholeAnswer implements Answer {
  readonly #parts: AnswerParts
  readonly #response: ServerResponse
  readonly #ids: number[] = []
  #reasoning = ''
  #text = ''

  constructor(parts: AnswerParts, response: ServerResponse) {
    this.#parts = parts
    this.#response = response
  }

  onToken(finish: FinishReason | undefined, progress: Progress): void {
    const { output, faults, host, tally } = this.#parts
    tally.see(progress)
    const index = tally.take()
    this.#ids.push(output.idAt(index))
    if (tally.isReasoning(index)) this.#reasoning += output.textAt(index)
    else this.#text += output.textAt(index)
    if (finish === undefined) return
    if (faults.cutAt !== undefined) this.#response.socket?.destroy()
    else host.after(faults.slowNs + (faults.stall?.forNs ?? 0), () => this.#send(finish))
  }

  #send(finish: FinishReason): void {
    const { shape, tally, host } = this.#parts
    const { counts, times } = tally
    const { body, headers } = shape.whole({
      reasoning: this.#reasoning,
      text: this.#text,
      ids: this.#ids,
      finish,
      counts,
      times,
    })
    this.#response
      .writeHead(200, {
        ...host.headers(),
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...headers,
      })
      .end(body)
  }
}
