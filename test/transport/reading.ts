import { ResponseReader } from '../../src/transport/kernel/response-reader.js'

export type ReaderEvent =
  | ['head', number, Record<string, string>]
  | ['body', string]
  | ['complete', boolean]
  | ['violation', string]
  | ['cut']

/** A reader, and all that it told: bodies as latin1, neighbouring pieces joined. */
export function recordingReader() {
  const log: ReaderEvent[] = []
  const reader = new ResponseReader({
    onHead: (status, headers) => log.push(['head', status, { ...headers }]),
    onBody(bytes, from, to) {
      if (from >= to) throw new Error('an empty piece of body')
      const piece = bytes.toString('latin1', from, to)
      const last = log.at(-1)
      if (last?.[0] === 'body') last[1] += piece
      else log.push(['body', piece])
    },
    onComplete: (keepAlive) => log.push(['complete', keepAlive]),
    onViolation: (message) => log.push(['violation', message]),
  })
  return { reader, log }
}

/**
 * Hands over `bytes` in pieces that end at `cuts`, each in the middle of a buffer that holds other octets before, after
 * and afterwards, as one receive buffer for many sockets does.
 */
export function feed(reader: ResponseReader, bytes: Buffer, cuts: readonly number[] = []): void {
  let from = 0
  for (const to of [...cuts, bytes.length]) {
    const shared = Buffer.alloc(to - from + 16, '5\r\n\r\n')
    bytes.copy(shared, 7, from, to)
    reader.read(shared, 7, 7 + to - from)
    shared.fill('\r\nx')
    from = to
  }
}

/** All that is told about `bytes` and the close that follows them. */
export function readingOf(bytes: Buffer | string, cuts: readonly number[] = []): ReaderEvent[] {
  const { reader, log } = recordingReader()
  feed(reader, octets(bytes), cuts)
  const over = log.at(-1)?.[0] === 'complete' || log.at(-1)?.[0] === 'violation'
  if (!reader.end() && !over) log.push(['cut'])
  return log
}

/**
 * The same, as far as it may depend on nothing but the octets: where unasked octets came in the read that ended the
 * answer, the connection is not kept; where they came later, that is told.
 */
export function settled(log: readonly ReaderEvent[]): ReaderEvent[] {
  const [end, after] = [log.findIndex(([kind]) => kind === 'complete'), log.at(-1)]
  return end === -1 || after?.[0] !== 'violation' ? [...log] : [...log.slice(0, end), ['complete', false]]
}

export const octets = (bytes: Buffer | string): Buffer =>
  typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes

/** A head as it goes over the wire. */
export const head = (status: string, ...fields: string[]): string =>
  `${[status, ...fields].join('\r\n')}\r\n\r\n`

export const OK = 'HTTP/1.1 200 OK'
export const CHUNKED = 'Transfer-Encoding: chunked'
