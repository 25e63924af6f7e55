export type { CheckVerdict, StampSource } from './doctor/check.js'
export { type Examination, examineMachine } from './doctor/examine.js'
export { DEFAULT_STREAMS, type Need, needOf } from './doctor/need.js'
export { createMachineWatch } from './watch.js'
