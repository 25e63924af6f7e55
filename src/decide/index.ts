export { renderAnnotations } from './annotations.js'
export {
  BASELINE_FOLDER,
  type Baseline,
  listBaselines,
  readBaseline,
  saveBaseline,
} from './baseline.js'
export type { Gate } from './gate.js'
export { renderGates } from './gate-text.js'
export { addToHistory, HISTORY_FILE, readHistory } from './history.js'
export { compareApart, type GateReport, judgeGates } from './judge.js'
export { renderJunit } from './junit.js'
export { renderMarkdown } from './markdown.js'
export { parseGate } from './parse-gate.js'
export { type Results, readResults } from './results.js'
export { type Boundary, LEAST_LIKE, MOST_LIKE } from './trend/boundary.js'
export type { TrendChange, TrendFindings, TrendMark, TrendPoint, TrendSeries } from './trend/findings.js'
export { trendOf } from './trend/trend.js'
