import type { ServerResponse } from 'node:http'
import type { EventWriter } from './event-writer.js'
import type { FaultPlan } from './faults.js'
import { HttpError } from './http-error.js'
import type { GenerateRequest } from './openai-request.js'
import type { OutputPlan } from './output.js'
import type { FinishReason } from './sequence.js'
import { LAST_MEMBER, type Shape } from './shapes.js'

/** Receives the tokens of one request and tells its client of them. */
export interface Answer {
  onToken(finish: FinishReason | undefined): void
}

/** What an answer may ask of the server around it. */
export interface AnswerHost {
  /** Stops the request's generation and frees its KV. */
  abandon(): void
  /** Calls `act` after `ns`, unless the connection is gone by then. */
  after(ns: number, act: () => void): void
}

interface AnswerParts {
  readonly request: GenerateRequest
  readonly output: OutputPlan
  readonly shape: Shape
  readonly faults: FaultPlan
  readonly host: AnswerHost
}

/** Index of the token at a share of the output; never before the second, so that the stream has begun. */
const tokenAt = (share: number | undefined, tokens: number): number =>
  share === undefined ? -1 : Math.max(1, Math.floor(share * tokens))

/** An answer as server-sent events. The first token goes out at once, later ones `streamInterval` to an event. */
export class StreamedAnswer implements Answer {
  readonly #parts: AnswerParts
  readonly #writer: EventWriter
  readonly #cutAt: number
  readonly #stallAt: number
  readonly #malformedAt: number
  readonly #errorFrameAt: number
  #tokens = 0
  #sent = 0
  #text = ''
  #over = false

  constructor(parts: AnswerParts, writer: EventWriter) {
    const { faults, output } = parts
    this.#parts = parts
    this.#writer = writer
    this.#cutAt = tokenAt(faults.cutAt, output.tokens)
    this.#stallAt = tokenAt(faults.stall?.at, output.tokens)
    this.#malformedAt = tokenAt(faults.malformedAt, output.tokens)
    this.#errorFrameAt = tokenAt(faults.errorFrameAt, output.tokens)
  }

  onToken(finish: FinishReason | undefined): void {
    if (this.#over) return
    if (this.#tokens === 0) this.#open()
    this.#strike()
    if (this.#over) return
    this.#text += this.#parts.output.textAt(this.#tokens++)
    const due = this.#sent === 0 || this.#tokens - this.#sent >= this.#parts.request.streamInterval
    if (due || finish !== undefined) this.#send(finish)
    if (finish !== undefined) this.#close()
  }

  #open(): void {
    const opening = this.#parts.shape.opening(this.#usage(0))
    if (opening !== undefined) this.#writer.event(opening, 0)
  }

  #send(finish: FinishReason | undefined): void {
    const { shape, request } = this.#parts
    const isLast = finish !== undefined && !request.includeUsage
    const members = this.#usage(this.#tokens) + (isLast ? LAST_MEMBER : '')
    this.#writer.event(shape.delta(this.#text, finish, members), this.#tokens - this.#sent)
    this.#sent = this.#tokens
    this.#text = ''
  }

  #close(): void {
    const { request, shape } = this.#parts
    const { countFactor } = this.#parts.faults
    if (request.includeUsage) {
      const [prompt, output] = [request.prompt.length * countFactor, this.#tokens * countFactor]
      this.#writer.event(shape.usage(prompt, output), 0)
    }
    this.#over = true
    this.#writer.end()
  }

  #usage(tokens: number): string {
    const { request, shape, faults } = this.#parts
    if (!request.continuousUsage) return ''
    return shape.running(request.prompt.length * faults.countFactor, tokens * faults.countFactor)
  }

  /** The faults whose place in the output has come. */
  #strike(): void {
    const { host, faults } = this.#parts
    const at = this.#tokens
    if (at === this.#malformedAt) this.#writer.event('{"id":"broken","choices":[{"index":0,"delta":', 0)
    if (at === this.#stallAt) {
      this.#writer.hold()
      host.after(faults.stall?.forNs ?? 0, () => this.#writer.release())
    }
    if (at === this.#errorFrameAt) {
      this.#writer.event(new HttpError(500, 'InternalServerError', 'Internal server error').body, 0)
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

/** An answer in one piece, once the last token is there. */
export class WholeAnswer implements Answer {
  readonly #parts: AnswerParts
  readonly #response: ServerResponse
  #tokens = 0
  #text = ''

  constructor(parts: AnswerParts, response: ServerResponse) {
    this.#parts = parts
    this.#response = response
  }

  onToken(finish: FinishReason | undefined): void {
    const { output, faults, host } = this.#parts
    this.#text += output.textAt(this.#tokens++)
    if (finish === undefined) return
    if (faults.cutAt !== undefined) this.#response.socket?.destroy()
    else host.after(faults.slowNs + (faults.stall?.forNs ?? 0), () => this.#send(finish))
  }

  #send(finish: FinishReason): void {
    const { shape, request, faults } = this.#parts
    const [prompt, output] = [request.prompt.length * faults.countFactor, this.#tokens * faults.countFactor]
    const body = shape.whole(this.#text, finish, prompt, output)
    this.#response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body)
  }
}
