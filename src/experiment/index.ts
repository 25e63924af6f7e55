export { type Axis, parseAxis } from './axes.js'
export { type CalibrateOptions, calibrate } from './calibrate/calibrate.js'
export { writeCalibration } from './calibrate/store.js'
export { measureColdStarts } from './coldstart/coldstart.js'
export { type CompareOptions, measureComparison } from './compare/compare.js'
export type { MeasuredSide } from './compare/sides-up.js'
export {
  type CompareTransportsOptions,
  compareTransports,
  emitterOpponent,
  type Opponent,
  type TransportComparison,
} from './compare-transports/compare.js'
export type { Cost, TransportFigures } from './compare-transports/figures.js'
export { waysTo } from './connection.js'
export { runDemo } from './demo.js'
export { preparing } from './engine.js'
export {
  type Floor,
  type FloorFigures,
  type FloorOptions,
  type GatewayCost,
  measureFloor,
} from './floor/floor.js'
export { resolveAccess } from './keys.js'
export { prepareLexicon } from './lexicon.js'
export { findLimits, type LimitsReport } from './limits/limits.js'
export type { LiveState, RunListener } from './listener.js'
export { assertTransport, likelyTransport, workersOf } from './plan.js'
export { type Interruption, measureRun } from './run.js'
export { type Consent, prepareBudget } from './spending.js'
export { measureSweep } from './sweep/sweep.js'
export { prepareTarget } from './target.js'
export { tuneEngine } from './tune/engine-tune.js'
