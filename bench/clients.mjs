// The same question to falloff and to the usual clients, unmodified, and beside their answers what the server really did:
// clients in a closed loop on one core, against the known-time emitter on another, whose log is the truth.
//
//     npm run build && node bench/clients.mjs [--streams 1,50,256,1000] [--clients falloff,vllm,aiperf,guidellm] [--docs]
//
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { aiperf } from './clients/aiperf.mjs'
import { falloff } from './clients/falloff.mjs'
import { guidellm } from './clients/guidellm.mjs'
import { requestsAt } from './clients/load.mjs'
import { tokenizerFolder } from './clients/python.mjs'
import { eventsPerS, tablesText } from './clients/tables.mjs'
import { besideTheTruth, together } from './clients/truth.mjs'
import { vllmBench } from './clients/vllm.mjs'
import { replaceInDocs } from './lib/docs.mjs'
import { describeMachine, machineLine } from './lib/machine.mjs'

/** vLLM's alone counts the role chunk, so it alone has a row without it. */
const CLIENTS = {
  falloff: [falloff('kernel'), falloff('undici')],
  vllm: [vllmBench('alone'), vllmBench('with-first')],
  aiperf: [aiperf],
  guidellm: [guidellm],
}
const OUT = join('results', 'clients.json')

const HELP = `node bench/clients.mjs [options], after npm run build

  --streams   numbers of streams (1,50,256,1000)
  --clients   of ${Object.keys(CLIENTS).join(', ')}
  --requests  at each number of streams (two for each stream, and at least 5)
  --docs      writes the tables into docs/performance.md as well

Figures go to ${OUT}. Clients are looked for in $FALLOFF_CACHE (~/.cache/falloff): vllm/.venv, clients/.venv (guidellm)
and aiperf/.venv.
`

const { values: flags } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    streams: { type: 'string', default: '1,50,256,1000' },
    clients: { type: 'string', default: Object.keys(CLIENTS).join() },
    requests: { type: 'string' },
    docs: { type: 'boolean', default: false },
  },
})
const names = flags.clients.split(',')
const streams = flags.streams.split(',').map(Number)
const wrong = [
  ...names.filter((name) => !Object.hasOwn(CLIENTS, name)),
  ...streams.filter((n) => !(Number.isInteger(n) && n > 0)),
]
if (flags.help || wrong.length > 0) {
  process.stdout.write(wrong.length > 0 ? `not understood: ${wrong.join(', ')}\n\n${HELP}` : HELP)
  process.exit(wrong.length > 0 ? 2 : 0)
}

const home = mkdtempSync(join(tmpdir(), 'falloff-clients-'))
const tokenizer = await tokenizerFolder()

/** @param {import('./clients/load.mjs').Client} client @returns {Promise<import('./clients/tables.mjs').Cell>} */
async function measure(client, n) {
  const folder = mkdtempSync(join(home, 'run-'))
  const requests = flags.requests === undefined ? requestsAt(n) : Number(flags.requests)
  const beganMs = Date.now()
  try {
    const { heard, truth } = await besideTheTruth(client.roleChunk, (server) =>
      client.run({ ...server, streams: n, requests, folder, tokenizer }),
    )
    const text = `TTFT ${heard.ttftMs.p50.toFixed(1)} / ${heard.ttftMs.p99.toFixed(1)} ms, ${Math.round(eventsPerS(heard))} events/s`
    process.stderr.write(
      `${client.name}, ${n}: ${text}; took ${Math.round((Date.now() - beganMs) / 1000)} s\n`,
    )
    return { streams: n, heard, truth }
  } catch (thrown) {
    // What the other clients say is not lost for it.
    process.stderr.write(`${client.name}, ${n}: ${thrown.stack}\n`)
    process.exitCode = 1
    return { streams: n }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {import('./clients/load.mjs').Client} client @returns {Promise<import('./clients/tables.mjs').Row>} */
async function rowOf(client) {
  const version = client.version()
  const { roleChunk } = client
  if (version === undefined) return { name: client.name, roleChunk, installed: false, cells: [] }
  const cells = []
  for (const n of streams) cells.push(await measure(client, n))
  return { name: `${client.name} ${version}`, roleChunk, installed: true, cells }
}

const machine = describeMachine()
const rows = []
try {
  for (const client of names.flatMap((name) => CLIENTS[name])) rows.push(await rowOf(client))
} finally {
  rmSync(home, { recursive: true, force: true })
}
const text = `${machineLine(machine)}.\n\n${tablesText(rows, streams)}`
process.stdout.write(`${text}\n`)
mkdirSync('results', { recursive: true })
const figures = rows.map((row) => ({
  ...row,
  cells: row.cells.map((cell) => ({ ...cell, truth: cell.truth && together([cell.truth]) })),
}))
writeFileSync(
  OUT,
  `${JSON.stringify({ measuredAtUtc: new Date().toISOString(), machine, rows: figures }, null, 2)}\n`,
)
if (flags.docs) process.stdout.write(`docs     ${replaceInDocs('clients', text)}\n`)
