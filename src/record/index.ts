export type { FailureCode, RequestFailure } from '../base/index.js'
export * from './calibration.js'
export * from './coldstart.js'
export * from './compare.js'
export * from './figures.js'
export {
  createLineWriter,
  createRunFolder,
  RUN_FILES,
  readJsonFile,
  requestWriter,
  writeJsonFile,
  writeManifest,
} from './folder.js'
export * from './manifest.js'
export * from './record.js'
export * from './samples.js'
export * from './tune/index.js'
