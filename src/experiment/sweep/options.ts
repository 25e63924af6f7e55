import type { Budget } from '../../drive/index.js'
import type { Profile } from '../../profile/index.js'
import type { Lexicon } from '../../workload/index.js'
import type { Axis } from '../axes.js'
import type { RunListener } from '../listener.js'
import type { Interruption } from '../run.js'
import type { Consent } from '../spending.js'
import type { PreparedTarget } from '../target.js'

export interface SweepOptions {
  readonly profile: Profile
  readonly axes: readonly Axis[]
  readonly folder: string
  readonly command: string
  readonly listener: RunListener
  readonly interruption: Interruption
  /** Laid over the engine's settings at every point. */
  readonly engineSettings?: Readonly<Record<string, number>>
  readonly consent: Consent
  /** What is up and agreed on already: no engine is started, and nobody is asked. */
  readonly ready?: ReadyTarget
  /** Takes the place of salts of the runs' own: points of two sweeps with the same one send the same prompts. */
  readonly salt?: string | undefined
}

/** A target that answers, with what was learnt of it and what may be spent on it. */
export interface ReadyTarget {
  readonly target: PreparedTarget
  readonly lexicon: Lexicon
  readonly budget: Budget | undefined
}
