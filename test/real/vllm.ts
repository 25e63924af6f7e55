import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder, freePort, type ServerProcess, startServer } from './server-process.js'

/** Where `.ci/setup-vllm.sh` put vLLM and the clients. */
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

export interface VllmServer extends ServerProcess {
  /** What clients call the model. */
  readonly model: ModelName
}

/** Starts a real vLLM on loopback, and resolves once it answers /health. */
export async function startVllm({ model, args, deadlineMs = 300_000 }: VllmChoice): Promise<VllmServer> {
  const folder = modelFolder(model)
  const port = await freePort()
  const server = await startServer({
    name: `vllm-${model}`,
    port,
    words: [join(vllmBin, 'vllm'), ...serveFlags(folder, model, port), ...args],
    env: offlineEnvironment(vllmBin),
    readyPath: '/health',
    deadlineMs,
    python: join(vllmBin, 'python'),
  })
  return { ...server, model }
}

const serveFlags = (folder: string, model: ModelName, port: number) => [
  ...['serve', folder, '--served-model-name', model, '--host', '127.0.0.1', '--port', String(port)],
  ...['--load-format', 'dummy', '--dtype', 'float32', '--enforce-eager'],
  ...['--max-model-len', '2048'],
]
