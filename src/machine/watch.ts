import { join } from 'node:path'
import { type Clock, NS_PER_MS } from '../base/index.js'
import { createLineWriter, RUN_FILES } from '../record/index.js'
import { type MachineCounters, openCounters, sampleBetween } from './counters.js'

export interface MachineWatchOptions {
  readonly intervalMs?: number
  /** Reads the counters at a moment of the run; the machine's own when left out. */
  readonly read?: (atNs: number) => MachineCounters
}

/**
 * Writes what the system says of this machine to `machine.ndjson`, a line an interval. A last line tells of what is left at the
 * end where that is at least half an interval, or all there is: the kernel counts in ticks of 10 ms, and a share of a few of
 * them says nothing. A system that tells nothing leaves the file empty.
 */
export function createMachineWatch(
  clock: Clock,
  folder: string,
  { intervalMs = 1000, read = openCounters() }: MachineWatchOptions = {},
): { stop(): void } {
  const file = createLineWriter(join(folder, RUN_FILES.machine))
  const readNow = (): MachineCounters => read(Math.round(clock.nowNs()))
  let last = readNow()
  let sampled = false
  const sample = (): void => {
    const now = readNow()
    const line = sampleBetween(last, now)
    last = now
    sampled = true
    if (Object.keys(line).length > 1) file.write(line)
  }
  const timer = setInterval(sample, intervalMs)
  timer.unref()
  return {
    stop() {
      clearInterval(timer)
      if (!sampled || clock.nowNs() - last.atNs >= (intervalMs * NS_PER_MS) / 2) sample()
      file.close()
    },
  }
}
