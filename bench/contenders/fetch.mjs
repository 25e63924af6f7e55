import { bodyOf, HEADERS, PATH } from '../lib/ask.mjs'

/**
 * Node's own fetch, its body read to the end and counted.
 * @param {import('../lib/ask.mjs').Place} place @returns {import('../lib/ask.mjs').Contender}
 */
export function open({ url, model }) {
  let bytes = 0
  return {
    async answer(_index, tokens, shape) {
      const response = await fetch(`${url}${PATH}`, {
        method: 'POST',
        headers: HEADERS,
        body: bodyOf(model, tokens, shape),
      })
      const reader = response.body.getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        bytes += value.length
      }
    },
    units: () => bytes,
  }
}
