/**
 * Behaves as vLLM does while it starts: `serve MODEL --host H --port P …`. It writes vLLM's lines, starts a child that starts a
 * grandchild in a session of its own and leaves it an orphan, and serves /health when it is done. FAKE holds JSON:
 *
 *   log          lines to write, one every `everyMs`
 *   everyMs      20 when left out
 *   children     file that receives the ids of all processes, one a line; nothing else is done before all three run
 *   deaf         none of them listens to SIGTERM
 *   exitCode     ends with this code after the log instead of serving
 *   silent       never serves
 */
import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const wish = JSON.parse(process.env.FAKE ?? '{}')
if (wish.deaf) process.on('SIGTERM', () => undefined)
const [role] = process.argv.slice(2)

const note = () => wish.children && appendFileSync(wish.children, `${process.pid}\n`)
const again = (name, options) =>
  spawn(process.execPath, [process.argv[1], name], { stdio: ['ignore', 'inherit', 'inherit'], ...options })

if (role === 'grandchild') {
  note()
  setInterval(() => undefined, 1_000)
} else if (role === 'child') {
  again('grandchild', { detached: true }).unref()
  note()
  // Its own child is left an orphan.
  if (!wish.deaf) process.exit()
  setInterval(() => undefined, 1_000)
} else {
  await serve(process.argv.slice(2))
}

async function serve(words) {
  note()
  if (wish.children) {
    again('child')
    while (readFileSync(wish.children, 'utf8').trim().split('\n').length < 3) await sleep(10)
  }
  for (const line of wish.log ?? []) {
    process.stderr.write(`${line}\n`)
    await sleep(wish.everyMs ?? 20)
  }
  if (wish.exitCode !== undefined) process.exit(wish.exitCode)
  if (wish.silent) return void setInterval(() => undefined, 1_000)
  const port = Number(words[words.indexOf('--port') + 1])
  createServer((request, response) => {
    const env = request.url === '/env' ? JSON.stringify(process.env) : ''
    response.writeHead(request.url === '/health' || env !== '' ? 200 : 404).end(env)
  }).listen(port, '127.0.0.1')
}
