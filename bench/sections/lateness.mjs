import { join } from 'node:path'
import { linesOf, recordsPath, withRun } from '../lib/run-command.mjs'
import { startServer } from '../lib/server.mjs'
import { ascending, quantile } from '../lib/statistics.mjs'
import { aim, aimText, figure } from '../lib/table.mjs'

const RATES_PER_S = [100, 1000, 5000]
const MEASURED_S = 4
/** Until then code is compiled and connections are made. */
const WARMUP_S = 2

/** How late requests are sent in an open loop, by the command as users run it. @param {import('../bench.mjs').Setting} setting */
export async function lateness({ folder }) {
  const server = await startServer({ ttftMs: 5, gapMs: 0 })
  const rows = []
  const figures = {}
  const aims = []
  try {
    for (const ratePerS of RATES_PER_S) {
      const f = await withRun({ folder, server, flags: flagsAt(ratePerS), core: 'any' }, figuresOf)
      const aims1 = ratePerS === 1000 ? [aim('p99 ≤ 1 ms', f.p99Ms <= 1)] : []
      aims.push(...aims1.map((a) => ({ figure: `lateness at ${figure(ratePerS)} starts/s`, ...a })))
      figures[ratePerS] = f
      const times = [f.p50Ms, f.p99Ms, f.maxMs].map(figure)
      const shares = [f.cpuShare, f.coreWaitShare].map((share) => `${Math.round(share * 100)} %`)
      rows.push([figure(ratePerS), figure(f.requests), ...times, ...shares, aims1.map(aimText).join()])
    }
  } finally {
    await server.stop()
  }
  const header = ['starts/s', 'requests', 'p50, ms', 'p99, ms', 'max, ms']
  header.push('worker on its core', 'waited for it', 'aim')
  return [{ title: 'Lateness of arrivals, constant rate', note: NOTE, header, rows, figures, aims }]
}

const NOTE =
  '`falloff run --rate` with one worker, not pinned, since its main thread and its known-time emitter run beside it; answers of one token after 5 ms: send minus schedule, of the requests after ' +
  `${WARMUP_S} s of warm-up, ${MEASURED_S} s long.`

const flagsAt = (ratePerS) => [
  ...['--rate', String(ratePerS), '--arrivals', 'constant', '--requests', String(ratePerS * MEASURED_S)],
  ...['--warmup', String(ratePerS * WARMUP_S), '--input-tokens', '20', '--output-tokens', '1'],
]

function figuresOf(run) {
  const records = [...linesOf(recordsPath(run))].filter((r) => r.phase === 'measured')
  const sent = records.filter((r) => r.sentNs !== undefined)
  if (sent.length === 0) throw new Error('nothing was sent')
  const lateMs = ascending(sent.map((r) => (r.sentNs - r.scheduledNs) / 1e6))
  return {
    requests: records.length,
    unsent: records.length - sent.length,
    p50Ms: quantile(lateMs, 0.5),
    p99Ms: quantile(lateMs, 0.99),
    maxMs: quantile(lateMs, 1),
    ...workerShares(run, records[0].scheduledNs),
  }
}

/** Of the worker's thread while the measured requests ran. */
function workerShares(run, beganNs) {
  const samples = [...linesOf(join(run, 'instrument.ndjson'))].filter((s) => s.atNs > beganNs)
  const mean = (field) => samples.reduce((sum, s) => sum + (s[field] ?? Number.NaN), 0) / samples.length
  return { cpuShare: mean('cpuShare'), coreWaitShare: mean('coreWaitShare') }
}
