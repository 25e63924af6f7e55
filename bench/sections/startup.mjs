import { spawnSync } from 'node:child_process'
import { commandPath } from '../lib/children.mjs'
import { onCore } from '../lib/machine.mjs'
import { childrenCpuNs } from '../lib/proc.mjs'
import { spread } from '../lib/statistics.mjs'
import { aim, aimText, figure, spreadText } from '../lib/table.mjs'

const TIMES = 12
const MOST_MS = 150
const COMMANDS = {
  'node -e 0': ['-e', '0'],
  'falloff --version': [commandPath, '--version'],
  'falloff --help': [commandPath, '--help'],
  'falloff run --help': [commandPath, 'run', '--help'],
}

const NOTE = `From the start of the process to its end, median of ${TIMES} in turns (least to most).`

/** How long a user waits for the command's first words. */
export async function startup() {
  const figures = Object.fromEntries(Object.keys(COMMANDS).map((name) => [name, { wallMs: [], cpuMs: [] }]))
  for (let i = 0; i <= TIMES; i++) {
    for (const [name, args] of Object.entries(COMMANDS)) {
      const once = timeOnce(args)
      // The first time everything comes from the disk.
      if (i === 0) continue
      figures[name].wallMs.push(once.wallMs)
      figures[name].cpuMs.push(once.cpuMs)
    }
  }
  const floorMs = spread(figures['node -e 0'].wallMs).median
  const aims = []
  const rows = Object.entries(figures).map(([name, { wallMs, cpuMs }]) => {
    const wall = spread(wallMs)
    const reached = name === 'falloff --help' ? [aim('< 150 ms', wall.median < MOST_MS)] : []
    aims.push(...reached.map((a) => ({ figure: name, ...a })))
    const cpu = cpuMs.reduce((sum, ms) => sum + ms, 0) / cpuMs.length
    return [
      `\`${name}\``,
      spreadText(wall),
      figure(wall.median - floorMs),
      figure(cpu),
      reached.map(aimText).join(),
    ]
  })
  const header = ['', 'time, ms', 'beyond bare Node, ms', 'CPU, ms', 'aim']
  return [{ title: 'Start-up', note: NOTE, header, rows, figures, aims }]
}

function timeOnce(args) {
  const [name, ...words] = onCore('client', [process.execPath, ...args])
  const cpuBefore = childrenCpuNs() ?? Number.NaN
  const beganMs = performance.now()
  const { status } = spawnSync(name, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  const wallMs = performance.now() - beganMs
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`)
  return { wallMs, cpuMs: ((childrenCpuNs() ?? Number.NaN) - cpuBefore) / 1e6 }
}
