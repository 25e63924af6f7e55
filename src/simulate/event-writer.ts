import type { ServerResponse } from 'node:http'
import { monotonicNs } from '../base/index.js'
import type { SendLog } from './send-log.js'
import type { Headers } from './shape.js'

export interface WriterOptions {
  readonly id: string
  readonly log: SendLog
  /** Frames per write. */
  readonly coalesce: number
  /** Every byte in a write of its own. */
  readonly split: boolean
  /** Asked for when the headers go out. */
  headers(): Headers
}

interface Pending {
  readonly text: string
  readonly tokens: number
}

/**
 * Writes the frames of a stream, each at once. The frame goes straight to the socket: `response.write` keeps its bytes
 * until the end of the event loop's turn, and a step's hundredth stream would be sent long after its stamp in the log.
 */
export class EventWriter {
  readonly #response: ServerResponse
  readonly #options: WriterOptions
  readonly #pending: Pending[] = []
  #events = 0
  #held = false
  #ended = false

  constructor(response: ServerResponse, options: WriterOptions) {
    this.#response = response
    this.#options = options
  }

  /** Sends the response's headers; calling it again does nothing. The first frame does it otherwise. */
  open(): void {
    if (this.#held || this.#response.headersSent) return
    this.#response.writeHead(200, this.#options.headers())
    this.#response.flushHeaders()
  }

  /** One frame as it stands, which tells of `tokens` output tokens. */
  frame(text: string, tokens: number): void {
    if (this.#ended) return
    this.#pending.push({ text, tokens })
    if (!this.#held && this.#pending.length >= this.#options.coalesce) this.#flush()
  }

  /** Keeps everything back until `release`. */
  hold(): void {
    this.#held = true
  }

  release(): void {
    if (!this.#held) return
    this.#held = false
    this.open()
    this.#flush()
    if (this.#ended) this.#response.end()
  }

  /** Ends the body; frames that come later are dropped. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#held) return
    this.open()
    this.#flush()
    this.#response.end()
  }

  /** Closes the connection as it stands, without the end of the stream. */
  cut(): void {
    this.#ended = true
    this.#flush()
    this.#response.socket?.destroy()
  }

  #flush(): void {
    if (this.#pending.length === 0) return
    this.open()
    const text = this.#pending.map((event) => event.text).join('')
    const atNs = this.#options.split ? this.#writeBytes(text) : this.#write(text)
    for (const { tokens } of this.#pending)
      this.#options.log.add(this.#options.id, atNs, this.#events++, tokens)
    this.#pending.length = 0
  }

  #write(text: string | Uint8Array): number {
    const { socket, chunkedEncoding, destroyed } = this.#response
    const atNs = monotonicNs()
    if (destroyed) return atNs
    // A pipelined request has no socket of its own yet: its bytes must queue behind the earlier answer.
    if (socket === null) this.#response.write(text)
    else if (!chunkedEncoding) socket.write(text)
    else if (typeof text === 'string') socket.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`)
    else
      socket.write(Buffer.concat([Buffer.from(`${text.length.toString(16)}\r\n`), text, Buffer.from('\r\n')]))
    return atNs
  }

  /** The stamp is the last byte's: the event is not there before. */
  #writeBytes(text: string): number {
    let atNs = 0
    const bytes = Buffer.from(text)
    for (let i = 0; i < bytes.length; i++) atNs = this.#write(bytes.subarray(i, i + 1))
    return atNs
  }
}
