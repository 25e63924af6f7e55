import type { MachineSample } from '../record/index.js'
import { findCpuGroup } from './cgroup.js'
import { openText } from './files.js'
import { type CpuTicks, parseCpuTicks, parsePressure, parseThrottledNs } from './parse.js'

/** What the system has counted up to a moment. Undefined: it does not tell. */
export interface MachineCounters {
  readonly atNs: number
  readonly cpu: CpuTicks | undefined
  readonly pressureUs: number | undefined
  readonly throttledNs: number | undefined
}

/** Opens the system's counters. The function it gives reads them: three small files, 0.02 ms together. */
export function openCounters(): (atNs: number) => MachineCounters {
  const cpu = openText('/proc/stat')
  const pressure = openText('/proc/pressure/cpu')
  const group = findCpuGroup()
  const throttling = group ? openText(group.statFile) : () => undefined
  return (atNs) => ({
    atNs,
    cpu: parseCpuTicks(cpu()),
    pressureUs: parsePressure(pressure())?.totalUs,
    throttledNs: parseThrottledNs(throttling()),
  })
}

/** What happened between two readings. The kernel's idle time may step back a little: shares are kept within 0 to 1. */
export function sampleBetween(before: MachineCounters, after: MachineCounters): MachineSample {
  const tookNs = after.atNs - before.atNs
  const ticks = (name: keyof CpuTicks): number | undefined => grown(before.cpu?.[name], after.cpu?.[name])
  const cpuBusyShare = share(ticks('busy'), ticks('total'))
  const stealShare = share(ticks('steal'), ticks('total'))
  const pressureUs = grown(before.pressureUs, after.pressureUs)
  const cpuPressureShare = share(pressureUs === undefined ? undefined : pressureUs * 1000, tookNs)
  const throttledNs = grown(before.throttledNs, after.throttledNs)
  return {
    atNs: after.atNs,
    ...(cpuBusyShare !== undefined && { cpuBusyShare }),
    ...(stealShare !== undefined && { stealShare }),
    ...(cpuPressureShare !== undefined && { cpuPressureShare }),
    ...(throttledNs !== undefined && { throttledNs }),
  }
}

function grown(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : Math.max(0, after - before)
}

/** To four decimals, as it is written. Undefined where nothing passed to be shared. */
function share(part: number | undefined, whole: number | undefined): number | undefined {
  if (part === undefined || whole === undefined || whole <= 0) return undefined
  return Math.round(Math.min(1, part / whole) * 1e4) / 1e4
}
