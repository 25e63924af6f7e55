import type { ErrorKind, RequestError } from '../../request-error.js'
import type { Manners } from '../dialect.js'

/** Status, which is repeated as the code, and type of each error. */
const WORDS: Readonly<Record<ErrorKind, readonly [number, string]>> = {
  invalid: [400, 'invalid_request_error'],
  'too-long': [400, 'exceed_context_size_error'],
  'no-model': [404, 'not_found_error'],
  'no-key': [401, 'authentication_error'],
  'rate-limited': [429, 'rate_limit_error'],
  'no-quota': [429, 'insufficient_quota'],
  overloaded: [503, 'unavailable_error'],
  unavailable: [503, 'unavailable_error'],
  failed: [500, 'server_error'],
}

export function errorBody({ kind, message, particulars: { lengths } }: RequestError): string {
  const [code, type] = WORDS[kind]
  const sizes = lengths && { n_prompt_tokens: lengths.prompt, n_ctx: lengths.context }
  return JSON.stringify({ error: { code, message, type, ...sizes } })
}

export const llamaCppManners: Manners = {
  refuse: (error) => ({ status: WORDS[error.kind][0], body: errorBody(error) }),
}
