/** The public surface of the library: what the command line is made of. */
export {
  type Findings,
  findingsOf,
  METRICS,
  type PointFindings,
  summaryJsonSchema,
  type Timeline,
} from './analyse/index.js'
export { FalloffError, UsageError } from './base/index.js'
export {
  measureRun,
  measureSweep,
  prepareLexicon,
  prepareTarget,
  type RunListener,
} from './experiment/index.js'
export { loadProfile, type Profile, profileJsonSchema } from './profile/index.js'
export type { RequestRecord, RunManifest } from './record/index.js'
export { loadReportInput, renderReport, renderText } from './report/index.js'
