export type { LoggedStream } from './log.js'
export type { EmitterShape } from './shape.js'
export { type EmitterLog, type RunningEmitter, startEmitter } from './start.js'
