/**
 * Starts as vLLM does, line by line, and then is the simulator: `serve MODEL --host H --port P …`. SLOW holds JSON:
 *
 *   log        lines to write, one every `everyMs`, before anything listens
 *   simulate   further words for `falloff simulate fixed`
 *   main       the built command
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

const { log, everyMs, simulate, main } = JSON.parse(process.env.SLOW ?? '{}')
const words = process.argv.slice(2)
const flagged = (flag) => words[words.indexOf(flag) + 1] ?? ''

for (const line of log) {
  process.stderr.write(`${line}\n`)
  await sleep(everyMs)
}
process.argv.splice(
  2,
  words.length,
  'simulate',
  'fixed',
  '--host',
  flagged('--host'),
  '--port',
  flagged('--port'),
  ...simulate,
)
await import(pathToFileURL(main).href)
