import type { StopReason } from './manifest.js'

/**
 * `compare.json`, in the folder of a comparison that falloff measured: which run belongs to which side, and in which block it
 * was measured. Written anew after every run.
 */
export interface CompareManifest {
  readonly format: 1
  readonly tool: { readonly name: 'falloff'; readonly version: string }
  readonly name: string
  readonly command: string
  readonly startedAtUtc: string
  /** Missing while it is measured, and after it was killed. */
  readonly endedAtUtc?: string
  /** The first is what the others are held against. */
  readonly sides: readonly CompareSide[]
  readonly unit: 'run' | 'sweep'
  readonly plan: ComparePlan
  /** Set beforehand: share of the base's value (of shares: plain difference), by figure key. What is missing has its default. */
  readonly margins: Readonly<Record<string, number>>
  /** Keys of the figures whose verdicts count, and are corrected for being several; the rest is exploratory. */
  readonly gated: readonly string[]
  /** What the user allowed to differ: codes of checks. */
  readonly allowed: readonly string[]
  /** In the order of measuring. Only what ran to its end: a run that was cut short is measured anew. */
  readonly runs: readonly CompareRun[]
  /** Seconds that measuring took, pauses and starts of engines included, over all sessions. */
  readonly spentS: number
  /** Missing while it is measured. */
  readonly stopReason?: CompareStopReason
}

export interface CompareSide {
  /** Unique among the sides. */
  readonly name: string
  readonly workloadHash: string
  /** Of reaching the target, tried apart from the load; null where it could not be told. */
  readonly connect: ConnectPhases | null
  /** US dollars per million tokens; null where no price is known. */
  readonly price: {
    readonly inputPerMillion: number
    readonly outputPerMillion: number
    readonly source: string
  } | null
}

/** Medians over some attempts, in ms; a phase that there is none of (no TLS, an address instead of a name) is null. */
export interface ConnectPhases {
  readonly attempts: number
  readonly dnsMs: number | null
  readonly tcpMs: number | null
  readonly tlsMs: number | null
}

export interface ComparePlan {
  /** Of each side, at first and at most. Equal where it does not go on until decided. */
  readonly runs: number
  readonly mostRuns: number
  /** Numbers of runs a side after which it looks at the result; the last is `mostRuns`. */
  readonly looks: readonly number[]
  /** Level of each look, such that all of them together err in at most 5 % of comparisons of equals. */
  readonly levelPerLook: number
  /** Of the order inside the blocks, and of the workloads: block k adds k to the profile's seeds. */
  readonly seed: number
  readonly coolDownS: number
  /** Null: no bound. */
  readonly budgetS: number | null
}

export type CompareStopReason = 'complete' | 'decided' | 'budget' | 'interrupted' | 'target-lost'

/** A run or a sweep of one side. */
export interface CompareRun {
  /** Index of the side. */
  readonly side: number
  /** From 0. Each side is measured once in each. */
  readonly block: number
  /** Place inside the block, from 0. */
  readonly position: number
  /** Relative to `compare.json`. */
  readonly folder: string
  readonly startedAtUtc: string
  readonly stopReason: StopReason
}
