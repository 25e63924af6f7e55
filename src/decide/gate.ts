/** A bound that a figure must keep, or that its change against a baseline must keep. */
export type Gate = LimitGate | RegressionGate

interface Bound {
  /** As it was written. */
  readonly text: string
  /** `profile`: an objective of the profile that was measured. */
  readonly source: 'flag' | 'profile'
  /** Of the figure: `ttft.p99`. */
  readonly key: string
  /** Label of a sweep's point; null: every point must keep it. */
  readonly at: string | null
  readonly comparison: '<' | '<=' | '>' | '>='
}

export interface LimitGate extends Bound {
  readonly kind: 'limit'
  /** In the figure's own unit; of a share 0 to 1. */
  readonly limit: number
}

/** How much worse the figure may be than in the baseline. */
export interface RegressionGate extends Bound {
  readonly kind: 'regression'
  /** Share of the baseline's value; of a figure that is a share itself, the plain difference. 0.05 is 5 %, or 5 points. */
  readonly limit: number
}

/** `strict`: a bound of the interval must keep the limit. `lenient`: the estimate must. */
export type Mode = 'strict' | 'lenient'

/**
 * - `pass`: kept.
 * - `fail`: a limit is missed.
 * - `regression`: worse than the baseline by more than may be.
 * - `inconclusive`: too few runs or requests to say.
 * - `invalid`: what was measured cannot answer: an INVALID run, a figure that was not measured, sides that cannot be compared.
 */
export type Outcome = 'pass' | 'fail' | 'regression' | 'inconclusive' | 'invalid'

/** What became of one gate, as it stands in the JSON. */
export interface GateFinding {
  readonly gate: string
  readonly kind: Gate['kind']
  readonly source: Gate['source']
  readonly key: string
  /** Point that decided: the worst of those that were asked about; null where there was none. */
  readonly at: string | null
  readonly outcome: Outcome
  readonly limit: number
  /** Estimate; of a regression how much worse it has become, negative where it is better. Null: not measured. */
  readonly value: number | 'endless' | null
  readonly low: number | 'endless' | null
  readonly high: number | 'endless' | null
  /** Where the interval comes from: one run's requests, or how much runs differ; of `change`, how runs of both sides differ. */
  readonly interval: 'one run' | 'runs' | 'change' | 'none'
  readonly runs: number
  /** One sentence with figures. */
  readonly text: string
}
