import {
  EAGAIN,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  type Epoll,
  type Libc,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
} from '../kernel/index.js'
import type { Outlet } from './outlet.js'

export const READING = EPOLLIN | EPOLLRDHUP

/** Sends on a socket of the kernel's; its descriptor is its token in the epoll set. */
export class KernelOutlet implements Outlet {
  readonly #libc: Libc
  readonly #epoll: Epoll
  readonly #fd: number
  readonly #onClose: () => void
  #kept: Buffer | undefined
  #closing = false

  /** @param onClose called once the descriptor is closed */
  constructor(libc: Libc, epoll: Epoll, fd: number, onClose: () => void) {
    this.#libc = libc
    this.#epoll = epoll
    this.#fd = fd
    this.#onClose = onClose
  }

  send(bytes: Buffer, from: number, to: number): void {
    if (this.#kept) {
      this.#kept = Buffer.concat([this.#kept, bytes.subarray(from, to)])
      return
    }
    const taken = this.#push(from === 0 ? bytes : bytes.subarray(from), to - from)
    if (taken === to - from) return
    this.#kept = Buffer.from(bytes.subarray(from + taken, to))
    this.#epoll.modify(this.#fd, READING | EPOLLOUT, this.#fd)
  }

  clogged(): boolean {
    return this.#kept !== undefined
  }

  /** Sends on what is kept. @returns whether all of it has gone */
  drain(): boolean {
    if (!this.#kept) return false
    const taken = this.#push(this.#kept, this.#kept.length)
    if (taken < this.#kept.length) {
      this.#kept = this.#kept.subarray(taken)
      return false
    }
    this.#kept = undefined
    this.#epoll.modify(this.#fd, READING, this.#fd)
    if (this.#closing) this.closeNow()
    return !this.#closing
  }

  close(): void {
    this.#closing = true
    if (!this.#kept) this.closeNow()
  }

  closeNow(): void {
    this.#libc.close(this.#fd)
    this.#onClose()
  }

  /** @returns how much was taken. To a client that is gone everything may be sent: its end is read next. */
  #push(bytes: Buffer, size: number): number {
    const taken = this.#libc.send(this.#fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL)
    if (taken >= 0) return taken
    return this.#libc.errno() === EAGAIN ? 0 : size
  }
}
