import type { CompareSide, CompareStopReason, ConnectPhases, RunFigures } from '../../record/index.js'
import type { ConfigurationDifference, SideFindings } from './findings.js'

/** All that a comparison is worked out from. The first side is what the others are held against. */
export interface ComparisonInput {
  readonly name: string
  readonly tool: string
  readonly sides: readonly SideInput[]
  readonly design: ComparisonDesign
  /** Keys of figures. */
  readonly gated: readonly string[]
  /** By figure key, as a share; what is missing has its default. */
  readonly margins: Readonly<Record<string, number>>
  /** Codes of checks. */
  readonly allowed: readonly string[]
  readonly differences: readonly ConfigurationDifference[]
}

export interface SideInput {
  readonly name: string
  /** Those that belong together in a block have the places that `ComparisonDesign.blocks` tells. */
  readonly runs: readonly RunFigures[]
  readonly connect?: ConnectPhases | null
  readonly price?: CompareSide['price']
  readonly limit?: SideFindings['limit']
  readonly charsPerToken?: number | null
  /** Of all its runs; none where requests of both sides are not the same ones. */
  readonly prompts?: readonly PromptResult[]
}

interface ComparisonDesign {
  /** Measured in random order inside blocks that hold each side once. */
  readonly interleaved: boolean
  /** By block: for each side the place of its run among the side's runs; null where the block has none. Null: no blocks. */
  readonly blocks: readonly (readonly (number | null)[])[] | null
  readonly looks: { readonly taken: number; readonly planned: number }
  /** Two-sided, of each interval at this look. */
  readonly level: number
  readonly stopReason: CompareStopReason | null
}

/** One request of one run. */
export interface PromptResult {
  readonly block: number
  /** Place in the plan: within a block the same on all sides. */
  readonly prompt: number
  /** Label of the point. */
  readonly at: string
  readonly ttftMs: number | null
  readonly e2eMs: number | null
  readonly completed: boolean
}

/** Results that were measured apart, and are looked at once. */
export const MEASURED_APART: ComparisonDesign = {
  interleaved: false,
  blocks: null,
  looks: { taken: 1, planned: 1 },
  level: 0.05,
  stopReason: null,
}
