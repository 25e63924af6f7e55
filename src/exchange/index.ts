export { type DialectName, inDialect, renderDialect } from './dialect/render.js'
export {
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportPart,
  exported,
  isBinary,
  partsOf,
  pushHeaders,
} from './export/formats.js'
export { readImported } from './import/read.js'
export { renderImported } from './import/render.js'
export { wholeRuns } from './ours.js'
export { push, pushHeadersOf } from './push.js'
export { readResult } from './result.js'
