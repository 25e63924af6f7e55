import { CLOEXEC, EPOLL_ADD, EPOLL_MODIFY } from './constants.js'
import type { Libc } from './libc.js'

/** Sockets whose readiness is learnt in one call for all of them. */
export interface Epoll {
  readonly fd: number
  /** `token` comes back with each readiness of `fd`: an unsigned 32-bit number. @returns whether the kernel took it */
  add(fd: number, interest: number, token: number): boolean
  modify(fd: number, interest: number, token: number): void
  /** Asks without waiting, or waits up to `timeoutMs`. @returns how many are ready */
  poll(timeoutMs: number): number
  /** Token of the i-th ready one of the last poll. */
  token(i: number): number
  /** Its readiness, as EPOLL bits. */
  readiness(i: number): number
  close(): void
}

const ROOM = 1024
/** `epoll_event` is packed on x86-64 and aligned elsewhere. */
const EVENT_SIZE = process.arch === 'x64' ? 12 : 16
const DATA_AT = EVENT_SIZE - 8

export function createEpoll(libc: Libc): Epoll {
  const fd = libc.epollCreate(CLOEXEC)
  const events = libc.allocate(ROOM * EVENT_SIZE)
  const words = new Uint32Array(events.bytes.buffer, events.bytes.byteOffset, (ROOM * EVENT_SIZE) / 4)
  const event = Buffer.alloc(EVENT_SIZE)
  const control = (operation: number, socket: number, interest: number, token: number): boolean => {
    event.writeUInt32LE(interest, 0)
    event.writeUInt32LE(token, DATA_AT)
    return libc.epollControl(fd, operation, socket, event) === 0
  }
  return {
    fd,
    add: (socket, interest, token) => control(EPOLL_ADD, socket, interest, token),
    modify: (socket, interest, token) => void control(EPOLL_MODIFY, socket, interest, token),
    poll: (timeoutMs) => libc.epollWait(fd, events.address, ROOM, timeoutMs),
    token: (i) => words[(i * EVENT_SIZE + DATA_AT) >> 2] ?? 0,
    readiness: (i) => words[(i * EVENT_SIZE) >> 2] ?? 0,
    close() {
      libc.close(fd)
      libc.free(events)
    },
  }
}
