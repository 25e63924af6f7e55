import { runClock } from '../../dist/base/index.js'
import { createTransport } from '../../dist/transport/index.js'
import { bodyOf, HEADERS, PATH } from './ask.mjs'

const CONNECTIONS = 20_000

/**
 * A transport whose bytes are stamped and counted, and nothing more: what is left of the path without the protocol, the
 * record and the histograms.
 * @param {'kernel' | 'undici'} transport @param {import('./ask.mjs').Place} place
 * @returns {Promise<import('./ask.mjs').Contender>}
 */
export async function byteCounter(transport, { url, model }) {
  const carrier = await createTransport(transport, runClock(0))
  const channel = carrier.open(url, CONNECTIONS)
  let bytes = 0
  return {
    answer: (_index, tokens, shape) =>
      new Promise((resolve, reject) => {
        const sink = {
          onSent() {},
          onHeaders() {},
          onData(_atNs, _bytes, from, to) {
            bytes += to - from
          },
          onEnd: () => resolve(),
          onBroken: (_atNs, failure) => reject(new Error(failure.message)),
        }
        channel.send({ path: PATH, headers: HEADERS, body: bodyOf(model, tokens, shape) }, sink)
      }),
    units: () => bytes,
  }
}
