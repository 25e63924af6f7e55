import type { ErrorKind, RequestError } from '../../request-error.js'
import { dataEvent, EVENT_STREAM } from '../../shape.js'
import { asksForStream } from '../body.js'
import type { Manners } from '../dialect.js'

const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  'too-long': 400,
  'no-model': 404,
  'no-key': 401,
  'rate-limited': 429,
  'no-quota': 429,
  overloaded: 503,
  unavailable: 503,
  failed: 500,
}

export const DONE = dataEvent('[DONE]')

const bodyOf = ({ message }: RequestError): string => JSON.stringify({ error: { message } })

/** The error in a stream, and the stream's end. */
export const errorEvents = (error: RequestError): string => dataEvent(bodyOf(error)) + DONE

/** A request that the queue has no place for: an answer that was broken off before it began. */
export const abortEvent = ({ message, kind }: RequestError): string =>
  dataEvent(
    JSON.stringify({
      text: '',
      meta_info: { finish_reason: { type: 'abort', message, status_code: STATUS[kind] } },
    }),
  )

/** What a stream is refused for with status 200; everything else keeps its own. */
const IN_STREAM: readonly ErrorKind[] = ['invalid', 'too-long', 'overloaded']

export const sglangManners: Manners = {
  refuse: (error, body) => {
    const { kind } = error
    if (asksForStream(body) && IN_STREAM.includes(kind)) {
      const events = kind === 'overloaded' ? abortEvent(error) + DONE : errorEvents(error)
      return { status: 200, body: events, contentType: EVENT_STREAM }
    }
    const detail = JSON.stringify({ detail: 'The request queue is full.' })
    return { status: STATUS[kind], body: kind === 'overloaded' ? detail : bodyOf(error) }
  },
}
