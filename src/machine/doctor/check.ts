import type { MachineState } from '../inspect.js'
import type { Loopback, Timers } from './measure.js'
import type { Need } from './need.js'

/** `problem`: a measurement made now would be invalid. `warning`: it may be. */
export type CheckVerdict = 'ok' | 'warning' | 'problem' | 'not told'

export interface Check {
  readonly name: string
  readonly verdict: CheckVerdict
  readonly seen: string
  readonly wanted: string
  /** What to do about it, a command where there is one; null where nothing need be done. */
  readonly change: string | null
}

/** Why stamps do not come from the kernel, where they do not, and whether someone asked for either kind. */
export type StampSource =
  | { readonly available: true }
  | { readonly available: false; readonly reason: string; readonly asked?: 'kernel' | 'undici' | 'sdk' }

/** Worker threads that carry the load, were there cores for all of them. */
export interface WorkersWanted {
  readonly wanted: number
  /** Why so many. */
  readonly because: string
}

/** What a check looks at. */
export interface Evidence {
  readonly facts: MachineState
  readonly need: Need
  readonly stamps: StampSource
  readonly workers: WorkersWanted
  readonly timers: Timers
  readonly loopback: Loopback | null
}

export type Judge = (evidence: Evidence) => Check

/** A check that something asked for: `change` is told only where the verdict wants one. */
export function check(
  name: string,
  verdict: CheckVerdict,
  seen: string,
  wanted: string,
  change: string,
): Check {
  return { name, verdict, seen, wanted, change: verdict === 'ok' || verdict === 'not told' ? null : change }
}

/** What the system does not tell cannot be judged, and does not speak against it. */
export const notTold = (name: string, wanted: string): Check => ({
  name,
  verdict: 'not told',
  seen: 'the system does not tell',
  wanted,
  change: null,
})

/** How much above the need is enough to be at ease. */
export function graded(have: number, least: number, easy: number): CheckVerdict {
  if (have < least) return 'problem'
  return have < easy ? 'warning' : 'ok'
}
