import { CLOCK_REALTIME, EINTR, MSG_DONTWAIT } from './constants.js'
import type { Libc } from './libc.js'

/**
 * Reads a socket together with the kernel's stamp of when the bytes arrived (SO_TIMESTAMPNS). One buffer serves all sockets
 * of a thread: what a read brings must be used before the next.
 */
export interface Receiver {
  readonly bytes: Buffer
  /** @returns bytes read, 0 when the peer has closed, −1 with the reason in `errno` */
  receive(fd: number): number
  /**
   * When the last packet of the last read arrived, on the machine's monotonic clock in ns; NaN when the kernel told no time
   * (as of a packet that was under way before the first socket asked for stamps).
   */
  stampNs(): number
  /** Takes the offset between the two clocks again. @returns how far the wall clock was set since, in ns */
  align(): number
  close(): void
}

const READ_SIZE = 64 * 1024

// struct msghdr, 56 bytes: name 0, namelen 8, iov 16, iovlen 24, control 32, controllen 40, flags 48. The iovec and the
// control buffer lie behind it in one block.
const IOVEC_AT = 64
const CONTROL_AT = 128
const CONTROL_SIZE = 64
const CONTROL_LENGTH_WORD = 40 / 4
// struct cmsghdr: length 8, level 4, type 4; then the time: seconds 8, nanoseconds 8.
const LEVEL_WORD = (CONTROL_AT + 8) / 4
const SECONDS_WORD = (CONTROL_AT + 16) / 4
const NANOSECONDS_WORD = (CONTROL_AT + 24) / 4
const TIME_AT = CONTROL_AT + CONTROL_SIZE

/** @param monotonicNs the clock that the stamps are to be told on, CLOCK_MONOTONIC */
export function createReceiver(libc: Libc, monotonicNs: () => number): Receiver {
  const buffer = libc.allocate(READ_SIZE)
  const block = libc.allocate(256)
  const words = new Uint32Array(block.bytes.buffer, block.bytes.byteOffset, 64)
  layOut(block, buffer)

  // Seconds since 1970 times 1e9 would not fit a double exactly: they are counted from a base.
  const baseS = Math.floor(Date.now() / 1000)
  const realtimeNs = (): number => {
    libc.clockGetTime(CLOCK_REALTIME, block.address + TIME_AT)
    return timeAt(TIME_AT / 4, TIME_AT / 4 + 2)
  }
  const timeAt = (secondsWord: number, nanosecondsWord: number): number =>
    ((words[secondsWord] ?? 0) - baseS) * 1e9 + (words[nanosecondsWord] ?? 0)

  let offsetNs = wallClockOffset(realtimeNs, monotonicNs)

  return {
    bytes: buffer.bytes,
    receive(fd) {
      for (;;) {
        words[CONTROL_LENGTH_WORD] = CONTROL_SIZE
        words[LEVEL_WORD] = 0
        const size = libc.recvmsg(fd, block.address, MSG_DONTWAIT)
        if (size >= 0 || libc.errno() !== EINTR) return size
      }
    },
    stampNs: () =>
      words[LEVEL_WORD] === 0 || words[CONTROL_LENGTH_WORD] === 0
        ? Number.NaN
        : timeAt(SECONDS_WORD, NANOSECONDS_WORD) - offsetNs,
    align() {
      const before = offsetNs
      offsetNs = wallClockOffset(realtimeNs, monotonicNs)
      return offsetNs - before
    },
    close() {
      libc.free(buffer)
      libc.free(block)
    },
  }
}

function layOut(block: { address: number; bytes: Buffer }, buffer: { address: number }): void {
  block.bytes.fill(0)
  const point = (at: number, value: number) => block.bytes.writeBigUInt64LE(BigInt(value), at)
  point(16, block.address + IOVEC_AT)
  point(24, 1)
  point(32, block.address + CONTROL_AT)
  point(IOVEC_AT, buffer.address)
  point(IOVEC_AT + 8, READ_SIZE)
}

const PAIRS = 50

/** Wall clock minus monotonic clock, from the tightest of fifty readings of both: good to some tens of nanoseconds. */
function wallClockOffset(realtimeNs: () => number, monotonicNs: () => number): number {
  let tightest = Number.POSITIVE_INFINITY
  let offset = 0
  for (let i = 0; i < PAIRS; i++) {
    const before = monotonicNs()
    const wall = realtimeNs()
    const after = monotonicNs()
    if (after - before >= tightest) continue
    tightest = after - before
    offset = wall - (before + after) / 2
  }
  return offset
}
