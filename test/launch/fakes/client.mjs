// Plays docker, ssh and kubectl: hands its words to the daemon that the test runs, and does as that says. As with the real
// ones, what it starts is no child of its own, so that ending it ends nothing.
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'

const [socketPath, tool, ...args] = process.argv.slice(2)
const daemon = connect(socketPath)
const tell = (message) => daemon.write(`${JSON.stringify(message)}\n`)

tell({ tool, args, env: process.env })
process.stdin.on('data', (data) => tell({ in: data.toString('base64') }))
process.stdin.on('end', () => tell({ in: null }))

function forward({ from, to, once }) {
  const server = createServer((local) => {
    const remote = connect(to, '127.0.0.1')
    remote.on('error', () => (once ? process.exit(1) : local.destroy()))
    local.on('error', () => remote.destroy())
    local.pipe(remote).pipe(local)
  })
  server.listen(from, '127.0.0.1')
}

createInterface({ input: daemon }).on('line', (line) => {
  const message = JSON.parse(line)
  if (message.out !== undefined) process.stdout.write(Buffer.from(message.out, 'base64'))
  if (message.err !== undefined) process.stderr.write(Buffer.from(message.err, 'base64'))
  if (message.forward !== undefined) forward(message.forward)
  if (message.code !== undefined) process.exit(message.code)
})
daemon.on('error', () => process.exit(1))
daemon.on('close', () => process.exit(1))
