// Reads a run folder and works out its summary, as `falloff report` does. Prints a line of JSON.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findingsOfRun } from '../../dist/analyse/index.js'
import { mostResidentBytes } from '../lib/proc.mjs'

const LF = 10

const timed = async (work) => {
  const cpu = process.cpuUsage()
  const beganMs = performance.now()
  const result = await work()
  const { user, system } = process.cpuUsage(cpu)
  return { result, wallS: (performance.now() - beganMs) / 1000, cpuS: (user + system) / 1e6 }
}

/** The floor: every byte read once and every line found. */
function countLines(path) {
  let lines = 0
  const bytes = readFileSync(path)
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) lines++
  return lines
}

const { run } = JSON.parse(process.argv[2])
const floor = await timed(() => countLines(join(run, 'requests-0.ndjson')))
const { result, wallS, cpuS } = await timed(() => findingsOfRun(run))
const found = {
  records: floor.result,
  floorS: floor.wallS,
  wallS,
  cpuS,
  mostBytes: mostResidentBytes('self'),
  told: JSON.stringify(result).length,
}
process.stdout.write(`${JSON.stringify(found)}\n`)
