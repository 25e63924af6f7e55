import type { MissCount, PointFindings } from '../../analyse/index.js'
import type {
  LaunchFacts,
  TargetFacts,
  TuneEstimate,
  TuneFigures,
  TuneLoad,
  TuneValue,
} from '../../record/index.js'

export type Given = Readonly<Record<string, TuneValue>>

/** What the search asks of an engine that runs. */
export interface TrialAsk {
  readonly load: TuneLoad
  /** Measured requests; a warm-up comes on top. */
  readonly requests: number
  /** Of the setting's trials, which one: no two draw the same arrivals, while the same one of two settings does. */
  readonly repeat: number
  /** Name of the run. */
  readonly label: string
}

/** What became of a trial. */
export interface Outcome {
  /** Run folder, relative to the search's; null where nothing was recorded. */
  readonly run: string | null
  readonly seconds: number
  readonly judged: number
  /** One per objective, in the profile's order. */
  readonly counts: readonly MissCount[]
  readonly figures: TuneFigures
  /** Of the goal's metric; null for other goals. */
  readonly p99: TuneEstimate | null
  readonly rising: boolean
  /** Codes of what spoilt a first measurement, which was made again for it; and of what spoils this one. */
  readonly madeAgain?: readonly string[]
  readonly disturbed?: readonly string[]
  /** `interrupted` and `lost`: nothing can be concluded from it. */
  readonly end: 'complete' | 'interrupted' | 'lost'
}

export interface StartedEngine {
  readonly kind: 'started'
  readonly seconds: number
  readonly facts: LaunchFacts
  /** As the target describes itself; undefined where nobody asked. */
  readonly target?: TargetFacts
  /** Tokens of KV cache that the model's shape and the memory promise; undefined where one is not known. */
  readonly forecastKvTokens?: number | undefined
  measure(ask: TrialAsk): Promise<Outcome>
  stop(): Promise<void>
}

export interface FailedStart {
  readonly kind: 'failed'
  readonly seconds: number
  readonly cause: string
  readonly message: string
  readonly hint?: string
}

/**
 * Where engines are started and measured. The search knows nothing else of the world: real engines and real time stand
 * behind one bench, a simulated engine in virtual time behind another.
 */
export interface Bench {
  /** Never throws for what a setting does to an engine: that is a failed start. */
  start(given: Given): Promise<StartedEngine | FailedStart>
  /** What was found at a trial; undefined when its run is not there any more. */
  point(run: string): Promise<PointFindings | undefined>
  /** Reads the wall clock: `2026-01-01T00:00:00.000Z`. */
  nowUtc(): string
}
