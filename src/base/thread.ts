import { openSync, readSync } from 'node:fs'

/** Of one thread since it began, in ns. */
export interface ThreadSchedule {
  /** On a core. */
  readonly ranNs: number
  /** Ready to run, and without a core. */
  readonly waitedNs: number
}

const bytes = Buffer.allocUnsafe(128)
/** The thread's own file: each thread has its own copy of this module. Undefined before the first call, null where there is none. */
let file: number | null | undefined

/**
 * How the kernel scheduled the calling thread: the first two numbers of `/proc/thread-self/schedstat`. About a microsecond.
 * Null where the system does not tell: not Linux, or a kernel that does not count.
 */
export function threadSchedule(): ThreadSchedule | null {
  if (file === undefined) file = open()
  if (file === null) return null
  const [ran, waited] = bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0)).split(' ', 2)
  const ranNs = Number(ran)
  // Whoever calls has run: a zero comes from a kernel that does not count.
  return ranNs > 0 ? { ranNs, waitedNs: Number(waited) } : null
}

function open(): number | null {
  try {
    return openSync('/proc/thread-self/schedstat', 'r')
  } catch {
    return null
  }
}
