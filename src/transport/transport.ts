import type { RequestFailure, ResponseHeaders } from '../base/index.js'
import type { ConnectionSetting } from './connection.js'

/** Moves bytes and stamps them. Nothing above this room knows which library, or which system call, does so. */
export interface Transport {
  /** `loop`: the stamp is taken in the event loop's callback; `kernel`: by the kernel, when the bytes arrived. */
  readonly stamps: 'loop' | 'kernel'
  /**
   * @param origin scheme, host and port
   * @param connections at least the greatest number of requests in flight: fewer would queue them inside, unseen
   * @param setting a plain connection when left out
   */
  open(origin: string, connections: number, setting?: ConnectionSetting): Channel
  /** How far the wall clock was set against the monotonic one since the last call, in ns, where stamps depend on it. */
  takeClockJumpNs(): number
  /** Reads since the last call that the kernel gave no stamp that can be true: the moment of the look stands in. */
  takeUnstampedReads(): number
  close(): Promise<void>
}

/** The way to one server. All channels of a transport are read by one loop, in one go. */
export interface Channel {
  /** Sends at once, and never throws: trouble is told to the sink, later. Returns the way to give up: it closes the connection, so that the server stops generating. */
  send(request: OutgoingRequest, sink: ResponseSink): { cancel(): void }
}

export interface OutgoingRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * One answer, in this order: `onSent` once, `onHeaders` once, `onData` any number of times, then `onEnd` or `onBroken`
 * once. `onBroken` may come at any point, also alone; nothing is called inside `send` but `onSent`, and nothing at all
 * after `cancel`. Times are nanoseconds since the run's zero.
 */
export interface ResponseSink {
  /**
   * The moment before the first byte goes to the socket; where a client of others does that, the moment before it is called.
   * @param connectionReused undefined where that is not told
   */
  onSent(atNs: number, connectionReused: boolean | undefined): void
  onHeaders(atNs: number, status: number, headers: ResponseHeaders): void
  /**
   * Body bytes from one read: `bytes` from `from` up to `to`, which belong to the transport again as soon as the call
   * returns. A read may bring several calls, with one stamp.
   * @param awayNs how much earlier than we looked the first of them may have arrived, because we were busy elsewhere
   */
  onData(atNs: number, bytes: Buffer, from: number, to: number, awayNs: number): void
  onEnd(atNs: number): void
  onBroken(atNs: number, failure: RequestFailure): void
}
