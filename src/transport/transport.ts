import type { RequestFailure } from '../base/index.js'

/** Moves bytes and stamps them. Nothing above this file knows which library, or which system call, does so. */
export interface Transport {
  /** `loop`: the stamp is taken in the event loop's callback; `kernel`: by the kernel, when the bytes arrived. */
  readonly stamps: 'loop' | 'kernel'
  /** Sends at once. Returns the way to give up: it closes the connection, so that the server stops generating. */
  send(request: OutgoingRequest, sink: ResponseSink): { cancel(): void }
  close(): Promise<void>
}

export interface OutgoingRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * One answer, in this order: `onSent` once, `onHeaders` once, `onData` any number of times, then `onEnd` or `onBroken`
 * once. `onBroken` may come at any point, also alone; after `cancel` nothing is called any more.
 * Times are nanoseconds since the run's zero.
 */
export interface ResponseSink {
  /** The moment before the first byte goes to the socket. */
  onSent(atNs: number, connectionReused: boolean): void
  onHeaders(atNs: number, status: number, retryAfter: string | undefined): void
  /** One call per read. `bytes` belong to the transport again as soon as the call returns. */
  onData(atNs: number, bytes: Uint8Array): void
  onEnd(atNs: number): void
  onBroken(atNs: number, failure: RequestFailure): void
}
