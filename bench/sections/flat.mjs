import { residentBytes } from '../lib/proc.mjs'
import { linesOf, recordsPath, withRun } from '../lib/run-command.mjs'
import { startServer } from '../lib/server.mjs'
import { aim, aimText, figure } from '../lib/table.mjs'

const CONCURRENCY = 64
const CHUNKS = [1, 16]
const SAMPLE_MS = 250
const MOST_GROWTH_BYTES = 50e6
/** From here on nothing may grow any more. A short run has a fifth of its records for that. */
const settledAt = (records) => Math.min(100_000, records / 5)

/** Memory of the command over many records, as users run it. @param {import('../bench.mjs').Setting} setting */
export async function flat({ folder, records }) {
  const server = await startServer({ ttftMs: 0, gapMs: 0 })
  const rows = []
  const figures = {}
  const aims = []
  try {
    for (const chunks of CHUNKS) {
      const f = await watchRun({ folder, server, records, chunks })
      const title = `${figure(records)} records of ${chunks} ${chunks === 1 ? 'chunk' : 'chunks'}`
      const reached = [
        aim(`≤ 50 MB after the first ${figure(f.settledAt)}`, f.growthBytes <= MOST_GROWTH_BYTES),
      ]
      aims.push(...reached.map((a) => ({ figure: title, ...a })))
      figures[`${chunks} chunks`] = f
      const sizes = [f.settledBytes, f.mostBytes, f.growthBytes].map((bytes) => figure(bytes / 1e6))
      rows.push([title, figure(f.recordsPerS), ...sizes, reached.map(aimText).join('; ')])
    }
  } finally {
    await server.stop()
  }
  const header = ['', 'records/s', 'then, MB resident', 'most after that, MB', 'growth, MB', 'aim']
  return [{ title: 'Memory over a long run', note: NOTE, header, rows, figures, aims }]
}

const NOTE = `\`falloff run --concurrency ${CONCURRENCY}\` with one worker, whole process, its size looked at four times a second.`

async function watchRun({ folder, server, records, chunks }) {
  const samples = []
  let sampler
  const onStart = (pid, size) => {
    sampler = setInterval(() => {
      samples.push({ atMs: Math.round(performance.now()), bytes: residentBytes(pid), written: size() })
    }, SAMPLE_MS)
  }
  const flags = ['--concurrency', String(CONCURRENCY), '--requests', String(records)]
  flags.push('--input-tokens', '20', '--output-tokens', String(chunks))
  try {
    return await withRun({ folder, server, flags, onStart }, (run) => growthOf(samples, records, run))
  } finally {
    clearInterval(sampler)
  }
}

/** Records at a sample follow from the size of their file: they are of a kind. */
function growthOf(samples, records, run) {
  const fileBytes = samples.at(-1)?.written ?? 0
  let count = 0
  for (const record of linesOf(recordsPath(run))) if (record.state === 'completed') count++
  if (count !== records) throw new Error(`${records - count} of ${records} requests did not complete`)
  const recordsAt = (s) => (s.written / fileBytes) * records
  // After the last record the run is analysed, which takes memory of its own.
  const running = samples.filter((s) => s.written > 0 && s.written < fileBytes && s.bytes !== undefined)
  const settled = running.filter((s) => recordsAt(s) >= settledAt(records))
  const [first, last] = [settled[0], settled.at(-1)]
  if (first === undefined || last === first) throw new Error('the run was too short to be sampled')
  const mostBytes = Math.max(...settled.map((s) => s.bytes))
  return {
    settledAt: settledAt(records),
    recordsPerS: ((recordsAt(last) - recordsAt(first)) / (last.atMs - first.atMs)) * 1000,
    settledBytes: first.bytes,
    mostBytes,
    growthBytes: mostBytes - first.bytes,
    samples: running.map((s) => ({ records: Math.round(recordsAt(s)), bytes: s.bytes })),
  }
}
