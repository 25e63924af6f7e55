export { baseUrlOf } from './base-url.js'
export type { Finding, FindingGroup } from './finding.js'
export { type ProbeResult, probe } from './probe.js'
export { targetName, targetPath, targetText, writableHeaders, writeTargetFile } from './target-file.js'
