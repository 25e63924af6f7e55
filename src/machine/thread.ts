import { openText } from './files.js'
import { parseSchedule } from './parse.js'

/** A thread's file of its own; opened by the thread that asks first, and each thread has its own copy of this module. */
let read: (() => string | undefined) | undefined

/**
 * How long the calling thread has been on a core, and how long it could have run and had none, in ns since it began. Null where
 * the system does not tell: not Linux, or a kernel that does not count.
 */
export function threadSchedule(): { ranNs: number; waitedNs: number } | null {
  read ??= openText('/proc/thread-self/schedstat')
  const schedule = parseSchedule(read())
  // Whoever calls has run: a zero comes from a kernel that does not count.
  return schedule && schedule.ranNs > 0 ? schedule : null
}
