import { isBlank, show, trimBlanks } from './octets.js'

export interface ResponseHead {
  readonly status: number
  readonly headers: Record<string, string>
  /** An HTTP/1.0 server closes after each answer unless it says otherwise. */
  readonly http10: boolean
}

/** Where a body ends: after so many bytes, where its chunks say, or where the peer closes. */
export type BodyEnd = number | 'chunked' | 'close'

/** Every status line begins so; what begins otherwise is another protocol. */
export const PROTOCOL = 'HTTP/1.'

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: |$)/
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const DIGITS = /^[0-9]+$/
const MAX_INTERIM_ANSWERS = 8

/** `undefined` when the line is none. A missing reason, with or without the space before it, is common and harmless. */
export function parseStatusLine(line: string): ResponseHead | undefined {
  const match = STATUS_LINE.exec(line)
  if (match === null) return undefined
  // No prototype: `constructor` and `__proto__` are field names like any other.
  return { status: Number(match[2]), http10: match[1] === '0', headers: Object.create(null) }
}

/** What is wrong with a field line of a head or a trailer, or `undefined`. Control characters are ruled out before. */
export function fieldFault(line: string): string | undefined {
  if (isBlank(line, 0)) return `field continued on the next line, ${show(line)}`
  const colon = line.indexOf(':')
  if (colon === -1) return `field without a colon, ${show(line)}`
  return TOKEN.test(line.slice(0, colon)) ? undefined : `field name ${show(line.slice(0, colon))} is no token`
}

/** Adds a line that is without fault. */
export function addField(headers: Record<string, string>, line: string): void {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon).toLowerCase()
  const value = trimBlanks(line, colon + 1)
  const earlier = headers[name]
  headers[name] = earlier === undefined ? value : `${earlier}, ${value}`
}

/** Why this 1xx, the `count`th before one answer, may not be skipped, or `undefined`. */
export function interimFault(head: ResponseHead, count: number): string | undefined {
  if (head.status === 101) return 'status 101 switches to a protocol nobody asked for'
  if (!keepsAlive(head)) return `interim answer of status ${head.status} that ends the connection`
  return count > MAX_INTERIM_ANSWERS ? `more than ${MAX_INTERIM_ANSWERS} interim answers` : undefined
}

/**
 * Why the end of the body is in doubt, or `undefined`. Two readers that find different ends are how answers are smuggled
 * into one another, so nothing is guessed (RFC 9112, sections 6.1 and 6.3). A repeated content-length shows up here too:
 * joined by a comma it is no number.
 */
export function framingFault({ headers, http10 }: ResponseHead): string | undefined {
  const coding = headers['transfer-encoding']
  const length = headers['content-length']
  if (coding !== undefined) {
    if (length !== undefined)
      return `both transfer-encoding ${show(coding)} and content-length ${show(length)}`
    if (http10) return `transfer-encoding ${show(coding)} in HTTP/1.0`
    return coding.toLowerCase() === 'chunked' ? undefined : `transfer-encoding ${show(coding)}, not "chunked"`
  }
  if (length === undefined || isLength(length)) return undefined
  return `content-length ${show(length)}, not one number below 2^53`
}

const isLength = (text: string): boolean => DIGITS.test(text) && Number(text) <= Number.MAX_SAFE_INTEGER

/** Of a head without framing fault, in answer to a request that is neither HEAD nor CONNECT. */
export function bodyEnd({ status, headers }: ResponseHead): BodyEnd {
  if (status === 204 || status === 304) return 0
  if (headers['transfer-encoding'] !== undefined) return 'chunked'
  const length = headers['content-length']
  return length === undefined ? 'close' : Number(length)
}

/** May the connection carry another request, as far as the head says? */
export function keepsAlive({ headers, http10 }: ResponseHead): boolean {
  const options = (headers.connection ?? '')
    .toLowerCase()
    .split(',')
    .map((option) => trimBlanks(option))
  return !options.includes('close') && (!http10 || options.includes('keep-alive'))
}
