import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ResponseReader } from '../../src/transport/kernel/response-reader.js'
import { mutant } from './answers.js'
import { CHUNKED, feed, head, OK, octets, readingOf, recordingReader } from './reading.js'

/** Octets that mean something here, in an order that need not. */
const rubbish = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'HTTP/1.1 ',
        '200 OK',
        '103 x',
        '\r\n',
        '\r\n\r\n',
        '\r',
        '\n',
        ' ',
        '\t',
        ':',
        ';',
        '\0',
      ),
      fc.constantFrom(
        'Content-Length: ',
        'Transfer-Encoding: chunked',
        'Connection: close',
        '0',
        '5',
        'ffffffff',
        '-1',
      ),
      fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''))

const started = fc
  .tuple(
    fc.constantFrom('', 'HTTP/1.1 200 OK\r\n', head(OK, CHUNKED), head(OK, 'Content-Length: 9'), head(OK)),
    rubbish,
  )
  .map(([start, rest]) => octets(start + rest))

describe('whatever comes', () => {
  test('the reader tells one end at most, in order, and never throws', () => {
    const ends = new Set<string>()
    fc.assert(
      fc.property(fc.oneof(started, mutant), fc.array(fc.nat(), { maxLength: 8 }), (bytes, places) => {
        const cuts = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)
        const kinds = readingOf(bytes, cuts).map(([kind]) => kind)
        // Unasked octets after a whole answer are the one thing told after its end.
        expect(kinds.join(' ')).toMatch(
          /^(head (body )?(complete( violation)?|cut|violation)|cut|violation)$/,
        )
        ends.add(kinds.at(-1) ?? '')
      }),
      { numRuns: 2_000 },
    )
    expect([...ends].sort()).toEqual(['complete', 'cut', 'violation'])
  })

  test('a message is one short line of printable characters', () => {
    let seen = 0
    fc.assert(
      fc.property(started, (bytes) => {
        for (const event of readingOf(bytes)) {
          if (event[0] !== 'violation') continue
          seen++
          expect(event[1]).toMatch(/^[ -~]{1,200}$/)
        }
      }),
      { numRuns: 2_000 },
    )
    expect(seen).toBeGreaterThan(500)
  })

  test('a body is never longer than what came', () => {
    fc.assert(
      fc.property(mutant, (bytes) => {
        const told = readingOf(bytes).map((event) => (event[0] === 'body' ? event[1].length : 0))
        expect(told.reduce((sum, length) => sum + length, 0)).toBeLessThan(bytes.length)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('an endless', () => {
  const block = (text: string) => Buffer.from(text.repeat(Math.ceil(65_536 / text.length)), 'latin1')
  const coded = head(OK, CHUNKED)

  test.each<{ what: string; start: string; block: Buffer; message: string }>([
    {
      what: 'status line',
      start: 'HTTP/1.1 200 ',
      block: block('a'),
      message: 'Head: more than 65536 bytes',
    },
    {
      what: 'field name',
      start: 'HTTP/1.1 200 OK\r\n',
      block: block('a'),
      message: 'Head: more than 65536 bytes',
    },
    {
      what: 'field value',
      start: 'HTTP/1.1 200 OK\r\na:',
      block: block(' '),
      message: 'Head: more than 65536 bytes',
    },
    {
      what: 'row of fields',
      start: 'HTTP/1.1 200 OK\r\n',
      block: block('a: b\r\n'),
      message: 'Head: more than 256 fields',
    },
    {
      what: 'row of interim answers',
      start: '',
      block: block(head('HTTP/1.1 103 x')),
      message: 'Head: more than 8 interim answers',
    },
    {
      what: 'chunk size',
      start: coded,
      block: block('0'),
      message: 'Chunks: size line longer than 4096 bytes',
    },
    {
      what: 'chunk extension',
      start: `${coded}1;`,
      block: block('a'),
      message: 'Chunks: size line longer than 4096 bytes',
    },
    {
      what: 'row of trailers',
      start: `${coded}0\r\n`,
      block: block('a: b\r\n'),
      message: 'Trailers: more than 256 fields',
    },
    {
      what: 'trailer',
      start: `${coded}0\r\na: `,
      block: block('b'),
      message: 'Trailers: more than 65536 bytes',
    },
  ])('$what is a violation after a bounded number of octets', ({ start, block: more, message }) => {
    const { reader, log } = recordingReader()
    feed(reader, octets(start))
    for (let reads = 0; reads < 3; reads++) reader.read(more, 0, more.length)
    expect(log.at(-1)).toEqual(['violation', message])
    const { reader: dripped, log: drips } = recordingReader()
    feed(dripped, octets(start))
    for (let at = 0; at < 66_000; at++) dripped.read(more, at % more.length, (at % more.length) + 1)
    expect(drips).toEqual(log)
  })

  test.each(['1fffffffffffff', '80000000', '7fffffff'])(
    'chunk of %s octets is handed on as it comes',
    (size) => {
      let told = 0
      const reader = new ResponseReader({
        onHead() {},
        onBody: (_, from, to) => {
          told += to - from
        },
        onComplete: () => expect.unreachable(),
        onViolation: (message) => expect.unreachable(message),
      })
      feed(reader, octets(`${coded}${size}\r\n`))
      const more = block('\r\n0\r\n\r\n')
      for (let reads = 0; reads < 100; reads++) reader.read(more, 0, more.length)
      expect(told).toBe(100 * more.length)
      expect(reader.end()).toBe(false)
    },
  )

  test('value of blanks takes no longer than any other', () => {
    // 64 KiB of blanks in the middle of a value: a pattern that trims would try each of them anew, 2^31 steps in all.
    const bytes = octets(head(OK, `a: b${' '.repeat(65_000)}c`, 'Content-Length: 0'))
    for (let times = 0; times < 200; times++) expect(readingOf(bytes).at(-1)).toEqual(['complete', true])
  })
})
