import type { LiveMetric } from '../drive/index.js'
import type { PointSetting, ServerGauges, StopReason } from '../record/index.js'

/** What a run tells while it goes on; the command line turns it into progress. */
export interface LiveState {
  readonly elapsedS: number
  /** Requests of the plan; null when only time bounds the run. */
  readonly planned: number | null
  /** When the last request starts, in s since the start of the plan; null when only a number of requests bounds the run. */
  readonly endsAtS: number | null
  readonly ended: number
  readonly states: Readonly<Record<string, number>>
  readonly inFlight: number
  readonly requestsPerS: number
  readonly outputTokensPerS: number
  /** ms; null before the first value. */
  readonly quantiles: Readonly<Record<LiveMetric, { readonly p50: number; readonly p99: number } | null>>
  readonly gauges: ServerGauges | null
  readonly preemptions: number | null
}

export interface RunListener {
  onPhase(text: string): void
  /** What was decided on the user's behalf. */
  onNote(text: string): void
  onLive(state: LiveState): void
  onPointDone(setting: PointSetting, stopReason: StopReason): void
}
