import type { Timeline, Validity } from '../../analyse/index.js'
import type { LaunchRecord, RunManifest, TuneManifest } from '../../record/index.js'

/** A search for settings with everything a page says about it. */
export interface TuneInput {
  /** Of its folder. */
  readonly name: string
  readonly tune: TuneManifest
  /** By trial: what the runs say that the answer rests on. Empty where their folders are gone. */
  readonly runs: Readonly<Record<string, TuneRun>>
  /** By setting: how its engine came up, where a run of it tells. */
  readonly launches: Readonly<Record<string, LaunchRecord>>
}

export interface TuneRun {
  readonly manifest: RunManifest
  readonly timeline: Timeline
  readonly validity: Validity
}
