import type { TuneEstimate, TuneLoad } from './setting.js'

/** One measurement of one setting at one load. */
export interface TuneTrial {
  readonly id: string
  readonly setting: string
  readonly purpose: 'diagnosis' | 'search' | 'race' | 'again' | 'confirm'
  /** From 0; null for the confirmation. */
  readonly round: number | null
  /** Run folder, relative to `tune.json`; null where nothing was recorded. */
  readonly run: string | null
  readonly startedAtUtc: string
  readonly atS: number
  readonly seconds: number
  readonly load: TuneLoad
  /** Measured requests asked for, and judged. */
  readonly planned: number
  readonly judged: number
  readonly figures: TuneFigures
  /** Of this trial alone. */
  readonly checks: readonly TuneCheck[]
  /** Of all trials of the setting at this load so far. */
  readonly verdict: TuneVerdict
  /** Requests in flight still rose at its end: more was offered than done. */
  readonly rising: boolean
  /** Of the goal's metric, for the goal `p99`. */
  readonly p99: TuneEstimate | null
  /** What spoilt a first measurement, kept beside this one as `<run>-disturbed`: codes of its validity. Missing: nothing. */
  readonly madeAgain?: readonly string[]
  /** What spoils this one too. */
  readonly disturbed?: readonly string[]
}

export interface TuneFigures {
  readonly requestsPerS: number
  readonly goodputPerS: number
  readonly goodShare: number
  readonly outputTokensPerS: number
  /** Null: not measured. */
  readonly ttftP50Ms: number | null
  readonly ttftP99Ms: number | null
  readonly tpotP50Ms: number | null
  readonly tpotP99Ms: number | null
  readonly gapP99Ms: number | null
  readonly kvUsageMax: number | null
  readonly runningMax: number | null
  readonly waitingMean: number | null
  readonly preemptions: number | null
}

export type TuneVerdict = 'pass' | 'fail' | 'undecided'

/** One objective held against one trial: how many missed the limit, of how many. */
export interface TuneCheck {
  readonly objective: string
  /** Values that could miss it (requests; for gaps, gaps), and those that did. */
  readonly n: number
  readonly missed: number
  /** Share that may miss it: 0.01 for a p99. Null for an objective that is no quantile or share. */
  readonly allowed: number | null
  /** How many dependent values say as much as one independent value; at least 1. */
  readonly designEffect: number
  /** Bounds of the share that misses it, each at the level of the trial's decision; null where the counts bound nothing. */
  readonly low: number | null
  readonly high: number | null
  readonly verdict: TuneVerdict
}
