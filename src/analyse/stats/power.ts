import { normalCdf } from './special.js'
import { shiftedCdf, studentT } from './student.js'

/** What is to be settled, on the scale of the differences. */
export interface Planned {
  readonly difference: number
  /** Standard error times the root of the runs a side that it comes from. */
  readonly scatter: number
  readonly runs: number
  readonly freedom: number
  readonly margin: number
  readonly level: number
  /** Differences are held against a level that so many tests share; equivalence is not. */
  readonly family: number
}

const POWER = 0.8
/** More runs than this nobody will measure. */
const MOST = 1000

/**
 * Runs a side after which four comparisons in five would have their verdict, were mean and scatter to stay: a difference
 * where the mean lies beyond the margin, equivalence where it lies within. Null: more than a thousand, or none ever.
 */
export function runsToSettle(planned: Planned): number | null {
  if (planned.scatter === 0) return null
  let [few, enough] = [planned.runs, MOST]
  if (powerAt(planned, enough) < POWER) return null
  // Power rises with every run.
  while (enough - few > 1) {
    const middle = (few + enough) >> 1
    if (powerAt(planned, middle) >= POWER) enough = middle
    else few = middle
  }
  return enough
}

function powerAt(planned: Planned, n: number): number {
  const { difference, scatter, runs, freedom, margin, level, family } = planned
  const error = scatter / Math.sqrt(n)
  const degrees = (freedom * (n - 1)) / (runs - 1)
  const size = Math.abs(difference)
  const t = studentT(1 - level / (size <= margin ? 1 : family), degrees)
  const beyond = (distance: number): number => 1 - shiftedCdf(t, degrees, distance / error)
  if (size <= margin) return beyond(margin - size) + beyond(margin + size) - 1
  return Math.min(beyond(size), normalCdf((size - margin) / error))
}
