export { runSimulateCommand, type SimulateOptions } from './command.js'
export { loadDescription, shippedDescriptions } from './description.js'
export { parseFaults } from './faults.js'
export { type Simulator, type SimulatorOptions, startSimulator } from './server.js'
