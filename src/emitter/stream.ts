import type { LogEntry } from './log.js'
import type { Answer, Outlet } from './outlet.js'
import { fillTime, markSlow, type Packet } from './packet.js'
import type { Script } from './script.js'

/** Between the sends that an event is spread over. */
const PIECE_GAP_NS = 300_000

/**
 * A send that takes longer has lost its core: when its bytes went out cannot be known from the moment before it. It is logged as
 * slow, and the next event says so in its text. Shorter losses mostly come after the wire, when the reader that it woke takes
 * the core, and change nothing.
 */
const SLOW_SEND_NS = 1_000_000

interface StreamParts {
  readonly script: Script
  /** When packet after packet is due. */
  readonly timeline: () => number
  readonly packetsPerEvent: number
  readonly entry: LogEntry | undefined
  readonly nowNs: () => number
  onEnd(whole: boolean): void
}

/**
 * One stream under way. The time in a packet is taken right before the send that completes it, so that only whatever the
 * system takes to deliver lies between that time and the client's.
 */
export class Stream implements Answer {
  dueNs: number
  readonly #parts: StreamParts
  /** When the packet in work has to be complete. */
  #completeNs: number
  #sent = 0
  #packet: Packet | undefined
  #piece = 0
  #bytesSent = 0
  #lastEvents = 0
  #slow = false

  constructor(parts: StreamParts) {
    this.#parts = parts
    this.#completeNs = parts.timeline()
    this.dueNs = this.#completeNs - this.#leadNs()
  }

  advance(outlet: Outlet): boolean {
    const { script, nowNs, packetsPerEvent } = this.#parts
    const packet = this.#packet ?? script.packet(this.#sent, this.dueNs)
    if (this.#piece < packetsPerEvent - 1) return this.#sendPiece(packet, outlet)
    if (this.#sent > 0) markSlow(packet, this.#slow)
    const atNs = nowNs()
    fillTime(packet, atNs)
    outlet.send(packet.bytes, this.#bytesSent, packet.bytes.length)
    this.#slow = nowNs() - atNs > SLOW_SEND_NS
    this.#parts.entry?.add(atNs, packet.events, this.#slow)
    return this.#next(packet.events)
  }

  heldUpTo(atNs: number): void {
    if (this.#piece === 0) this.#parts.entry?.heldUpTo(atNs, this.#lastEvents)
  }

  end(whole: boolean): void {
    this.#parts.onEnd(whole)
  }

  /** An equal share of what precedes the time and its mark, which only the last piece can know. */
  #sendPiece(packet: Packet, outlet: Outlet): boolean {
    const { packetsPerEvent, nowNs } = this.#parts
    const [hole = 0] = packet.holes
    this.#piece++
    this.#packet = packet
    const to = Math.floor(((hole - 1) * this.#piece) / (packetsPerEvent - 1))
    outlet.send(packet.bytes, this.#bytesSent, to)
    this.#bytesSent = to
    // Never closer than the gap: pieces that were late together would arrive as one.
    this.dueNs = Math.max(this.#completeNs - this.#leadNs(), nowNs() + PIECE_GAP_NS)
    return true
  }

  #next(events: number): boolean {
    const { script, timeline } = this.#parts
    this.#packet = undefined
    this.#piece = 0
    this.#bytesSent = 0
    this.#lastEvents = events
    if (++this.#sent >= script.packets) return false
    this.#completeNs = timeline()
    this.dueNs = this.#completeNs - this.#leadNs()
    return true
  }

  /** How long before its completion the next piece of a packet has to go. */
  #leadNs(): number {
    return (this.#parts.packetsPerEvent - 1 - this.#piece) * PIECE_GAP_NS
  }
}
