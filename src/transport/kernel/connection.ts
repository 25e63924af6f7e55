import type { Clock } from '../../base/index.js'
import {
  EAGAIN,
  EINPROGRESS,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  IPPROTO_TCP,
  type Libc,
  MSG_NOSIGNAL,
  SO_ERROR,
  SO_TIMESTAMPNS,
  SOL_SOCKET,
  type SocketAddress,
  STREAM_SOCKET,
  TCP_NODELAY,
} from '../../kernel/index.js'
import { brokenError, errnoError, socketFailure, violationError } from '../failure.js'
import type { ResponseSink } from '../transport.js'
import type { Look, Pollable, Poller } from './poller.js'
import { type ResponseEvents, ResponseReader } from './response-reader.js'
import type { Sockets } from './sockets.js'
import { stampOf } from './stamp.js'

/** Hears what becomes of a connection. Nothing is called after `onClosed`. */
interface ConnectionOwner {
  onConnected(connection: Connection): void
  /** The answer is whole, and another request may follow. */
  onFree(connection: Connection): void
  /** Gone, for whatever reason; with an error when it never came to be. */
  onClosed(connection: Connection, error: Error | undefined): void
}

const ON = Buffer.from([1, 0, 0, 0])

/** One socket and the one request it carries at a time. */
export class Connection implements Pollable, ResponseEvents {
  readonly #libc: Libc
  readonly #poller: Poller
  readonly #clock: Clock
  readonly #owner: ConnectionOwner
  readonly #reader = new ResponseReader(this)
  #fd = -1
  #place = -1
  #connected = false
  #closed = false
  #carried = 0
  #sink: ResponseSink | undefined
  /** What of the request the socket has not taken yet. */
  #unsent: Buffer | undefined
  /** Stamp of the read in work, and how long it may have lain. */
  #readNs = 0
  #awayNs = 0

  constructor({ libc, poller, clock }: Sockets, owner: ConnectionOwner) {
    this.#libc = libc
    this.#poller = poller
    this.#clock = clock
    this.#owner = owner
  }

  /** Begins to connect; the outcome is told later, never inside this call. */
  open(address: SocketAddress): void {
    const errno = this.#begin(address)
    if (errno !== 0) setImmediate(() => this.close(errnoError(errno, 'connect')))
  }

  /** @returns the error's number, or 0 */
  #begin({ family, bytes }: SocketAddress): number {
    const libc = this.#libc
    const fd = libc.socket(family, STREAM_SOCKET, 0)
    if (fd < 0) return libc.errno()
    this.#fd = fd
    // Before the first byte: what comes earlier has no stamp.
    libc.setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, ON, ON.length)
    libc.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, ON, ON.length)
    if (libc.connect(fd, bytes, bytes.length) !== 0 && libc.errno() !== EINPROGRESS) return libc.errno()
    const place = this.#poller.add(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP, this)
    if (place === undefined) return libc.errno()
    this.#place = place
    return 0
  }

  /** Sends a request on a free connection. Trouble is told later, never inside this call. */
  carry(bytes: Buffer, sink: ResponseSink): void {
    this.#sink = sink
    this.#reader.reset()
    const sentNs = this.#clock.nowNs()
    this.#readNs = sentNs
    const trouble = this.#push(bytes)
    sink.onSent(sentNs, this.#carried++ > 0)
    if (trouble) setImmediate(() => this.#break(trouble))
  }

  /** Gives a request up that is under way or waits for the connection, and with it the connection. Nothing is told. */
  cancel(sink: ResponseSink): void {
    if (this.#connected && this.#sink !== sink) return
    this.#sink = undefined
    this.close()
  }

  /** @param error why the connection never came to be */
  close(error?: Error): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#fd >= 0) this.#libc.close(this.#fd)
    if (this.#place >= 0) this.#poller.remove(this.#place)
    this.#reader.stop()
    this.#owner.onClosed(this, error)
  }

  onReady(readiness: number, look: Look): void {
    if (!this.#connected) this.#finishConnect()
    else if (this.#unsent && (readiness & EPOLLOUT) !== 0) this.#pushOn()
    if (!this.#closed && (readiness & ~EPOLLOUT) !== 0) this.#readOn(look)
  }

  #finishConnect(): void {
    const value = Buffer.alloc(4)
    this.#libc.getsockopt(this.#fd, SOL_SOCKET, SO_ERROR, value, Buffer.from([4, 0, 0, 0]))
    const errno = value.readInt32LE(0)
    if (errno !== 0) {
      this.close(errnoError(errno, 'connect'))
      return
    }
    this.#connected = true
    this.#poller.change(this.#fd, EPOLLIN | EPOLLRDHUP, this.#place)
    this.#owner.onConnected(this)
  }

  #readOn(look: Look): void {
    const { receiver } = look
    const size = receiver.receive(this.#fd)
    if (size > 0) {
      this.#readNs = stampOf(look, this.#readNs, this.#clock.nowNs)
      this.#awayNs = look.awayNs
      if (this.#sink) this.#reader.read(receiver.bytes, 0, size)
      // Nothing was asked for: whatever the server means by it, this connection is not to be trusted with a request.
      else this.close()
    } else if (size === 0) this.#onPeerClosed()
    else if (this.#libc.errno() !== EAGAIN) this.#break(errnoError(this.#libc.errno(), 'read'))
  }

  #onPeerClosed(): void {
    if (this.#sink === undefined) this.close()
    else {
      this.#readNs = this.#clock.nowNs()
      if (!this.#reader.end()) this.#break(brokenError('the server closed the connection inside its answer'))
    }
  }

  /** @returns what went wrong */
  #push(bytes: Buffer): Error | undefined {
    const taken = this.#libc.send(this.#fd, bytes, bytes.length, MSG_NOSIGNAL)
    if (taken === bytes.length) {
      if (this.#unsent) this.#poller.change(this.#fd, EPOLLIN | EPOLLRDHUP, this.#place)
      this.#unsent = undefined
      return undefined
    }
    const errno = taken < 0 ? this.#libc.errno() : EAGAIN
    if (errno !== EAGAIN) return errnoError(errno, 'write')
    if (!this.#unsent) this.#poller.change(this.#fd, EPOLLIN | EPOLLRDHUP | EPOLLOUT, this.#place)
    this.#unsent = bytes.subarray(Math.max(0, taken))
    return undefined
  }

  #pushOn(): void {
    const trouble = this.#unsent && this.#push(this.#unsent)
    if (trouble) this.#break(trouble)
  }

  #break(error: Error): void {
    const sink = this.#sink
    this.#sink = undefined
    this.close()
    sink?.onBroken(this.#clock.nowNs(), socketFailure(error))
  }

  onHead(status: number, headers: Readonly<Record<string, string>>): void {
    this.#sink?.onHeaders(this.#readNs, status, headers)
  }

  onBody(bytes: Buffer, from: number, to: number): void {
    this.#sink?.onData(this.#readNs, bytes, from, to, this.#awayNs)
  }

  /** An answer that came before its request was all sent leaves a connection that cannot be used again. */
  onComplete(keepAlive: boolean): void {
    const sink = this.#sink
    this.#sink = undefined
    if (keepAlive && this.#unsent === undefined) this.#owner.onFree(this)
    else this.close()
    sink?.onEnd(this.#readNs)
  }

  onViolation(message: string): void {
    this.#break(violationError(message))
  }
}
