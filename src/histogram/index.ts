export { IntervalLog, type LoggedInterval, readIntervalLog } from './interval-log.js'
export { createLatencyHistogram, type LatencyHistogram, type Refused } from './latency.js'
