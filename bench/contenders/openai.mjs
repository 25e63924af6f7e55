import OpenAI from 'openai'
import { MESSAGES } from '../lib/ask.mjs'

/**
 * The vendor's package, as an application uses it: events arrive parsed.
 * @param {import('../lib/ask.mjs').Place} place @returns {import('../lib/ask.mjs').Contender}
 */
export function open({ url, model }) {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0, timeout: 600_000 })
  let events = 0
  return {
    async answer(_index, tokens, shape) {
      const request = { model, messages: MESSAGES, max_tokens: tokens, stream: true, emit: shape }
      for await (const _chunk of await client.chat.completions.create(request)) events++
    },
    units: () => events,
  }
}
