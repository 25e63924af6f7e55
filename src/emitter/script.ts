import { HOLE, type Packet, packetOf, widthOf } from './packet.js'
import type { EmitterShape } from './shape.js'

/** The one model there is. */
export const MODEL = 'emitter'

const CHUNK = `{"id":"chatcmpl-${MODEL}","object":"chat.completion.chunk","created":1,"model":"${MODEL}",`
const LAST_CHUNK = '0\r\n\r\n'

export interface StreamRequest {
  /** Output tokens asked for. */
  readonly tokens: number
  readonly promptTokens: number
  readonly arrivalNs: number
}

export const usageOf = (promptTokens: number, outputTokens: number): string =>
  `"usage":{"prompt_tokens":${promptTokens},"total_tokens":${promptTokens + outputTokens},"completion_tokens":${outputTokens}}`

const event = (members: string): string => `data: ${CHUNK}${members}}\n\n`

const deltaEvent = (delta: string, finish: string, usage: string): string =>
  event(`"choices":[{"index":0,"delta":{${delta}},"logprobs":null,"finish_reason":${finish}}]${usage}`)

/** Packets out of the middle of a stream look alike in all streams: they are built once. */
export class PacketBook {
  readonly #packets = new Map<number, Packet>()
  #width = 0
  #validUntilNs = 0

  /** Digits of a time, near `nowNs`. */
  widthAt(nowNs: number): number {
    if (nowNs >= this.#validUntilNs) {
      this.#width = widthOf(nowNs)
      this.#validUntilNs = 10 ** this.#width - 1e9
      this.#packets.clear()
    }
    return this.#width
  }

  middle(field: DeltaField, events: number, nowNs: number): Packet {
    const width = this.widthAt(nowNs)
    const key = events * 2 + (field === 'content' ? 0 : 1)
    let packet = this.#packets.get(key)
    if (!packet) {
      packet = packetOf(deltaEvent(`"${field}":" ${HOLE}"`, 'null', '').repeat(events), width, events)
      this.#packets.set(key, packet)
    }
    return packet
  }
}

type DeltaField = 'content' | 'reasoning'

/** What a stream says, packet by packet. Knows no time but the arrival's, which the first event repeats. */
export class Script {
  readonly events: number
  readonly packets: number
  readonly #shape: EmitterShape
  readonly #request: StreamRequest
  readonly #book: PacketBook

  constructor(shape: EmitterShape, request: StreamRequest, book: PacketBook) {
    this.#shape = shape
    this.#request = request
    this.#book = book
    this.events = Math.ceil(request.tokens / shape.tokensPerChunk)
    this.packets = Math.ceil(this.events / shape.eventsPerPacket)
  }

  /** Tokens in the first `events` events. */
  tokensIn(events: number): number {
    return Math.min(events * this.#shape.tokensPerChunk, this.#request.tokens)
  }

  /** What goes out at arrival, together with the response's head. */
  opening(): string {
    if (this.#shape.roleChunk !== 'alone') return ''
    const role = this.#role()
    return `${role.length.toString(16)}\r\n${role}\r\n`
  }

  /** To be filled with the time and sent before the next one is asked for. @param nowNs about when */
  packet(index: number, nowNs: number): Packet {
    const { eventsPerPacket, reasoning, usageOnEveryChunk } = this.#shape
    const from = index * eventsPerPacket
    const to = from + eventsPerPacket
    const mixed = from < reasoning && to > reasoning
    if (index === 0 || to >= this.events || mixed || usageOnEveryChunk) {
      return this.#build(from, Math.min(to, this.events), nowNs)
    }
    return this.#book.middle(this.#field(from), eventsPerPacket, nowNs)
  }

  /** As vLLM does it, the end of the stream travels with the last event. */
  #build(from: number, to: number, nowNs: number): Packet {
    const width = this.#book.widthAt(nowNs)
    let payload = from === 0 && this.#shape.roleChunk === 'with-first' ? this.#role() : ''
    for (let i = from; i < to; i++) payload += this.#event(i)
    if (to < this.events) return packetOf(payload, width, to - from)
    const { promptTokens, tokens } = this.#request
    payload += `${event(`"choices":[],${usageOf(promptTokens, tokens)}`)}data: [DONE]\n\n`
    return packetOf(payload, width, to - from, LAST_CHUNK)
  }

  #event(index: number): string {
    const text = index === 0 ? ` ${this.#request.arrivalNs} ${HOLE}` : ` ${HOLE}`
    const finish = index === this.events - 1 ? '"length"' : 'null'
    return deltaEvent(`"${this.#field(index)}":"${text}"`, finish, this.#usage(index + 1))
  }

  #role(): string {
    return deltaEvent('"role":"assistant","content":""', 'null', this.#usage(0))
  }

  #usage(events: number): string {
    if (!this.#shape.usageOnEveryChunk) return ''
    return `,${usageOf(this.#request.promptTokens, this.tokensIn(events))}`
  }

  #field(event: number): DeltaField {
    return event < this.#shape.reasoning ? 'reasoning' : 'content'
  }
}
