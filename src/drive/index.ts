export { type Drive, type DriveHooks, startDrive } from './drive.js'
export { LIVE_METRICS, type LiveMetric } from './live.js'
export type { Assignment, Progress } from './messages.js'
