import { NS_PER_MS } from '../base/index.js'

/** Requests that wait before they are tried again. They are in flight: their users wait for them. */
export interface Pauses<Job> {
  readonly size: number
  /** Calls `next` when the pause is over. */
  add(job: Job, waitNs: number, next: () => void): void
  /** Ends the pauses that fit, and hands back whose they were: nothing follows on them. */
  end(fits: (job: Job) => boolean): Job[]
}

export function createPauses<Job>(): Pauses<Job> {
  const timers = new Map<Job, NodeJS.Timeout>()
  return {
    get size() {
      return timers.size
    },
    add(job, waitNs, next) {
      const over = (): void => {
        timers.delete(job)
        next()
      }
      timers.set(job, setTimeout(over, Math.min(waitNs / NS_PER_MS, LONGEST_MS)))
    },
    end(fits) {
      const ended = [...timers.keys()].filter(fits)
      for (const job of ended) {
        clearTimeout(timers.get(job))
        timers.delete(job)
      }
      return ended
    },
  }
}

/** A longer one would overflow the timer and come at once. */
const LONGEST_MS = 2 ** 31 - 1
