export { analyseRun, type RunAnalysis } from './analyse-run.js'
export { type ColdPrices, coldCosts, coldFigures, coldPhases } from './coldstart.js'
export { arrivalOf, arrivalsDuring, coldRequests, didArrive } from './coldstart-arrivals.js'
export { scaleFigures } from './coldstart-scale.js'
export { steadiness } from './coldstart-steady.js'
export {
  arrivalSentences,
  COLD_PHASE_WORDS,
  coldInterval,
  coldTime,
  coldVerdict,
  costSentences,
  scaleSentences,
  steadySentence,
} from './coldstart-words.js'
export type * from './comparison/findings.js'
export {
  compareSides,
  comparisonOf,
  comparisonOfResults,
  MEASURED_APART,
  type PromptResult,
  type SideInput,
} from './comparison/index.js'
export {
  FIGURES,
  type FigureDeclaration,
  figureOf,
  figuresOf,
  shortLabel,
} from './figures/index.js'
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
export { levelPerLook, meanOf, stdDevOf, studentT, wilson } from './stats/index.js'
export { summariseRun } from './summarise.js'
export { timelineOf } from './timeline.js'
export { heldFit } from './tune-capacity.js'
export { missCount } from './tune-counts.js'
export { decide, leastToPass, type MissCount, pooled } from './tune-decision.js'
export { findLimit, knobHelps, type Limit, type LimitPoint } from './tune-diagnosis.js'
export { pairsToTell, ratioOf } from './tune-gain.js'
export { summariseTrial } from './tune-run.js'
