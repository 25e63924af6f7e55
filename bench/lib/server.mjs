import { startEmitter } from '../../dist/emitter/index.js'
import { moveTo } from './machine.mjs'
import { processRanNs } from './proc.mjs'

/**
 * The known-time emitter on the server's core, without its log.
 * @param {object} shape of streams that ask for nothing else
 */
export async function startServer(shape = {}) {
  const emitter = await startEmitter({ logRoom: 0, shape })
  moveTo('server', emitter.pid)
  return {
    url: emitter.url,
    port: Number(new URL(emitter.url).port),
    model: emitter.model,
    /** Time on a core so far. */
    ranNs: () => processRanNs(emitter.pid) ?? Number.NaN,
    stop: () => emitter.stop(),
  }
}
