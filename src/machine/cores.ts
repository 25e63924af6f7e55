import { availableParallelism } from 'node:os'
import { type CpuGroup, findCpuGroup } from './cgroup.js'

/**
 * Whole cores that this process may keep busy: those it may run on, and no more than its control group grants; at least 1.
 * Threads beyond that would share them, and be throttled together.
 */
export function usableCores(
  cores: number = availableParallelism(),
  group: CpuGroup | undefined = findCpuGroup(),
): number {
  return Math.max(1, Math.floor(Math.min(cores, group?.quotaCores ?? Number.POSITIVE_INFINITY)))
}
