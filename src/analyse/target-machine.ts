import type { GpuReading, HostReading, ServerSample } from '../record/index.js'
import { meanOf } from './stats/index.js'

/** The target's machine in one stretch of time; shares from 0 to 1, null: not told. */
export interface MachineBin {
  /** Of all devices seen, whether the engine uses them or not; and of the one that was busiest. */
  readonly gpuMean: number | null
  readonly gpuBusiest: number | null
  /** Of the device whose memory is fullest. */
  readonly gpuMemory: number | null
  /** Of all devices together. */
  readonly gpuPowerW: number | null
  readonly hostCpu: number | null
  readonly hostMemory: number | null
}

/** Undefined where no sample of the stretch tells anything of the machine. */
export function machineBin(
  samples: readonly ServerSample[],
  fromNs: number,
  toNs: number,
): MachineBin | undefined {
  const inside = samples.filter((s) => s.atNs >= fromNs && s.atNs < toNs && (s.gpu || s.host))
  if (inside.length === 0) return undefined
  const gpus = inside.flatMap((s) => (s.gpu === undefined ? [] : [s.gpu]))
  const each = (read: (devices: readonly GpuReading[]) => number | undefined) =>
    mean(gpus.flatMap((devices) => read(devices) ?? []))
  return {
    gpuMean: each((devices) => told(devices, (g) => g.utilisation, meanOf)),
    gpuBusiest: each((devices) => told(devices, (g) => g.utilisation, most)),
    gpuMemory: each((devices) => told(devices, memoryShare, most)),
    gpuPowerW: each((devices) => told(devices, (g) => g.powerW, sum)),
    hostCpu:
      hostCpu(samples, inside.findLast(countsCpu)) ?? mean(inside.flatMap((s) => s.host?.cpuBusyShare ?? [])),
    hostMemory: mean(inside.flatMap((s) => hostMemory(s.host) ?? [])),
  }
}

const mean = (values: readonly number[]): number | null => (values.length === 0 ? null : meanOf(values))
const most = (values: readonly number[]): number => Math.max(...values)
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

function told(
  devices: readonly GpuReading[],
  read: (device: GpuReading) => number | undefined,
  combine: (values: readonly number[]) => number,
): number | undefined {
  const values = devices.flatMap((device) => read(device) ?? [])
  return values.length === 0 ? undefined : combine(values)
}

const memoryShare = ({ memoryUsedBytes, memoryTotalBytes }: GpuReading): number | undefined =>
  memoryUsedBytes === undefined || !memoryTotalBytes ? undefined : memoryUsedBytes / memoryTotalBytes

const hostMemory = (host: HostReading | undefined): number | undefined =>
  host?.memoryAvailableBytes === undefined || !host.memoryTotalBytes
    ? undefined
    : 1 - host.memoryAvailableBytes / host.memoryTotalBytes

const countsCpu = ({ host }: ServerSample): boolean =>
  host?.cpuTotalS !== undefined && host.cpuIdleS !== undefined

/** Totals grow: the share is that between a reading and the one before it. Null without two, or across a restart. */
function hostCpu(samples: readonly ServerSample[], last: ServerSample | undefined): number | null {
  if (last === undefined) return null
  const before = samples.findLast((s) => s.atNs < last.atNs && countsCpu(s))
  if (before === undefined) return null
  const grown = (read: (host: HostReading) => number | undefined): number =>
    (read(last.host ?? {}) ?? 0) - (read(before.host ?? {}) ?? 0)
  const total = grown((host) => host.cpuTotalS)
  const idle = grown((host) => host.cpuIdleS)
  return total <= 0 || idle < 0 ? null : Math.max(0, 1 - idle / total)
}
