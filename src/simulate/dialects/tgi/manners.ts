import type { ErrorKind, RequestError } from '../../request-error.js'
import { asksForStream } from '../body.js'
import type { Manners } from '../dialect.js'

/** Status and type of each error. */
const WORDS: Readonly<Record<ErrorKind, readonly [number, string]>> = {
  invalid: [422, 'validation'],
  'too-long': [422, 'validation'],
  'no-model': [404, 'not_found'],
  'no-key': [401, 'unauthorized'],
  'rate-limited': [429, 'overloaded'],
  'no-quota': [429, 'overloaded'],
  overloaded: [429, 'overloaded'],
  unavailable: [503, 'healthcheck'],
  failed: [424, 'generation'],
}

/** What something before the router answers: these keep their status even where a stream was asked for. */
const BEFORE_THE_ROUTER: readonly ErrorKind[] = ['no-key', 'unavailable']

function bodyOf({ kind, message, particulars }: RequestError): string {
  const type = WORDS[kind][1]
  return JSON.stringify({ error: textOf(type, message, particulars.lengths), error_type: type })
}

function textOf(type: string, message: string, lengths: RequestError['particulars']['lengths']): string {
  if (type === 'overloaded') return 'Model is overloaded'
  if (type === 'generation') return `Request failed during generation: ${message}`
  if (lengths === undefined) return type === 'validation' ? `Input validation error: ${message}` : message
  const { prompt, context } = lengths
  return `Input validation error: \`inputs\` must have less than ${context} tokens. Given: ${prompt}`
}

export const failureEvent = (error: RequestError): string => `data:${bodyOf(error)}\n\n`

/** A stream is refused with status 200 and an event. @param streams undefined where the body says */
export const tgiManners = (streams: boolean | undefined): Manners => ({
  refuse: (error, body) => {
    const inStream = (streams ?? asksForStream(body)) && !BEFORE_THE_ROUTER.includes(error.kind)
    return inStream
      ? { status: 200, body: failureEvent(error), contentType: 'text/event-stream' }
      : { status: WORDS[error.kind][0], body: bodyOf(error) }
  },
})
