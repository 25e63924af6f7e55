import fc from 'fast-check'
import type { ReaderEvent } from './reading.js'

/** A valid answer, and what a reader has to say about it, known from how it was made. */
export interface Answer {
  readonly octets: Buffer
  readonly told: readonly ReaderEvent[]
  /** Ends where the peer closes. */
  readonly untilClose: boolean
}

type Field = readonly [name: string, value: string, before: string, after: string]

interface Coded {
  readonly fields: readonly Field[]
  readonly octets: string
  readonly body: string
  readonly untilClose?: boolean
}

const VISIBLE = "!#$%&'*+-.^_`|~09azAZ"

const word = fc.string({ unit: fc.constantFrom(...VISIBLE), minLength: 1, maxLength: 6 })
const value = fc.oneof(
  fc.constantFrom(
    '',
    'text/event-stream; charset=utf-8',
    'Mon, 01 Jan 2029 00:00:00 GMT',
    'a\tb  c',
    'd\xe9j\xe0 "vu"',
  ),
  word,
)
const name = fc.oneof(
  fc.constantFrom('Content-Type', 'content-type', 'RETRY-AFTER', 'X-Request-Id', '__proto__', 'Constructor'),
  word.map((text) => `x-${text}`),
)
const field: fc.Arbitrary<Field> = fc.tuple(
  name,
  value,
  fc.constantFrom('', ' ', '  ', '\t'),
  fc.constantFrom('', ' '),
)

const line = ([key, content, before, after]: Field): string => `${key}:${before}${content}${after}\r\n`

/** Any octets, and some that look like the coding around them. */
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.constantFrom('data: {"a":1}\n\n', '\r\n0\r\n\r\n', 'HTTP/1.1 500 No\r\n\r\n', '5\r\n'),
)

const counted: fc.Arbitrary<Coded> = fc
  .tuple(payload, fc.constantFrom('Content-Length', 'content-length'))
  .map(([body, key]) => ({ fields: [[key, String(body.length), ' ', '']], octets: body, body }))

const extension = fc.constantFrom('', ';a', ';a=b', ';a="b c;d";e=f')

const chunkLine = (size: number, zeros: string, upper: boolean, ext: string): string => {
  const digits = size.toString(16)
  return `${zeros}${upper ? digits.toUpperCase() : digits}${ext}\r\n`
}

const chunk = fc
  .tuple(payload, fc.constantFrom('', '00'), fc.boolean(), extension)
  .filter(([data]) => data !== '')
  .map(([data, zeros, upper, ext]) => ({
    data,
    octets: `${chunkLine(data.length, zeros, upper, ext)}${data}\r\n`,
  }))

const chunked: fc.Arbitrary<Coded> = fc
  .tuple(
    fc.array(chunk, { maxLength: 5 }),
    extension,
    fc.array(field, { maxLength: 2 }),
    fc.constantFrom('chunked', 'Chunked'),
  )
  .map(([chunks, lastExtension, trailers, coding]) => ({
    fields: [['Transfer-Encoding', coding, ' ', '']],
    octets: `${chunks.map((c) => c.octets).join('')}0${lastExtension}\r\n${trailers.map(line).join('')}\r\n`,
    body: chunks.map((c) => c.data).join(''),
  }))

const closed: fc.Arbitrary<Coded> = payload.map((body) => ({
  fields: [],
  octets: body,
  body,
  untilClose: true,
}))

const bodiless: fc.Arbitrary<Coded> = fc.constant({ fields: [], octets: '', body: '' })

const interim = fc
  .tuple(fc.constantFrom(102, 103, 199), fc.array(field, { maxLength: 2 }))
  .map(([status, fields]) => `HTTP/1.1 ${status} Wait\r\n${fields.map(line).join('')}\r\n`)

const start = fc.record({
  before: fc.array(interim, { maxLength: 2 }),
  reason: fc.constantFrom('', ' ', ' OK', ' Nur \xe4 so'),
  fields: fc.array(field, { maxLength: 5 }),
  connection: fc.constantFrom(undefined, 'close', 'keep-alive', 'Foo, CLOSE', 'Keep-Alive , x'),
})

const withBody = fc.oneof(
  fc.tuple(fc.constantFrom(200, 404, 429, 503, 999), fc.oneof(counted, chunked, closed), fc.constant('1')),
  fc.tuple(fc.constantFrom(200, 500), fc.oneof(counted, closed), fc.constant('0')),
  fc.tuple(fc.constantFrom(204, 304), bodiless, fc.constantFrom('1', '0')),
)

export const answer: fc.Arbitrary<Answer> = fc
  .tuple(start, withBody)
  .map(([first, [status, coded, minor]]) => {
    const fields: Field[] = [...first.fields, ...coded.fields]
    if (first.connection !== undefined) fields.splice(1, 0, ['Connection', first.connection, ' ', ''])
    const head = `HTTP/1.${minor} ${status}${first.reason}\r\n${fields.map(line).join('')}\r\n`
    const untilClose = coded.untilClose === true
    const keepAlive = !untilClose && persists(minor, first.connection ?? '')
    const told: ReaderEvent[] = [['head', status, headersOf(fields)]]
    if (coded.body !== '') told.push(['body', coded.body])
    told.push(['complete', keepAlive])
    return { octets: Buffer.from(first.before.join('') + head + coded.octets, 'latin1'), told, untilClose }
  })

const persists = (minor: string, connection: string): boolean =>
  minor === '1' ? !/close/i.test(connection) : /keep-alive/i.test(connection)

function headersOf(fields: readonly Field[]): Record<string, string> {
  const values = new Map<string, string[]>()
  for (const [key, content] of fields) {
    const lower = key.toLowerCase()
    values.set(lower, [...(values.get(lower) ?? []), content])
  }
  return Object.fromEntries([...values].map(([key, contents]) => [key, contents.join(', ')]))
}

/** An answer with some octets changed, dropped, repeated or put in, mostly such as mean something to a reader. */
export const mutant: fc.Arbitrary<Buffer> = fc
  .tuple(
    answer,
    fc.array(
      fc.record({
        at: fc.nat(),
        drop: fc.nat({ max: 3 }),
        put: fc.oneof(
          fc.constantFrom(
            '',
            '\r',
            '\n',
            '\r\n',
            ' ',
            '\t',
            ':',
            ';',
            ',',
            '\0',
            '\x7f',
            '0',
            '1',
            'f',
            '-',
            'x',
            '\xff',
          ),
          fc.constantFrom('Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n', '\r\n\r\n', '0\r\n\r\n'),
        ),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([{ octets }, changes]) => {
    let text = octets.toString('latin1')
    for (const { at, drop, put } of changes) {
      const place = at % (text.length + 1)
      text = text.slice(0, place) + put + text.slice(place + drop)
    }
    return Buffer.from(text, 'latin1')
  })
