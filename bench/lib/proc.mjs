// What Linux tells of processes. Each reader gives undefined where the system does not tell.
import { readdirSync, readFileSync } from 'node:fs'

/** @param {string} path */
function textOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/**
 * Bytes that a process holds in memory, out of its `status`.
 * @param {string | undefined} text @param {'VmRSS' | 'VmHWM'} field now, or at most so far
 */
export function parseResident(text, field = 'VmRSS') {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text ?? '')
  return found ? Number(found[1]) * 1024 : undefined
}

/**
 * CPU time of all ended and awaited children, in ns, out of a process's `stat`. The second field, the command, may hold
 * anything: fields are counted from its last parenthesis.
 * @param {string | undefined} text @param {number} ticksPerS
 */
export function parseChildrenCpuNs(text, ticksPerS = 100) {
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields === undefined || fields.length < 15) return undefined
  return ((Number(fields[13]) + Number(fields[14])) / ticksPerS) * 1e9
}

/**
 * Time on a core in ns, the first number of a thread's `schedstat`.
 * @param {string | undefined} text
 */
export function parseRanNs(text) {
  const found = /^(\d+) \d+ \d+\s*$/.exec(text ?? '')
  return found ? Number(found[1]) : undefined
}

/**
 * Processors by number, as the kernel lists them: `0-2,5`.
 * @param {string} text @returns {number[]}
 */
export function parseCpuList(text) {
  return text
    .trim()
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first, last = first] = part.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    })
}

/** @param {number | 'self'} pid */
export const residentBytes = (pid) => parseResident(textOf(`/proc/${pid}/status`))

/** @param {number | 'self'} pid */
export const mostResidentBytes = (pid) => parseResident(textOf(`/proc/${pid}/status`), 'VmHWM')

export const childrenCpuNs = () => parseChildrenCpuNs(textOf('/proc/self/stat'))

/** Time on a core of all living threads of a process, in ns. @param {number} pid */
export function processRanNs(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((thread) => parseRanNs(textOf(`/proc/${pid}/task/${thread}/schedstat`)) ?? 0)
      .reduce((sum, ns) => sum + ns, 0)
  } catch {
    return undefined
  }
}

/** Processors that this process may use. @returns {number[]} */
export function allowedCpus() {
  const found = /^Cpus_allowed_list:\s+(\S+)$/m.exec(textOf('/proc/self/status') ?? '')
  return found ? parseCpuList(found[1]) : []
}

/** Processors that share a core with this one. @param {number} cpu */
export const siblingsOf = (cpu) =>
  parseCpuList(textOf(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`) ?? `${cpu}`)
