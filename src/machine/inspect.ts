import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { findCpuGroup } from './cgroup.js'
import { namesIn, readText } from './files.js'
import {
  countToPort,
  type Memory,
  parseCount,
  parseCpuTicks,
  parseMemory,
  parseOpenFiles,
  parsePortRange,
  parsePressure,
  parseThrottledNs,
} from './parse.js'

/** What the system says of this machine, at one moment. Undefined: it does not tell. */
export interface MachineState {
  readonly nodeVersion: string
  /** Cores on which this process may run. */
  readonly cores: number
  /** How many cores' time its control group may use; Infinity without a limit. */
  readonly quotaCores: number | undefined
  readonly openFiles: { readonly soft: number; readonly hard: number } | undefined
  readonly ports: PortFacts | undefined
  /** Most connections that may wait to be accepted by one listener. */
  readonly somaxconn: number | undefined
  readonly clockSource: string | undefined
  /** The different frequency governors of the cores; empty where there are none, as in most virtual machines. */
  readonly governors: readonly string[]
  /** For how long our control group has been throttled, in its life. */
  readonly throttledNs: number | undefined
  /** How often a core was slowed down for heat since boot, all cores together. */
  readonly thermalThrottles: number | undefined
  /** Share of the cores' time that the hypervisor gave to others since boot. */
  readonly stealShare: number | undefined
  readonly memory: Memory | undefined
  /** Whether the kernel shares out the cores by terminal session. */
  readonly autogroup: boolean | undefined
  /** Tasks that ran or wanted to, over the last minute. */
  readonly load: number | undefined
  /** Share of the last ten seconds in which some task waited for a core. */
  readonly pressureShare: number | undefined
}

interface PortFacts {
  readonly first: number
  readonly last: number
  /** Of them, those bound up in connections to the target's port, open or closing. */
  readonly inUse: number
}

/** @param targetPort the port that the load will go to; connections to it count as in use */
export function inspectMachine(targetPort: number | undefined): MachineState {
  const group = findCpuGroup()
  const ticks = parseCpuTicks(readText('/proc/stat'))
  const autogroup = parseCount(readText('/proc/sys/kernel/sched_autogroup_enabled'))
  return {
    nodeVersion: process.version,
    cores: availableParallelism(),
    quotaCores: group?.quotaCores,
    openFiles: parseOpenFiles(readText('/proc/self/limits')),
    ports: portsFor(targetPort),
    somaxconn: parseCount(readText('/proc/sys/net/core/somaxconn')),
    clockSource: readText('/sys/devices/system/clocksource/clocksource0/current_clocksource')?.trim(),
    governors: [...new Set(ofCores('cpufreq/scaling_governor').map((text) => text.trim()))],
    throttledNs: parseThrottledNs(group && readText(group.statFile)),
    thermalThrottles: sumOf(ofCores('thermal_throttle/core_throttle_count')),
    stealShare: ticks && ticks.total > 0 ? ticks.steal / ticks.total : undefined,
    memory: parseMemory(readText('/proc/meminfo')),
    autogroup: autogroup === undefined ? undefined : autogroup === 1,
    // Windows has no load average and says 0.
    load: process.platform === 'win32' ? undefined : loadavg()[0],
    pressureShare: parsePressure(readText('/proc/pressure/cpu'))?.last10sShare,
  }
}

function portsFor(targetPort: number | undefined): PortFacts | undefined {
  const range = parsePortRange(readText('/proc/sys/net/ipv4/ip_local_port_range'))
  if (!range) return undefined
  const tables = targetPort === undefined ? [] : ['/proc/net/tcp', '/proc/net/tcp6']
  const inUse = tables.reduce((sum, path) => sum + countToPort(readText(path), targetPort ?? 0), 0)
  return { ...range, inUse }
}

const CORES = '/sys/devices/system/cpu'

/** The text of one file of every core that has it. */
function ofCores(file: string): readonly string[] {
  return namesIn(CORES)
    .filter((name) => /^cpu\d+$/.test(name))
    .flatMap((name) => readText(join(CORES, name, file)) ?? [])
}

function sumOf(texts: readonly string[]): number | undefined {
  return texts.length === 0 ? undefined : texts.reduce((sum, text) => sum + (parseCount(text) ?? 0), 0)
}
