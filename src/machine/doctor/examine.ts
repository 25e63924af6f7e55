import { inspectMachine } from '../inspect.js'
import { capacityChecks } from './capacity.js'
import type { Check, Evidence, StampSource, WorkersWanted } from './check.js'
import { measureLoopback, measureTimers } from './measure.js'
import type { Need } from './need.js'
import { quietChecks } from './quiet.js'
import { timingChecks } from './timing.js'

/** The checks, and all that they were judged by. */
export interface Examination extends Evidence {
  /** Whether a measurement of this load can be valid here: no check found a problem. */
  readonly fit: boolean
  readonly checks: readonly Check[]
}

/** Reads and measures this machine, for about a second, and judges it for a load. */
export async function examineMachine(
  need: Need,
  stamps: StampSource,
  workers: WorkersWanted,
): Promise<Examination> {
  const timers = await measureTimers()
  const loopback = await measureLoopback()
  return judgeMachine({ facts: inspectMachine(need.targetPort), need, stamps, workers, timers, loopback })
}

export function judgeMachine(evidence: Evidence): Examination {
  const checks = [...capacityChecks(evidence), ...timingChecks(evidence), ...quietChecks(evidence)]
  return {
    ...evidence,
    fit: checks.every(({ verdict }) => verdict !== 'problem'),
    checks,
  }
}
