/**
 * Starts as vLLM does, line by line, and then is the simulator: `serve MODEL --host H --port P …`. SLOW holds JSON:
 *
 *   log        lines to write, one every `everyMs`, before anything listens; when, in ns of the machine's monotonic clock, goes
 *              into `written.ndjson`, a line for each start
 *   simulate   further words for `falloff simulate fixed`
 *   main       the built command
 */
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

const { log, everyMs, simulate, main } = JSON.parse(process.env.SLOW ?? '{}')
const words = process.argv.slice(2)
const flagged = (flag) => words[words.indexOf(flag) + 1] ?? ''

const writtenNs = []
for (const line of log) {
  writtenNs.push(Number(process.hrtime.bigint()))
  process.stderr.write(`${line}\n`)
  await sleep(everyMs)
}
appendFileSync('written.ndjson', `${JSON.stringify(writtenNs)}\n`)
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
