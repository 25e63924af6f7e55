import type { LimitStanding } from '../../rate-limits.js'
import type { ErrorKind, RequestError } from '../../request-error.js'
import type { Headers } from '../../shape.js'
import type { Manners } from '../dialect.js'

/** Status and type of each error. */
const WORDS: Readonly<Record<ErrorKind, readonly [number, string]>> = {
  invalid: [400, 'invalid_request_error'],
  'too-long': [400, 'invalid_request_error'],
  'no-model': [404, 'not_found_error'],
  'no-key': [401, 'authentication_error'],
  'rate-limited': [429, 'rate_limit_error'],
  'no-quota': [402, 'billing_error'],
  overloaded: [529, 'overloaded_error'],
  unavailable: [503, 'api_error'],
  failed: [500, 'api_error'],
}

export const errorObject = ({ kind, message, particulars: { lengths } }: RequestError) => ({
  type: WORDS[kind][1],
  message:
    lengths === undefined
      ? message
      : `prompt is too long: ${lengths.prompt} tokens > ${lengths.context} maximum`,
})

const standingOf = (what: string, standing: LimitStanding | undefined): Headers =>
  standing === undefined
    ? {}
    : {
        [`anthropic-ratelimit-${what}-limit`]: String(standing.perMin),
        [`anthropic-ratelimit-${what}-remaining`]: String(standing.remaining),
        [`anthropic-ratelimit-${what}-reset`]: momentOf(standing.resetMs),
      }

/** RFC 3339, in whole seconds and never early. */
const momentOf = (inMs: number): string =>
  new Date(Math.ceil((Date.now() + inMs) / 1000) * 1000).toISOString().replace('.000Z', 'Z')

export const anthropicManners: Manners = {
  refuse: (error, _body, id) => ({
    status: WORDS[error.kind][0],
    body: JSON.stringify({ type: 'error', error: errorObject(error), request_id: `req_${id}` }),
  }),
  headers: (id) => ({ 'request-id': `req_${id}` }),
  limitHeaders: ({ requests, tokens }) => ({
    ...standingOf('requests', requests),
    ...standingOf('tokens', tokens),
  }),
}
