/**
 * One monotonic clock for the whole process. All stamps are nanoseconds since the run's zero, held in a double:
 * exact for 104 days.
 *
 * `performance.now()` and `process.hrtime` read the same kernel clock (CLOCK_MONOTONIC), but `performance.now()` returns
 * a double without allocating, so it serves the hot path. Its origin differs between threads; the offset found here
 * brings every thread to the machine's own monotonic time.
 */
export interface Clock {
  readonly name: string
  /** Nanoseconds since the run's zero. */
  nowNs(): number
  /** Resolves no earlier than `atNs`; resolves at once when that moment has passed or `signal` is aborted. */
  until(atNs: number, signal?: AbortSignal): Promise<void>
}

/** `hrtime` minus `performance.now()`, in ns: constant for a thread's life. The tightest of 50 pairs is kept. */
function threadOffsetNs(): number {
  let best = Number.POSITIVE_INFINITY
  let offset = 0
  for (let i = 0; i < 50; i++) {
    const before = performance.now()
    const machineNs = Number(process.hrtime.bigint())
    const after = performance.now()
    if (after - before < best) {
      best = after - before
      offset = machineNs - ((before + after) / 2) * 1e6
    }
  }
  return offset
}

const offsetNs = threadOffsetNs()

/** Nanoseconds on the machine's monotonic clock (CLOCK_MONOTONIC): comparable between processes of one machine. */
export const monotonicNs = (): number => performance.now() * 1e6 + offsetNs

/** Wakes more exactly than the timers of the event loop. */
export interface Alarm {
  /** Resolves at that moment on the machine's monotonic clock, or somewhat before it: the caller looks at the clock. */
  at(machineNs: number): Promise<void>
}

/** Timers of the event loop are good to about a millisecond: so long before the moment the alarm takes over. */
const EXACT_NS = 2e6

function sleepMs(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}

/** Exact at the price of a busy core: turn after turn of the loop. Where the system has nothing better. */
const spin: Alarm = { at: () => new Promise((resolve) => setImmediate(resolve)) }

/** The clock of a run whose zero lies at `zeroNs` on the machine's monotonic clock. */
export function runClock(zeroNs: number, alarm: Alarm = spin): Clock {
  const nowNs = () => monotonicNs() - zeroNs
  return {
    name: 'CLOCK_MONOTONIC',
    nowNs,
    async until(atNs, signal) {
      for (;;) {
        const leftNs = atNs - nowNs()
        if (leftNs <= 0 || signal?.aborted) return
        if (leftNs > EXACT_NS) await sleepMs((leftNs - EXACT_NS) / 1e6, signal)
        else await alarm.at(zeroNs + atNs)
      }
    },
  }
}
