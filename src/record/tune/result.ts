import type { TuneEstimate, TuneLoad } from './setting.js'

export interface TuneDiagnosis {
  /** `kv-cache`, `max-num-seqs`, `prefill-interference`, `compute`, `client`, `rate-limiter`, `network` or `none-in-range`. */
  readonly cause: string
  readonly sentence: string
  /** 0 to 1. */
  readonly strength: number
  readonly evidence: readonly { readonly text: string; readonly supports: boolean }[]
  readonly runnerUp: { readonly cause: string; readonly strength: number } | null
  /** By knob: whether it can mend the cause, and why (not). */
  readonly knobs: readonly { readonly name: string; readonly helps: boolean; readonly why: string }[]
}

export interface TuneResult {
  /** `leave-it`: nothing helps, or nothing was better. `not-told-apart`: a winner, but no better than the default beyond chance. */
  readonly answer: 'change' | 'leave-it' | 'not-told-apart' | 'no-answer'
  /** In a sentence or two. */
  readonly text: string
  /** Id of the best setting; null for `no-answer`. */
  readonly best: string | null
  /** Load to plan with: the highest that holds; and the lowest shown to fail above it. Null: none, or `no-answer`. */
  readonly holds: { readonly load: TuneLoad; readonly failsAt: number | null } | null
  /** What limits the best setting now: a cause as in the diagnosis, and its sentence. */
  readonly limitedBy: { readonly cause: string; readonly sentence: string } | null
  readonly confirmation: TuneConfirmation | null
  /** Settings that could not be told from the best, and what it would take. */
  readonly notToldApart: readonly { readonly setting: string; readonly text: string }[]
  readonly paste: { readonly flags: string; readonly compose: string; readonly helm: string } | null
}

/** Best against default, in turns: A B B A … */
export interface TuneConfirmation {
  /** `own-load`: each at the load that it holds. `same-load`: both at the best's, as the default holds none, or the goal names the rate. */
  readonly at: 'own-load' | 'same-load'
  readonly defaultLoad: TuneLoad
  readonly bestLoad: TuneLoad
  readonly pairs: readonly TunePair[]
  /** Best over default as a ratio of the goal's value, with the t interval of its logarithms; null with fewer than two pairs. */
  readonly ratio: TuneEstimate | null
  readonly confidence: 0.95
  /** More pairs of the same length that it would take to tell them apart, as it looks now; null when told apart, or unknown. */
  readonly morePairs: number | null
  /** What these would take, in engine seconds. */
  readonly morePairsS: number | null
}

export interface TunePair {
  /** Ids of the trials. */
  readonly defaultTrial: string
  readonly bestTrial: string
  readonly defaultValue: number
  readonly bestValue: number
  /** Which of both was measured first. */
  readonly first: 'default' | 'best'
}
