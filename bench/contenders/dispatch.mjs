import { Pool } from 'undici'
import { bodyOf, HEADERS, PATH } from '../lib/ask.mjs'

/**
 * undici's lowest door, with a handler that counts bytes.
 * @param {import('../lib/ask.mjs').Place} place @returns {import('../lib/ask.mjs').Contender}
 */
export function open({ url, model }) {
  const pool = new Pool(url, { connections: 20_000, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
  let bytes = 0
  return {
    answer: (_index, tokens, shape) =>
      new Promise((resolve, reject) => {
        const handler = {
          onRequestStart() {},
          onResponseStart() {},
          onResponseData(_controller, chunk) {
            bytes += chunk.length
          },
          onResponseEnd: () => resolve(),
          onResponseError: (_controller, error) => reject(error),
        }
        pool.dispatch(
          { method: 'POST', path: PATH, headers: HEADERS, body: bodyOf(model, tokens, shape) },
          handler,
        )
      }),
    units: () => bytes,
  }
}
