export { FAILURE_CODES, type FailureCode, type RequestFailure } from '../base/index.js'
export {
  createLineWriter,
  createRunFolder,
  type LineWriter,
  RUN_FILES,
  readJsonFile,
  requestWriter,
  writeJsonFile,
  writeManifest,
} from './folder.js'
export * from './manifest.js'
export * from './record.js'
export * from './samples.js'
