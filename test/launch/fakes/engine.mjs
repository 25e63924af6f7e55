// Plays an engine: says the lines it is given, takes a child with it, and answers every path. `/about` tells what it was given.
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'

const args = process.argv.slice(2)
const wordBehind = (...names) => args[args.findIndex((arg) => names.includes(arg)) + 1]
const lines = JSON.parse(process.env.FAKE_LINES ?? '[]')
for (const line of lines) console.log(line)
if (process.env.FAKE_END !== undefined) process.exit(Number(process.env.FAKE_END))
if (process.env.FAKE_DEAF !== undefined) process.on('SIGTERM', () => console.log('I do not hear'))
else process.on('SIGTERM', () => process.exit(0))

const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
const about = JSON.stringify({ args, pids: [process.pid, child.pid], word: process.env.FAKE_WORD })
const host = wordBehind('--host', '--hostname')
createServer((_request, answer) => answer.end(about)).listen(Number(wordBehind('--port')), host)
