export type { BudgetCap, BudgetCaps, Prices } from './budget-schema.js'
export { ENGINE_KINDS } from './engine-schema.js'
export { loadProfile, SHIPPED_PROFILES } from './load.js'
export {
  METRIC_NAMES,
  type MetricName,
  type MetricObjective,
  type Objective,
  parseObjective,
  type RateObjective,
  WRITTEN_UNITS,
} from './objective.js'
export { attemptsAllowed, type RetryPolicy, sdkPolicy } from './retry-schema.js'
export type { Limits, Load, Profile } from './schema.js'
export { parseSetting, type Setting } from './settings.js'
export { readTarget, TARGETS_FOLDER } from './target-file.js'
export { THRESHOLDS, type ThresholdName } from './thresholds.js'
export { profileJsonSchema } from './validate.js'
export { DEFAULT_THRESHOLDS, type Thresholds } from './validity-schema.js'
