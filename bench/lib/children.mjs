import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onCore } from './machine.mjs'

export const benchFolder = fileURLToPath(new URL('..', import.meta.url))
export const commandPath = join(benchFolder, '..', 'dist', 'cli', 'main.js')

/** Whatever has not ended after this is not going to. */
const LONGEST_MS = 900_000

/**
 * Runs a command to its end, on the client's core unless told otherwise.
 * @param {readonly string[]} words
 * @param {{ core?: 'client' | 'server' | 'any', onStart?: (pid: number) => void, accept?: readonly number[] }} options accept: exit codes that are no failure
 * @returns {Promise<string>} its output
 */
export async function runToEnd(words, { core = 'client', onStart, accept = [0] } = {}) {
  const [name, ...args] = onCore(core, words)
  const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST_MS })
  onStart?.(child.pid ?? 0)
  let output = ''
  let complaint = ''
  child.stdout.on('data', (text) => {
    output += text
  })
  child.stderr.on('data', (text) => {
    complaint = (complaint + text).slice(-4000)
  })
  const [code, signal] = await once(child, 'close')
  if (!accept.includes(code))
    throw new Error(`${words.join(' ')}\nended with ${code ?? signal}:\n${complaint}`)
  return output
}

/**
 * Runs one of `bench/children` in a process of its own on the client's core.
 * @param {string} name @param {object} job what it is told @param {readonly string[]} flags for Node
 * @returns {Promise<any>} what it prints last, a line of JSON
 */
export async function runChild(name, job, flags = []) {
  const entry = join(benchFolder, 'children', `${name}.mjs`)
  const output = await runToEnd([process.execPath, ...flags, entry, JSON.stringify(job)])
  return JSON.parse(output.trim().split('\n').at(-1) ?? '')
}

/** A process that does nothing but compute, on the client's core, until `stop`. */
export function startNeighbour() {
  const [name, ...args] = onCore('client', [process.execPath, '-e', 'for (;;) {}'])
  const child = spawn(name, args, { stdio: 'ignore' })
  const stop = () => void child.kill('SIGKILL')
  process.once('exit', stop)
  return { stop }
}
