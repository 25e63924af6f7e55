export { compareSides } from './compare-sides.js'
export { MEASURED_APART, type PromptResult, type SideInput } from './input.js'
export { comparisonOf, comparisonOfResults } from './read.js'
