// How late are our stamps? Runs the built command against a server that logs its own write times, and prints both beside
// each other. Client and server get a core each; without taskset, or on one core, they share and the figures say less.
//
//     npm run build && node bench/truth.mjs [streams…]        1, 50, 256 and 1000 streams when none are given
//
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { joinTruth } from './join-truth.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const command = join(here, '..', 'dist', 'cli', 'main.js')
const TOKENS = 100
const CLIENT_CORE = '0'
const SERVER_CORE = '1'

/** Long enough for a p99: a stream alone is repeated, a thousand bring their own numbers. */
const requestsAt = (streams) => Math.max(10, streams * 2)

const PIN = 'taskset'
const COMPILER = process.env.CC ?? 'cc'
const pinned = spawnSync(PIN, ['-c', SERVER_CORE, 'true']).status === 0
const onCore = (core, words) => (pinned ? [PIN, '-c', core, ...words] : words)

function compile(folder) {
  const binary = join(folder, 'truth-server')
  execFileSync(COMPILER, ['-O2', '-Wall', '-Wextra', '-o', binary, join(here, 'truth-server.c')], {
    stdio: 'inherit',
  })
  return binary
}

async function startServer(binary, log) {
  const [name, ...args] = onCore(SERVER_CORE, [binary, '--log', log])
  const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\S+/.exec(line)?.[0]
    if (url) return { child, url }
  }
  throw new Error('the truth server did not start')
}

async function measure(binary, streams) {
  const folder = mkdtempSync(join(tmpdir(), `falloff-truth-${streams}-`))
  const log = join(folder, 'writes.ndjson')
  const { child, url } = await startServer(binary, log)
  try {
    await drive(folder, url, streams)
  } finally {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  const [run] = readdirSync(join(folder, 'results'))
  const found = joinTruth(join(folder, 'results', run), log)
  rmSync(folder, { recursive: true })
  return { streams, ...found }
}

/** The warm-up fills every slot once, so that connections and compiled code are there. */
async function drive(folder, url, streams) {
  const [name, ...args] = onCore(CLIENT_CORE, [
    ...[process.execPath, command, 'run', '--target', url, '--model', 'truth', '--tokenizer', 'calibrate'],
    ...[
      '--concurrency',
      String(streams),
      '--requests',
      String(requestsAt(streams)),
      '--warmup',
      String(streams),
    ],
    ...['--input-tokens', '50', '--output-tokens', String(TOKENS)],
    ...['--results', join(folder, 'results'), '--out', join(folder, 'report.html'), '--format', 'json'],
  ])
  const child = spawn(name, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  const [code] = await once(child, 'close')
  // 6 is a run that judges itself invalid: at many streams on one core that is the right answer.
  if (code !== 0 && code !== 6) throw new Error(`falloff run ended with ${code}:\n${said}`)
}

const ms = (value) => (value === undefined ? '–' : value.toFixed(value < 10 ? 3 : 1))
const pair = ({ p50, p99 }) => `${ms(p50)} / ${ms(p99)}`

function row(f) {
  const cells = [
    f.ttftTrue,
    f.ttftOurs,
    f.ttftError,
    f.gapTrue,
    f.gapOurs,
    f.gapError,
    f.sendError,
    f.stampError,
  ].map(pair)
  return `| ${[f.streams, `${f.requests - f.unjoined} of ${f.requests}`, ...cells].join(' | ')} |`
}

const asked = process.argv.slice(2).map(Number)
const home = mkdtempSync(join(tmpdir(), 'falloff-truth-'))
try {
  const binary = compile(home)
  console.log(
    `p50 / p99 in ms; 200 ms TTFT, 20 ms gaps, ${TOKENS} tokens; client and server ${pinned ? 'on a core each' : 'not pinned'}\n`,
  )
  console.log(
    '| streams | joined | TTFT true | TTFT ours | its error | gap true | gap ours | its error | send error | stamp error |',
  )
  console.log('|---|---|---|---|---|---|---|---|---|---|')
  for (const streams of asked.length > 0 ? asked : [1, 50, 256, 1000])
    console.log(row(await measure(binary, streams)))
} finally {
  rmSync(home, { recursive: true })
}
