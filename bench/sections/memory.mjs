import { execFileSync } from 'node:child_process'
import { runChild } from '../lib/children.mjs'
import { startServer } from '../lib/server.mjs'
import { aim, aimText, figure } from '../lib/table.mjs'

const STREAMS = [1000, 10_000]
const CONTENDERS = { 'path-kernel': 'kernel transport', 'path-undici': 'undici transport' }
/** Files that a process has open besides its streams. */
const OTHER_FILES = 100
const MOST_BYTES_PER_STREAM = 25 * 1024

/** The streams are all open for some seconds, each with a token now and then. */
const loadOf = (streams) => ({
  streams,
  tokens: 8,
  shape: { ttftMs: 2000, gapMs: 500 },
  spreadMs: streams / 5,
})

/** What an open stream keeps in memory, and whether all come to their end. @param {import('../bench.mjs').Setting} setting */
export async function memory({ folder }) {
  const server = await startServer()
  const rows = []
  const figures = {}
  const aims = []
  const openFiles = openFileLimit()
  try {
    for (const streams of STREAMS) {
      for (const [name, label] of Object.entries(CONTENDERS)) {
        const title = `${figure(streams)} open streams, ${label}`
        if (streams + OTHER_FILES > openFiles) {
          rows.push([title, `not measured: ${figure(openFiles)} files may be open`, '', '', ''])
          continue
        }
        const place = { url: server.url, model: server.model, folder }
        const f = await runChild('hold', { name, place, load: loadOf(streams) }, ['--expose-gc'])
        const reached = aimsOf(name, streams, f)
        aims.push(...reached.map((a) => ({ figure: title, ...a })))
        figures[`${name}, ${streams}`] = f
        const sizes = [f.residentPerStream, f.heapPerStream].map((bytes) => figure(bytes / 1024))
        const outcome = f.failed === 0 ? 'all' : `${f.failed} failed: ${f.firstFailure}`
        rows.push([title, outcome, ...sizes, reached.map(aimText).join('; ')])
      }
    }
  } finally {
    await server.stop()
  }
  const header = ['', 'completed', 'resident, KiB per stream', 'of it in the heap, KiB', 'aim']
  return [{ title: 'Memory of open streams', note: NOTE, header, rows, figures, aims }]
}

const NOTE =
  'The whole path in one process: resident memory with all streams open minus before, both after garbage collection, by the ' +
  'stream. The kernel’s own memory for sockets is not in it.'

/** Of the processes that are started from here. */
const openFileLimit = () => {
  const said = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim()
  return said === 'unlimited' ? Number.POSITIVE_INFINITY : Number(said)
}

function aimsOf(name, streams, f) {
  if (streams < 10_000) return []
  const complete = aim('none fails', f.failed === 0)
  if (name !== 'path-kernel') return [complete]
  return [complete, aim('≤ 25 KiB', f.residentPerStream <= MOST_BYTES_PER_STREAM)]
}
