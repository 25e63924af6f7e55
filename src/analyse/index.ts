export { analyseRun, type RunAnalysis } from './analyse-run.js'
export { compareFindings } from './compare.js'
export type {
  CanaryBin,
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
  ValidityFinding,
} from './findings.js'
export { summaryJsonSchema } from './findings.js'
export { findingsOf, findingsOfRun, findingsOfSweep } from './findings-of.js'
export { instrumentError } from './instrument-error.js'
export { METRICS, type MetricName } from './metrics.js'
export { readRecords, readRun } from './read-run.js'
export { summariseRun } from './summarise.js'
export { timelineOf } from './timeline.js'
