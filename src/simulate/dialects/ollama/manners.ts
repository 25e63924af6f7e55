import type { ErrorKind, RequestError } from '../../request-error.js'
import type { Manners } from '../dialect.js'

const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  'too-long': 400,
  'no-model': 404,
  'no-key': 401,
  'rate-limited': 429,
  'no-quota': 402,
  overloaded: 503,
  unavailable: 503,
  failed: 500,
}

const BUSY = 'server busy, please try again.  maximum pending requests exceeded'

const bodyOf = ({ kind, message }: RequestError): string =>
  JSON.stringify({ error: kind === 'overloaded' ? BUSY : message })

export const errorLine = (error: RequestError): string => `${bodyOf(error)}\n`

export const ollamaManners: Manners = {
  refuse: (error) => ({ status: STATUS[error.kind], body: bodyOf(error) }),
}
