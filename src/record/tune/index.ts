export * from './manifest.js'
export * from './result.js'
export * from './setting.js'
export * from './trial.js'
