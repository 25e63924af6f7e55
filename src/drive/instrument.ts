import {
  type EventLoopUtilization,
  monitorEventLoopDelay,
  PerformanceObserver,
  performance,
} from 'node:perf_hooks'
import { type Clock, NS_PER_MS, threadSchedule } from '../base/index.js'
import type { InstrumentSample } from '../record/index.js'

const LOOP_DELAY_RESOLUTION_MS = 2

/** What the worker's own thread and loop tell; the rest of a sample is for those to add who know it. */
type ThreadSample = Pick<
  InstrumentSample,
  'loopDelayP99Ns' | 'loopDelayMaxNs' | 'cpuShare' | 'coreWaitShare' | 'gcMaxNs' | 'gcNs'
>

/** Watches the thread that calls it. */
export interface ThreadWatch {
  /** Since the last call. */
  take(): ThreadSample
  stop(): void
}

export function watchThread(clock: Clock): ThreadWatch {
  const loopDelay = watchLoopDelay()
  const collections = watchCollections()
  let schedule = threadSchedule()
  let utilization: EventLoopUtilization = performance.eventLoopUtilization()
  let takenNs = clock.nowNs()
  return {
    take() {
      const nowNs = clock.nowNs()
      const before = schedule
      schedule = threadSchedule()
      const used = performance.eventLoopUtilization(utilization).utilization
      const share = (ns: number): number => ns / Math.max(1, nowNs - takenNs)
      const sample: ThreadSample = {
        ...loopDelay.take(),
        // Where the system counts nothing, the loop's own account: it takes a wait for a core for work.
        cpuShare: schedule && before ? share(schedule.ranNs - before.ranNs) : used,
        ...(schedule && before && { coreWaitShare: share(schedule.waitedNs - before.waitedNs) }),
        ...collections.take(),
      }
      utilization = performance.eventLoopUtilization()
      takenNs = nowNs
      return sample
    },
    stop() {
      loopDelay.stop()
      collections.stop()
    },
  }
}

function watchLoopDelay() {
  const delay = monitorEventLoopDelay({ resolution: LOOP_DELAY_RESOLUTION_MS })
  delay.enable()
  // The monitor counts from one of its own timers to the next: its period is no delay.
  const beyond = (ns: number): number => Math.max(0, Math.round(ns - LOOP_DELAY_RESOLUTION_MS * NS_PER_MS))
  return {
    take() {
      const measured = delay.count > 0
      const sample = {
        loopDelayP99Ns: measured ? beyond(delay.percentile(99)) : 0,
        loopDelayMaxNs: measured ? beyond(delay.max) : 0,
      }
      delay.reset()
      return sample
    },
    stop: () => void delay.disable(),
  }
}

/** Pauses for garbage collection. */
function watchCollections() {
  let gcMaxNs = 0
  let gcNs = 0
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      const ns = Math.round(duration * NS_PER_MS)
      gcMaxNs = Math.max(gcMaxNs, ns)
      gcNs += ns
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return {
    take() {
      const sample = { gcMaxNs, gcNs }
      gcMaxNs = 0
      gcNs = 0
      return sample
    },
    stop: () => observer.disconnect(),
  }
}
