export { type Change, compareFindings, type Comparison, type ComparisonSource, type ConfigurationDifference } from './compare.js'
export {
  type CauseFinding, type CauseName, type ConfirmationFindings, type FalloffFindings, type Findings, type InstrumentFindings,
  type MetricSummary, type ObjectiveFinding, type PointFindings, type Quantile, type Recommendation, type RunData,
  type ServerFindings, summaryJsonSchema, type Throughput, type Timeline, type TimelineBin, type TokenTruth, type Validity,
  type ValidityFinding, type Window,
} from './findings.js'
export { findingsOf, findingsOfRun, findingsOfSweep } from './findings-of.js'
export { type MetricDeclaration, type MetricName, METRICS } from './metrics.js'
export { readExperiment, readRecords, readRun } from './read-run.js'
export { summariseRun } from './summarise.js'
export { timelineOf } from './timeline.js'
