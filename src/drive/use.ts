import type { Blueprint } from '../workload/index.js'
import { NO_USE, type Use } from './budget.js'
import type { Ending, Exchange } from './exchange.js'

/** Bytes of a body to a token, at the least: English has about four, and the body holds more than the prompt. */
const BYTES_PER_TOKEN = 3

/** What a request may take, before anything is known of the answer. The history of a conversation is in the body alone. */
export function mostUseOf({ inputTokens, outputTokens, conversation }: Blueprint, body: string): Use {
  const isKnown = inputTokens > 0 && conversation === undefined
  return {
    inputTokens: isKnown ? inputTokens : Math.ceil(Buffer.byteLength(body) / BYTES_PER_TOKEN),
    outputTokens,
  }
}

/**
 * What an attempt took: what the server says; nothing where it refused or was never reached; and all that it may have taken
 * where nobody says, as with an answer that was cut off.
 */
export function useOf({ usage, httpStatus, sentNs }: Exchange, { state }: Ending, most: Use): Use {
  if (usage !== undefined) return { ...most, ...usage }
  const refused = httpStatus !== undefined && httpStatus >= 300
  return sentNs === undefined || (state === 'failed' && refused) ? NO_USE : most
}
