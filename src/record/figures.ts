import type { EngineKind, MachineFacts } from './manifest.js'
import type { RequestState } from './record.js'

/**
 * What one run (or one sweep) came to, in figures small enough to be kept beside the code: the unit of every comparison,
 * baseline and history. Nothing in it names a prompt, a key or a folder of this machine.
 */
export interface RunFigures {
  readonly format: 1
  readonly kind: 'figures'
  /** `falloff`, or the tool whose result was imported. */
  readonly tool: { readonly name: string; readonly version: string | null }
  /** Name of its folder. */
  readonly run: string
  /** Of the profile. */
  readonly name: string
  readonly unit: 'run' | 'sweep'
  /** '' where another tool did not tell. */
  readonly startedAtUtc: string
  /** SHA-256 over what defines the load (of a sweep, over those of its points); null where another tool did not tell. */
  readonly workloadHash: string | null
  /** Null where another tool did not tell. */
  readonly place: ClientPlace | null
  readonly target: TargetIdentity
  /** With the codes of the findings that the verdict rests on. */
  readonly validity: { readonly verdict: ValidityVerdict; readonly codes: readonly string[] }
  /** In order of load. One of a single run. */
  readonly points: readonly PointFigures[]
  /** Of a whole sweep: `kneeAt`, `peakOutputTokensPerS`, `lastGood`. Empty for a single run. */
  readonly overall: FigureTable
}

type ValidityVerdict = 'VALID' | 'VALID WITH CAVEATS' | 'INVALID'

/** Where the clients ran. The fingerprint is equal for like machines: a changed one is never mixed in silently. */
export interface ClientPlace extends MachineFacts {
  /** First twelve digits of a SHA-256 over the other fields, memory to the GiB, without the patch levels of Node and the kernel. */
  readonly fingerprint: string
}

/** What was asked, without credentials. '' where another tool did not tell. */
export interface TargetIdentity {
  readonly url: string
  readonly api: string
  readonly model: string
  readonly engine: EngineKind | null
  readonly version: string | null
  /** `kernel`, `undici` or `sdk`; null where another tool did not tell. */
  readonly transport: string | null
  /** Who counted output tokens most often: a server's count is by its own tokenizer. */
  readonly tokenSource: string | null
}

export interface PointFigures {
  /** `concurrency=8`, or `run`. Points of two runs are compared where these are equal. */
  readonly label: string
  readonly axes: Readonly<Record<string, number>>
  readonly states: Readonly<Partial<Record<RequestState, number>>>
  /** Requests of the window that were sent or should have been, and those of them that did not complete. */
  readonly judged: number
  readonly failed: number
  readonly failures: readonly { readonly code: string; readonly count: number }[]
  readonly figures: FigureTable
  /** Of metrics that are drawn as curves: one value for each of `CURVE_QUANTILES`; null where too few values reach so far. */
  readonly curves: Readonly<Record<string, readonly (FigureValue | null)[]>>
  /** Output characters per output token, of the requests whose text was counted; missing where none was. */
  readonly charsPerToken?: number
  /** Missing: the engine's metrics could not be read. */
  readonly server?: ServerFigures
}

/** Of the engine's own metrics, over the window. Null: not offered, or not observed. */
export interface ServerFigures {
  readonly runningMean: number | null
  readonly runningMax: number | null
  readonly waitingMean: number | null
  /** 0 to 1. */
  readonly kvUsageMean: number | null
  readonly kvUsageMax: number | null
  readonly preemptionsPerRequest: number | null
  readonly prefixHitShare: number | null
  readonly queueMs: number | null
  readonly prefillMs: number | null
  readonly decodeMs: number | null
}

/** By key: `ttft.p99`, `outputTokensPerS`. A figure that was not measured is missing. */
export type FigureTable = Readonly<Record<string, Figure>>

/** `endless`: the quantile falls among requests that did not complete. They rank above every value. */
export type FigureValue = number | 'endless'

export interface Figure {
  readonly value: FigureValue
  /** Of the 95 % interval inside this run alone; null where the sample bounds nothing. */
  readonly low: FigureValue | null
  readonly high: FigureValue | null
}

/** Quantiles of `PointFigures.curves`, for the shift function and the percentile curves. */
export const CURVE_QUANTILES = [
  0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999,
] as const
