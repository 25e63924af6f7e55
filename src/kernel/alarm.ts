import type { Alarm } from '../base/index.js'
import { CLOCK_MONOTONIC, TIMER_ABSOLUTE, TIMER_FLAGS } from './constants.js'
import { loadLibc } from './libc.js'

// struct itimerspec: interval 16 (none), then seconds 8 and nanoseconds 8; all zero disarms.
const SIZE = 32
const SECONDS_AT = 16
const NANOSECONDS_AT = 24

/**
 * An alarm clock of the kernel's (timerfd), good to some ten microseconds, that the event loop sleeps by: waiting for the last
 * two milliseconds before each of a thousand sends a second would otherwise keep a core busy, and delay those very sends.
 * @returns undefined where there is none
 */
export function createAlarm(): (Alarm & { close(): void }) | undefined {
  const loaded = loadLibc()
  if (!loaded.available) return undefined
  const { libc } = loaded
  const fd = libc.timerCreate(CLOCK_MONOTONIC, TIMER_FLAGS)
  if (fd < 0) return undefined
  const time = Buffer.alloc(SIZE)
  /** Earliest first. */
  const waiting: { readonly atNs: number; readonly ring: () => void }[] = []

  let closed = false

  /** Setting it also forgets that it rang. */
  const set = (): void => {
    const next = Math.ceil(waiting[0]?.atNs ?? 0)
    const seconds = Math.floor(next / 1e9)
    time.writeUInt32LE(seconds, SECONDS_AT)
    time.writeUInt32LE(next - seconds * 1e9, NANOSECONDS_AT)
    libc.timerSet(fd, TIMER_ABSOLUTE, time)
  }
  const watch = libc.whenReadable(fd, () => {
    // What is due within the next moments would only ring again at once.
    const nextNs = waiting[0]?.atNs ?? 0
    while (waiting[0] !== undefined && waiting[0].atNs <= nextNs + 1000) waiting.shift()?.ring()
    set()
  })
  return {
    at: (atNs) =>
      new Promise((resolve) => {
        if (closed) return resolve()
        let place = waiting.length
        while (place > 0 && (waiting[place - 1]?.atNs ?? 0) > atNs) place--
        waiting.splice(place, 0, { atNs, ring: resolve })
        if (place === 0) set()
      }),
    close() {
      closed = true
      watch.stop()
      libc.close(fd)
      for (const { ring } of waiting.splice(0)) ring()
    },
  }
}
