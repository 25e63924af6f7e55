import { execFileSync, spawn } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** Where `.ci/setup-vllm.sh` put what the real-engine lane runs. */
const cacheFolder = process.env.FALLOFF_CACHE ?? join(homedir(), '.cache', 'falloff')
export const vllmBin = join(cacheFolder, 'vllm', '.venv', 'bin')
export const clientsBin = join(cacheFolder, 'clients', '.venv', 'bin')

const here = dirname(fileURLToPath(import.meta.url))

/** Nothing here may reach a network or report its use. */
const ENVIRONMENT = {
  VLLM_CPU_KVCACHE_SPACE: '1',
  HF_HUB_OFFLINE: '1',
  TRANSFORMERS_OFFLINE: '1',
  HF_DATASETS_OFFLINE: '1',
  VLLM_NO_USAGE_STATS: '1',
  DO_NOT_TRACK: '1',
}

export const offlineEnvironment = (bin: string): NodeJS.ProcessEnv => ({
  ...process.env,
  ...ENVIRONMENT,
  PATH: `${bin}:${process.env.PATH ?? ''}`,
})

/**
 * The models that the lane serves. Beside few weights, which a batch shares, the heavy one has wide attention, which each
 * stream pays for itself: few streams use the processor up, whichever it is.
 */
const SHAPES = {
  light: ['--hidden', '128', '--layers', '2', '--heads', '4'],
  heavy: ['--hidden', '128', '--layers', '2', '--heads', '32', '--head-dim', '64'],
} as const
export type ModelName = keyof typeof SHAPES

/** The folder of a model without weights, made on first use. */
export function modelFolder(name: ModelName): string {
  const folder = join(cacheFolder, 'models', name)
  if (!existsSync(join(folder, 'config.json'))) {
    execFileSync(join(vllmBin, 'python'), [join(here, 'tiny-model.py'), folder, ...SHAPES[name]])
  }
  return folder
}

export interface VllmChoice {
  readonly model: ModelName
  /** Flags of `vllm serve` beside those every test uses. */
  readonly args: readonly string[]
  /** Starting takes about 85 s on two cores, most of it imports. */
  readonly deadlineMs?: number
}

export interface VllmServer {
  readonly url: string
  /** What clients call the model. */
  readonly model: ModelName
  /** Path of the server's own output. */
  readonly log: string
  /** Ends the server with its engine process, and resolves once both are gone. */
  stop(): Promise<void>
}

/**
 * A process group of its own, so that it can be ended whole, but not a session of its own, which `detached` would make:
 * Linux shares the processor out by session (sched_autogroup), and an engine that computes without a pause then keeps
 * the load generator waiting for half a second at a time.
 */
const IN_OWN_GROUP = 'import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])'

/** Starts a real vLLM on loopback in a process group of its own, and resolves once it answers /health. */
export async function startVllm({ model, args, deadlineMs = 300_000 }: VllmChoice): Promise<VllmServer> {
  const folder = modelFolder(model)
  const port = await freePort()
  const log = join(cacheFolder, 'logs', `vllm-${model}-${port}.log`)
  mkdirSync(dirname(log), { recursive: true })
  const words = [join(vllmBin, 'vllm'), ...serveFlags(folder, model, port), ...args]
  const child = spawn(join(vllmBin, 'python'), ['-c', IN_OWN_GROUP, ...words], {
    env: offlineEnvironment(vllmBin),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = createWriteStream(log)
  child.stdout.pipe(output, { end: false })
  child.stderr.pipe(output, { end: false })
  const group = child.pid
  if (group === undefined) throw new Error(`vllm could not be started from ${vllmBin}`)
  const orphanGuard = () => signalGroup(group, 'SIGKILL')
  process.once('exit', orphanGuard)
  const stop = async () => {
    await endGroup(group)
    process.removeListener('exit', orphanGuard)
    output.end()
  }
  const url = `http://127.0.0.1:${port}`
  try {
    await healthy(url, deadlineMs, () => child.exitCode ?? child.signalCode)
  } catch (cause) {
    await stop()
    throw new Error(`vllm did not come up; the end of its log:\n${lastLines(log, 20)}`, { cause })
  }
  return { url, model, log, stop }
}

const serveFlags = (folder: string, model: ModelName, port: number) => [
  ...['serve', folder, '--served-model-name', model, '--host', '127.0.0.1', '--port', String(port)],
  ...['--load-format', 'dummy', '--dtype', 'float32', '--enforce-eager'],
  ...['--max-model-len', '2048'],
]

async function healthy(url: string, deadlineMs: number, ended: () => unknown): Promise<void> {
  const giveUpAtMs = performance.now() + deadlineMs
  for (;;) {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
    if (answer?.ok) return
    if (ended() !== null) throw new Error(`ended with ${ended()} before it was ready`)
    if (performance.now() > giveUpAtMs) throw new Error(`not ready after ${deadlineMs} ms`)
    await sleep(250)
  }
}

/** The group outlives its leader when the engine process does, so it is the group that is asked whether it is gone. */
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
function freePort(): Promise<number> {
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
