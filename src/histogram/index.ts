export { IntervalLog, readIntervalLog } from './interval-log.js'
export { createLatencyHistogram, type LatencyHistogram } from './latency.js'
