export { type Budget, createBudget, NO_USE, overBudget, setAside, settle, usdOf } from './budget.js'
export { type Drive, startDrive } from './drive.js'
export { LIVE_METRICS, type LiveMetric } from './live.js'
export type { Assignment, Progress } from './messages.js'
