import { NS_PER_S } from '../base/index.js'
import type { Libc } from './libc.js'

/** Waits to the nanosecond, where `epoll_wait` counts milliseconds. */
export interface Sleeper {
  /** Blocks the thread for `ns` at most. @returns at once and true when the descriptor is readable */
  sleep(ns: number): boolean
  close(): void
}

const POLLIN = 1
// struct pollfd: descriptor 4, events 2, revents 2; then struct timespec: seconds 8, nanoseconds 8.
const TIME_AT = 8

/** @param fd whose readiness ends a sleep; an epoll descriptor stands for all its sockets */
export function createSleeper(libc: Libc, fd: number): Sleeper {
  const block = libc.allocate(TIME_AT + 16)
  const words = new Uint32Array(block.bytes.buffer, block.bytes.byteOffset, 6)
  words.fill(0)
  words[0] = fd
  return {
    sleep(ns) {
      words[1] = POLLIN
      const seconds = Math.floor(ns / NS_PER_S)
      words[2] = seconds
      words[4] = ns - seconds * NS_PER_S
      return libc.ppoll(block.address, 1, block.address + TIME_AT, 0) > 0
    },
    close: () => libc.free(block),
  }
}

/** Blocks the thread, whatever comes. */
export interface Pause {
  /** @param ns less than a second */
  block(ns: number): void
  close(): void
}

export function createPause(libc: Libc): Pause {
  const block = libc.allocate(16)
  const words = new Uint32Array(block.bytes.buffer, block.bytes.byteOffset, 4)
  words.fill(0)
  return {
    block(ns) {
      words[2] = ns
      libc.ppoll(0, 0, block.address, 0)
    },
    close: () => libc.free(block),
  }
}
