export { compareFindings } from './compare.js'
export type {
  CauseFinding,
  CauseName,
  FalloffFindings,
  Findings,
  InstrumentFindings,
  MetricSummary,
  ObjectiveFinding,
  PointFindings,
  Quantile,
  ServerFindings,
  Timeline,
  TimelineBin,
  Validity,
} from './findings.js'
export { summaryJsonSchema } from './findings.js'
export { findingsOf, findingsOfRun, findingsOfSweep } from './findings-of.js'
export { METRICS, type MetricName } from './metrics.js'
export { readExperiment, readRecords, readRun } from './read-run.js'
export { summariseRun } from './summarise.js'
export { timelineOf } from './timeline.js'
