import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, freePort, type ServerProcess, startServer } from './server-process.js'

/** Where `.ci/setup-ollama.sh` put the server and the model. */
const home = join(cacheFolder, 'ollama')

/** What `.ci/setup-ollama.sh` called the model. */
export const OLLAMA_MODEL = 'gemma'
export const OLLAMA_VERSION = '0.17.4'

/** Starts a real Ollama on loopback; resolves once it answers and has the model in memory. */
export async function startOllama(deadlineMs = 120_000): Promise<ServerProcess> {
  const port = await freePort()
  mkdirSync(join(home, 'home'), { recursive: true })
  const server = await startServer({
    name: 'ollama',
    port,
    words: [join(home, 'bin', 'ollama'), 'serve'],
    env: {
      PATH: process.env.PATH,
      // It keeps a key of its own under its home.
      HOME: join(home, 'home'),
      OLLAMA_HOST: `127.0.0.1:${port}`,
      OLLAMA_MODELS: join(home, 'models'),
      OLLAMA_NUM_PARALLEL: '4',
      OLLAMA_KEEP_ALIVE: '30m',
    },
    readyPath: '/api/version',
    deadlineMs,
  })
  try {
    await load(server.url, deadlineMs)
  } catch (thrown) {
    await server.stop()
    throw thrown
  }
  return server
}

/** Without a prompt, Ollama only brings the model into memory. */
async function load(url: string, deadlineMs: number): Promise<void> {
  const answer = await fetch(`${url}/api/generate`, {
    method: 'POST',
    body: JSON.stringify({ model: OLLAMA_MODEL, stream: false }),
    signal: AbortSignal.timeout(deadlineMs),
  })
  if (!answer.ok) throw new Error(`ollama cannot load ${OLLAMA_MODEL}: ${await answer.text()}`)
}
