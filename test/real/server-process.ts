import { spawn } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where the set-up scripts put what the real-engine lane runs. */
export const cacheFolder = process.env.FALLOFF_CACHE ?? join(homedir(), '.cache', 'falloff')

export interface ServerChoice {
  /** Names the log file. */
  readonly name: string
  readonly port: number
  /** Program and arguments. */
  readonly words: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Answers with 2xx once the server is ready. */
  readonly readyPath: string
  readonly deadlineMs: number
  /** A Python that makes the process group; the system's when left out. */
  readonly python?: string
}

export interface ServerProcess {
  readonly url: string
  /** Path of the server's own output. */
  readonly log: string
  /** Ends the server with all its processes, and resolves once they are gone. */
  stop(): Promise<void>
}

/**
 * A process group of its own, so that it can be ended whole, but not a session of its own, which `detached` would make:
 * Linux shares the processor out by session (sched_autogroup), and an engine that computes without a pause then keeps
 * the load generator waiting for half a second at a time.
 */
const IN_OWN_GROUP = 'import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])'

/** Starts a server on loopback in a process group of its own, and resolves once it is ready. */
export async function startServer(choice: ServerChoice): Promise<ServerProcess> {
  const { name, port, words, env, python = 'python3' } = choice
  const log = join(cacheFolder, 'logs', `${name}-${port}.log`)
  mkdirSync(dirname(log), { recursive: true })
  const child = spawn(python, ['-c', IN_OWN_GROUP, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = createWriteStream(log)
  child.stdout.pipe(output, { end: false })
  child.stderr.pipe(output, { end: false })
  const group = child.pid
  if (group === undefined) throw new Error(`${words[0]} could not be started`)
  const orphanGuard = () => signalGroup(group, 'SIGKILL')
  process.once('exit', orphanGuard)
  const stop = async () => {
    await endGroup(group)
    process.removeListener('exit', orphanGuard)
    output.end()
  }
  const url = `http://127.0.0.1:${port}`
  try {
    await ready(`${url}${choice.readyPath}`, choice.deadlineMs, () => child.exitCode ?? child.signalCode)
  } catch (cause) {
    await stop()
    throw new Error(`${name} did not come up; the end of its log:\n${lastLines(log, 20)}`, { cause })
  }
  return { url, log, stop }
}

async function ready(url: string, deadlineMs: number, ended: () => unknown): Promise<void> {
  const giveUpAtMs = performance.now() + deadlineMs
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
    if (answer?.ok) return
    if (ended() !== null) throw new Error(`ended with ${ended()} before it was ready`)
    if (performance.now() > giveUpAtMs) throw new Error(`not ready after ${deadlineMs} ms`)
    await sleep(250)
  }
}

/** The group outlives its leader when a child does, so it is the group that is asked whether it is gone. */
async function endGroup(group: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    signalGroup(group, signal)
    for (let waitedMs = 0; waitedMs < 15_000; waitedMs += 100) {
      if (!signalGroup(group, 0)) return
      await sleep(100)
    }
  }
  throw new Error(`processes of group ${group} survived SIGKILL`)
}

/** False when no process of the group is left. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal)
    return true
  } catch {
    return false
  }
}

/** A port nobody listens on. Another process may take it before the server does; the server then fails loudly. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}

function lastLines(path: string, count: number): string {
  return existsSync(path)
    ? readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count).join('\n')
    : '(none)'
}
