export { FAILURE_CODES, type FailureCode, type RequestFailure } from '../base/index.js'
export * from './manifest.js'
export * from './record.js'
export * from './samples.js'
export {
  createLineWriter,
  createRunFolder,
  type LineWriter,
  readJsonFile,
  requestWriter,
  RUN_FILES,
  writeJsonFile,
  writeManifest,
} from './folder.js'
