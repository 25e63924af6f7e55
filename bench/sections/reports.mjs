import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { commandPath, runChild, runToEnd } from '../lib/children.mjs'
import { aim, aimText, figure } from '../lib/table.mjs'
import { writeRunFolder } from '../records.mjs'

const LONG = 1_000_000
const MOST_S = 10
const CHUNKS = [
  [1, 8],
  [16, 16],
]

const NOTE =
  'Run folders made up from a seed; the summary without starting Node, `falloff report` with all that it takes.'

/** Time from a run folder to its summary and its report. @param {import('../bench.mjs').Setting} setting */
export async function reports({ folder, records }) {
  const rows = []
  const figures = {}
  const aims = []
  for (const [least, most] of CHUNKS) {
    const run = join(folder, `made-up-${most}`)
    writeRunFolder({ folder: run, requests: records, least, most })
    const f = await runChild('summarise', { run })
    if (f.records !== records) throw new Error(`${f.records} records found, ${records} written`)
    f.reportS = await secondsOf(() =>
      runToEnd([process.execPath, commandPath, 'report', run, '--out', join(folder, 'report.html')]),
    )
    rmSync(run, { recursive: true })
    const title = `${figure(records)} records of ${least === most ? most : `${least} to ${most}`} chunks`
    const reached = records === LONG ? [aim('summary < 10 s', f.wallS < MOST_S)] : []
    aims.push(...reached.map((a) => ({ figure: title, ...a })))
    figures[title] = f
    const times = [f.wallS, f.cpuS, f.floorS, f.reportS].map(figure)
    rows.push([title, ...times, figure(f.mostBytes / 1e6), reached.map(aimText).join()])
  }
  const header = [
    '',
    'summary, s',
    'CPU of it, s',
    'floor: finding the lines, s',
    'whole `falloff report`, s',
  ]
  header.push('most memory, MB', 'aim')
  return [{ title: 'Summaries and reports', note: NOTE, header, rows, figures, aims }]
}

async function secondsOf(work) {
  const beganMs = performance.now()
  await work()
  return (performance.now() - beganMs) / 1000
}
