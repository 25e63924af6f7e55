/**
 * What the files of `/proc` and `/sys` say. Pure functions of their text; each gives undefined for a text that does not say
 * it, and for no text at all.
 */

type Text = string | undefined

/** Of all cores together since boot, in the kernel's ticks. Only differences and ratios mean anything. */
export interface CpuTicks {
  readonly busy: number
  readonly steal: number
  readonly total: number
}

/** The `cpu` line of `/proc/stat`; guest time is part of user time there. */
export function parseCpuTicks(text: Text): CpuTicks | undefined {
  const line = /^cpu +(.+)$/m.exec(text ?? '')?.[1]
  if (line === undefined) return undefined
  const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, irq = 0, softIrq = 0, steal = 0] = line
    .split(' ')
    .map(Number)
  const busy = user + nice + system + irq + softIrq
  return { busy, steal, total: busy + idle + ioWait + steal }
}

export interface Pressure {
  /** Share of the last ten seconds in which some task waited for a core. */
  readonly last10sShare: number
  /** The same as a time since boot. */
  readonly totalUs: number
}

/** The `some` line of `/proc/pressure/cpu`. */
export function parsePressure(text: Text): Pressure | undefined {
  const found = /^some avg10=([\d.]+) .*total=(\d+)/m.exec(text ?? '')
  return found ? { last10sShare: Number(found[1]) / 100, totalUs: Number(found[2]) } : undefined
}

/** `cpu.stat` of a control group: `throttled_usec` of version 2, `throttled_time` (ns) of version 1. */
export function parseThrottledNs(text: Text): number | undefined {
  const us = numberAfter(text, 'throttled_usec')
  return us === undefined ? numberAfter(text, 'throttled_time') : us * 1000
}

/** `cpu.max` of version 2: how many cores' time a control group may use; Infinity without a limit. */
export function parseCpuMax(text: Text): number | undefined {
  const found = /^(max|\d+) (\d+)/.exec(text ?? '')
  if (!found) return undefined
  return found[1] === 'max' ? Number.POSITIVE_INFINITY : Number(found[1]) / Number(found[2])
}

/** The same of version 1: `cpu.cfs_quota_us` (−1 without a limit) and `cpu.cfs_period_us`. */
export function parseQuota(quota: Text, period: Text): number | undefined {
  if (quota === undefined || period === undefined) return undefined
  return Number(quota) < 0 ? Number.POSITIVE_INFINITY : Number(quota) / Number(period)
}

/** `schedstat` of a thread: time on a core, and time in which it could have run and had none. */
export function parseSchedule(text: Text): { ranNs: number; waitedNs: number } | undefined {
  const found = /^(\d+) (\d+) /.exec(text ?? '')
  return found ? { ranNs: Number(found[1]), waitedNs: Number(found[2]) } : undefined
}

/** `/proc/self/limits`. Infinity where unlimited. */
export function parseOpenFiles(text: Text): { soft: number; hard: number } | undefined {
  const found = /^Max open files +(\d+|unlimited) +(\d+|unlimited)/m.exec(text ?? '')
  if (!found) return undefined
  const [soft = 0, hard = 0] = [found[1], found[2]].map((word) =>
    word === 'unlimited' ? Number.POSITIVE_INFINITY : Number(word),
  )
  return { soft, hard }
}

/** `ip_local_port_range`: first and last port, both included. */
export function parsePortRange(text: Text): { first: number; last: number } | undefined {
  const found = /^(\d+)\s+(\d+)/.exec(text ?? '')
  return found ? { first: Number(found[1]), last: Number(found[2]) } : undefined
}

/** Rows of `/proc/net/tcp` or `tcp6` whose other end has this port, whatever their state. */
export function countToPort(text: Text, port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return (text ?? '').split('\n').filter((row) => row.trim().split(/\s+/)[2]?.endsWith(`:${hex}`)).length
}

export interface Memory {
  readonly availableBytes: number
  readonly swapUsedBytes: number
}

/** `/proc/meminfo`. */
export function parseMemory(text: Text): Memory | undefined {
  const bytes = (name: string): number | undefined => {
    const kib = numberAfter(text, `${name}:`)
    return kib === undefined ? undefined : kib * 1024
  }
  const availableBytes = bytes('MemAvailable')
  if (availableBytes === undefined) return undefined
  return { availableBytes, swapUsedBytes: (bytes('SwapTotal') ?? 0) - (bytes('SwapFree') ?? 0) }
}

/** A file that holds one number. */
export const parseCount = (text: Text): number | undefined =>
  /^-?\d+\s*$/.test(text ?? '') ? Number(text) : undefined

function numberAfter(text: Text, name: string): number | undefined {
  const found = new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(text ?? '')
  return found ? Number(found[1]) : undefined
}
