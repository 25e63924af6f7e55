export { compareSides } from './compare-sides.js'
export type { PromptResult, SideInput } from './input.js'
export { comparisonOf, comparisonOfResults } from './read.js'
