export { readFacts, withoutCredentials } from './facts.js'
export { assertReachable, call, tryJson } from './http.js'
export { watchServer } from './watch.js'
