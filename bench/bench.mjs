// How fast is the instrument, and what does it cost? Every figure beside its floor, met in the same process, or in a process
// of the same kind, in the same state of the machine.
//
//     npm run bench -- [--only events,lateness,…] [--rounds 3] [--long] [--neighbour] [--docs] [--out results/bench.json]
//
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { startNeighbour } from './lib/children.mjs'
import { replaceInDocs } from './lib/docs.mjs'
import { describeMachine } from './lib/machine.mjs'
import { closingText, headText, sectionText } from './lib/text.mjs'
import { events } from './sections/events.mjs'
import { flat } from './sections/flat.mjs'
import { histograms } from './sections/histograms.mjs'
import { lateness } from './sections/lateness.mjs'
import { memory } from './sections/memory.mjs'
import { reports } from './sections/reports.mjs'
import { startup } from './sections/startup.mjs'
import { steps } from './sections/steps.mjs'
import { writing } from './sections/writing.mjs'

/**
 * @typedef {object} Setting
 * @property {string} folder for whatever is written; deleted in the end
 * @property {number} rounds how often contenders take turns
 * @property {number} records in long runs and made-up folders
 * @property {readonly string[] | undefined} contenders those to be measured; all when undefined
 *
 * @typedef {object} Table
 * @property {string} title @property {string} note how it was measured
 * @property {readonly string[]} header @property {readonly (readonly string[])[]} rows
 * @property {Record<string, unknown>} figures what the rows show, unrounded
 * @property {readonly { figure: string, text: string, met: boolean }[]} aims
 */

/** @type {Record<string, (setting: Setting) => Promise<readonly Table[]>>} */
const SECTIONS = { events, steps, lateness, memory, flat, writing, histograms, reports, startup }

const HELP = `node bench/bench.mjs [options], after npm run build

  --only        sections, of ${Object.keys(SECTIONS).join(', ')}
  --contenders  of the events, such as path-kernel,fetch
  --rounds      how often the contenders take turns (3)
  --records     in the long run and the summaries (100,000; with --long 1,000,000)
  --long        a million records
  --neighbour   beside a process that keeps the client's core busy
  --docs        writes the tables into docs/performance.md as well
  --out         file for the figures (results/bench.json)
`

const { values: flags } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    only: { type: 'string' },
    contenders: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    records: { type: 'string' },
    long: { type: 'boolean', default: false },
    neighbour: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})

const names = flags.only?.split(',') ?? Object.keys(SECTIONS)
const unknown = names.filter((name) => !Object.hasOwn(SECTIONS, name))
if (flags.help || unknown.length > 0) {
  process.stdout.write(unknown.length > 0 ? `no section named ${unknown.join(', ')}\n\n${HELP}` : HELP)
  process.exit(unknown.length > 0 ? 2 : 0)
}

const folder = mkdtempSync(join(tmpdir(), 'falloff-bench-'))
const setting = {
  rounds: Number(flags.rounds),
  records: Number(flags.records ?? (flags.long ? 1_000_000 : 100_000)),
  contenders: flags.contenders?.split(','),
}
const state = flags.neighbour ? 'neighbour' : 'quiet'
const machine = describeMachine()
const texts = [headText(machine, flags.neighbour)]
const tables = {}
process.stdout.write(`${texts[0]}\n`)

const neighbour = flags.neighbour ? startNeighbour() : undefined
try {
  for (const name of names) {
    try {
      tables[name] = await SECTIONS[name]({ ...setting, folder: mkdtempSync(join(folder, `${name}-`)) })
    } catch (thrown) {
      // What the other sections found is not lost for it.
      process.stderr.write(`${name}: ${thrown.stack}\n`)
      process.exitCode = 1
      continue
    }
    const text = sectionText(tables[name])
    texts.push(text)
    process.stdout.write(`\n${text}\n`)
  }
} finally {
  neighbour?.stop()
  rmSync(folder, { recursive: true })
}

process.stdout.write(`\n${closingText(Object.values(tables).flat())}\n`)
const out = flags.out ?? join('results', flags.neighbour ? 'bench-neighbour.json' : 'bench.json')
mkdirSync(dirname(out), { recursive: true })
writeFileSync(
  out,
  `${JSON.stringify({ measuredAtUtc: new Date().toISOString(), state, machine, tables }, null, 2)}\n`,
)
process.stdout.write(`figures  ${out}\n`)
if (flags.docs) process.stdout.write(`docs     ${replaceInDocs(state, texts.join('\n\n'))}\n`)
