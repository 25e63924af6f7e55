import type { CompareStopReason, ConnectPhases, RunFigures } from '../../record/index.js'

/**
 * What a comparison found, as plain data: the answer of `--format json` and the input of its page. The first side is what
 * the others are held against. Shares and ratios are plain numbers: 0.05 is 5 %.
 */
export interface ComparisonFindings {
  readonly format: 1
  readonly kind: 'comparison'
  readonly name: string
  readonly tool: string
  /** How it was measured; missing where results were held against each other afterwards. */
  readonly command?: string
  readonly sides: readonly SideFindings[]
  readonly design: Design
  /** What stands in the way of comparing, worst first. Empty: nothing does. */
  readonly checks: readonly ComparisonCheck[]
  /** Whether nothing refuses the comparison: where something does, no verdict is given. */
  readonly comparable: boolean
  /** Every other side against the first. */
  readonly pairs: readonly PairFindings[]
  /** Settings that are not the same on all sides. */
  readonly differences: readonly ConfigurationDifference[]
}

export interface SideFindings {
  readonly name: string
  readonly runs: readonly RunFigures[]
  /** Output characters per token, over all runs; null where no text could be counted. */
  readonly charsPerToken: number | null
  readonly connect: ConnectPhases | null
  /** US dollars per request and per million output tokens, from the tokens that were counted; null: no price is known. */
  readonly cost: {
    readonly usdPerRequest: number
    readonly usdPerMillionOutputTokens: number
    readonly source: string
  } | null
  /** What the target's rate limit allows at all; null where none was told and none was met. */
  readonly limit: {
    readonly requestsPerMin: number | null
    readonly tokensPerMin: number | null
    readonly refused: number
  } | null
}

export interface Design {
  readonly unit: 'run' | 'sweep'
  /** Runs of each side, in their order. */
  readonly runs: readonly number[]
  /** Measured in random order inside blocks that hold each side once. */
  readonly interleaved: boolean
  /** Differences are taken inside blocks. */
  readonly paired: boolean
  /** Looks at the data so far, and those that were planned. */
  readonly looks: { readonly taken: number; readonly planned: number }
  /** Two-sided level of each interval at this look; 0.05 where there is but one. */
  readonly level: number
  readonly stopReason: CompareStopReason | null
}

/** Codes that `--allow` takes. */
export type CheckCode =
  | 'workload'
  | 'model'
  | 'output-tokens'
  | 'invalid'
  | 'place'
  | 'not-interleaved'
  | 'few-runs'
  | 'tokenizer'
  | 'transport'
  | 'imported'

/** `refuse`: no verdict is given unless it is allowed. `label`: stands beside every verdict. */
export interface ComparisonCheck {
  readonly code: CheckCode
  readonly severity: 'refuse' | 'label'
  /** Whether the user allowed it: it is a label then. */
  readonly allowed: boolean
  /** With the figures. */
  readonly text: string
  readonly advice: string
}

export interface PairFindings {
  readonly a: string
  readonly b: string
  /** The question in a word, and in a sentence or two with figures. Of the gated figures. */
  readonly answer: PairAnswer
  readonly text: string
  /** What the engines' own metrics say of why, a sentence each; none where they say nothing. */
  readonly reasons?: readonly string[]
  /** Gated ones first, then in the order in which metrics are declared; by point. */
  readonly metrics: readonly MetricComparison[]
  readonly shifts: readonly ShiftFunction[]
  readonly shares: readonly ShareComparison[]
  /** The same prompt on both sides, up to 1,500 of them; empty where prompts cannot be told. */
  readonly prompts: readonly PromptPairs[]
}

/** `mixed`: better in one gated figure, worse in another. */
export type PairAnswer = 'better' | 'worse' | 'mixed' | 'equivalent' | 'not-shown' | 'not-comparable'
export type Verdict = 'better' | 'worse' | 'equivalent' | 'not-shown'

export interface MetricComparison {
  /** Of the figure: `ttft.p99`. */
  readonly key: string
  /** `Time to first token p99` */
  readonly label: string
  readonly unit: string
  /** Label of the point; `run` of a single run, `sweep` for a figure of a whole sweep. */
  readonly at: string
  readonly better: 'lower' | 'higher' | 'neither'
  /** Of each run, in the order of the side's runs; null: not measured in it. */
  readonly a: readonly (number | 'endless' | null)[]
  readonly b: readonly (number | 'endless' | null)[]
  /** Geometric means over the runs (arithmetic ones of shares); null where a run has none, or an endless one. */
  readonly centreA: number | null
  readonly centreB: number | null
  /** `ratio`: b over a, on logarithms. `difference`: b − a, of shares. */
  readonly scale: 'ratio' | 'difference'
  readonly effect: Effect | null
  /** `Newcombe`: of shares, counted at as many requests as say the same. `ranks`: where some run has no value. */
  readonly method: 'paired t' | 'Welch t' | 'Newcombe' | 'ranks' | 'none'
  /** Two-sided p of the method; null where there is none. */
  readonly p: number | null
  /** The same after Holm over the gated figures of this pair; null for an exploratory one. */
  readonly pHolm: number | null
  /** Beside it: exact over all relabellings (of pairs: sign flips), and the smallest that so many runs can give. */
  readonly permutation: { readonly p: number; readonly least: number } | null
  readonly gated: boolean
  /** Practical margin, on the scale of `effect` as a share: 0.05 is a ratio from 1/1.05 to 1.05. */
  readonly margin: number
  readonly verdict: Verdict
  /** Why, with figures. */
  readonly text: string
  /** Runs a side that would settle it, were mean and scatter to stay; null: settled, or nothing settles it. */
  readonly runsNeeded: number | null
}

/** Of `ratio`: 1.1 is a tenth more; of `difference`: 0.01 is one point more. */
export interface Effect {
  readonly value: number
  readonly low: number | null
  readonly high: number | null
}

/** How much each quantile moved, by the runs. */
export interface ShiftFunction {
  readonly metric: string
  readonly unit: string
  readonly at: string
  readonly points: readonly {
    readonly quantile: number
    readonly a: number | null
    readonly b: number | null
    readonly ratio: Effect | null
    /** Bounds that hold for all quantiles together. */
    readonly bandLow: number | null
    readonly bandHigh: number | null
  }[]
}

/** Of requests, such as the share that failed. */
export interface ShareComparison {
  readonly key: string
  readonly label: string
  readonly at: string
  readonly a: { readonly count: number; readonly of: number; readonly low: number; readonly high: number }
  readonly b: { readonly count: number; readonly of: number; readonly low: number; readonly high: number }
  /** b − a by Newcombe, at numbers reduced by how much runs of a side differ. */
  readonly difference: Effect
  /** Requests in one share of the effective number over the real one; 1: no more scatter between runs than chance. */
  readonly designEffect: number
  /** Exact, of the prompts that both sides were asked; null where prompts cannot be told. */
  readonly mcnemar: { readonly onlyA: number; readonly onlyB: number; readonly p: number } | null
  /** By kind of failure. */
  readonly kinds: readonly { readonly code: string; readonly a: number; readonly b: number }[]
}

export interface PromptPairs {
  readonly metric: string
  readonly unit: string
  readonly at: string
  readonly pairs: readonly (readonly [a: number, b: number])[]
}

/** One value per side, in their order. */
export interface ConfigurationDifference {
  readonly key: string
  readonly values: readonly string[]
}
