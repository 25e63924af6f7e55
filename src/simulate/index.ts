export { runSimulateCommand } from './command.js'
export { loadDescription } from './description.js'
export { parseFaults } from './faults.js'
export { type Simulator, startSimulator } from './server.js'
