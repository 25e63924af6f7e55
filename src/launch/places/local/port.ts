import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { EngineStartError } from '../../failure.js'

const LOOPBACK = '127.0.0.1'

/** Below those that systems give to outgoing connections: one of our own streams would else take it before the engine does. */
const [LEAST, MOST] = [10_000, 32_000]
const TRIES = 100

/**
 * A port on loopback that nobody listens on. Another process may take it before the engine does; the engine says so then.
 *
 * @param wanted 0: any
 * @throws EngineStartError when the one wanted cannot be had
 */
export async function freePort(wanted: number): Promise<number> {
  if (wanted !== 0) return tryPort(wanted)
  for (let tries = 0; tries < TRIES; tries++) {
    const port = await tryPort(randomInt(LEAST, MOST)).catch(() => undefined)
    if (port !== undefined) return port
  }
  return tryPort(0)
}

function tryPort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => reject(portTaken(wanted, error)))
    probe.listen(wanted, LOOPBACK, () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}

const portTaken = (port: number, error: NodeJS.ErrnoException): EngineStartError =>
  new EngineStartError({
    reason: 'port-in-use',
    message: `port ${port} cannot be had: ${error.code === 'EADDRINUSE' ? 'another process listens on it' : error.message}`,
    hint: 'Name another as engine.port, or leave it out: falloff then picks one that is free.',
  })
