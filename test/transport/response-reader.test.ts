import { describe, expect, test } from 'vitest'
import { ResponseReader } from '../../src/transport/kernel/response-reader.js'
import { CHUNKED, feed, head, OK, octets, type ReaderEvent, readingOf, recordingReader } from './reading.js'

const LENGTH_2 = 'Content-Length: 2'

describe('the end of an answer', () => {
  test.each<{ what: string; bytes: string; body: string; keepAlive: boolean }>([
    { what: 'counted', bytes: `${head(OK, LENGTH_2)}hi`, body: 'hi', keepAlive: true },
    { what: 'counted as nothing', bytes: head(OK, 'Content-Length: 0'), body: '', keepAlive: true },
    {
      what: 'chunked',
      bytes: `${head(OK, CHUNKED)}2\r\nhi\r\n1;x=y\r\n!\r\n0\r\n\r\n`,
      body: 'hi!',
      keepAlive: true,
    },
    {
      what: 'chunked, with trailers',
      bytes: `${head(OK, CHUNKED)}2\r\nhi\r\n0\r\nA: b\r\n\r\n`,
      body: 'hi',
      keepAlive: true,
    },
    { what: 'chunked, of no chunk', bytes: `${head(OK, CHUNKED)}0\r\n\r\n`, body: '', keepAlive: true },
    { what: 'the close', bytes: `${head(OK)}hi`, body: 'hi', keepAlive: false },
    { what: 'the close at once', bytes: head(OK), body: '', keepAlive: false },
    { what: 'status 204', bytes: head('HTTP/1.1 204 No Content'), body: '', keepAlive: true },
    // The length of what a 200 would have carried.
    { what: 'status 304', bytes: head('HTTP/1.1 304 Not Modified', LENGTH_2), body: '', keepAlive: true },
    {
      what: 'connection: close',
      bytes: `${head(OK, LENGTH_2, 'Connection: x, Close')}hi`,
      body: 'hi',
      keepAlive: false,
    },
    // A word that only holds it.
    {
      what: 'connection: closed',
      bytes: `${head(OK, LENGTH_2, 'Connection: closed')}hi`,
      body: 'hi',
      keepAlive: true,
    },
    { what: 'HTTP/1.0', bytes: `${head('HTTP/1.0 200 OK', LENGTH_2)}hi`, body: 'hi', keepAlive: false },
    {
      what: 'HTTP/1.0 that keeps alive',
      bytes: `${head('HTTP/1.0 200 OK', LENGTH_2, 'Connection: Keep-Alive')}hi`,
      body: 'hi',
      keepAlive: true,
    },
  ])('is found: $what', ({ bytes, body, keepAlive }) => {
    const log = readingOf(bytes)
    expect(log.filter(([kind]) => kind === 'body')).toEqual(body === '' ? [] : [['body', body]])
    expect(log.at(-1)).toEqual(['complete', keepAlive])
  })

  test.each([
    { what: 'before the first octet', bytes: '' },
    { what: 'inside the status line', bytes: 'HTTP/1.1 20' },
    { what: 'inside the head', bytes: 'HTTP/1.1 200 OK\r\nA: b\r\n' },
    { what: 'after an interim answer', bytes: head('HTTP/1.1 103 Early Hints') },
    { what: 'inside a counted body', bytes: `${head(OK, LENGTH_2)}h` },
    { what: 'inside a chunk', bytes: `${head(OK, CHUNKED)}2\r\nh` },
    { what: 'between chunks', bytes: `${head(OK, CHUNKED)}2\r\nhi\r\n` },
    { what: 'before the end of the trailers', bytes: `${head(OK, CHUNKED)}0\r\n` },
  ])('is missing when the peer closes $what', ({ bytes }) => {
    expect(readingOf(bytes).at(-1)).toEqual(['cut'])
  })
})

describe('a head', () => {
  test('is told with names in lower case, blanks trimmed and repeated fields joined', () => {
    const fields = ['Retry-After:  7 \t', 'x-A:b', 'X-a:\tc d', 'empty:', 'Caf: \xe9\xa0']
    expect(readingOf(`${head('HTTP/1.1 429 Slow down', LENGTH_2, ...fields)}hi`)[0]).toEqual([
      'head',
      429,
      { 'content-length': '2', 'retry-after': '7', 'x-a': 'b, c d', empty: '', caf: '\xe9\xa0' },
    ])
  })

  test('has fields of any name, also those that objects have', () => {
    const told: Record<string, string>[] = []
    const reader = new ResponseReader({
      onHead: (_, headers) => told.push(headers),
      onBody() {},
      onComplete() {},
      onViolation() {},
    })
    feed(reader, octets(head(OK, '__proto__: a', 'constructor: b', 'Constructor: c', 'Content-Length: 0')))
    expect(Object.entries(told[0] ?? {})).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b, c'],
      ['content-length', '0'],
    ])
  })

  test.each([
    ['without a reason', 'HTTP/1.1 503'],
    ['with an empty reason', 'HTTP/1.1 503 '],
    ['with a reason beyond ASCII', 'HTTP/1.1 503 \xdcberlast'],
  ])('may come %s', (_, line) => {
    expect(readingOf(`${head(line, LENGTH_2)}hi`)[0]?.[1]).toBe(503)
  })

  test('comes after up to eight interim answers, which are not told', () => {
    const early = head('HTTP/1.1 100 Continue') + head('HTTP/1.1 103 Early Hints', 'Link: </a>', LENGTH_2)
    expect(readingOf(`${early.repeat(4)}${head(OK, LENGTH_2)}hi`).map(([kind]) => kind)).toEqual([
      'head',
      'body',
      'complete',
    ])
    const log = readingOf(`${early.repeat(4)}${head('HTTP/1.1 102 Processing')}`)
    expect(log).toEqual([['violation', 'Head: more than 8 interim answers']])
  })

  test('may have 256 fields and no more', () => {
    const fields = (count: number) => Array.from({ length: count }, (_, index) => `a${index}: b`)
    expect(readingOf(head(OK, 'Content-Length: 0', ...fields(255))).at(-1)).toEqual(['complete', true])
    expect(readingOf(head(OK, 'Content-Length: 0', ...fields(256)))).toEqual([
      ['violation', 'Head: more than 256 fields'],
    ])
  })
})

test('the bounds are for each head and each trailer section anew', () => {
  // Two thirds of the fields and of the bytes allowed.
  const fields = Array.from({ length: 170 }, (_, index) => `a${index}: ${'b'.repeat(240)}`)
  const { reader, log } = recordingReader()
  for (let request = 0; request < 3; request++) {
    reader.reset()
    const early = head('HTTP/1.1 103 Early Hints', ...fields)
    feed(reader, octets(`${early}${head(OK, CHUNKED, ...fields)}0\r\n${fields.join('\r\n')}\r\n\r\n`))
  }
  expect(log.map(([kind]) => kind)).toEqual(Array.from({ length: 3 }, () => ['head', 'complete']).flat())
})

describe('a violation says what was seen', () => {
  const coded = (rest: string) => head(OK, CHUNKED) + rest
  const status = (line: string) => head(line, 'Content-Length: 0')
  const field = (text: string) => head(OK, text, 'Content-Length: 0')
  test.each<[bytes: string, message: string]>([
    // Status lines.
    [status('HTTP/1.2 200 OK'), 'Expected an HTTP/1.1 status line, got "HTTP/1.2 200 OK"'],
    [status('HTTP/2 200'), 'Expected an HTTP/1.1 status line, got "HTTP/2 "'],
    [status('HTTP/1.1 20 OK'), 'Expected an HTTP/1.1 status line, got "HTTP/1.1 20 OK"'],
    [status('HTTP/1.1 2000'), 'Expected an HTTP/1.1 status line, got "HTTP/1.1 2000"'],
    [status('HTTP/1.1 099 No'), 'Expected an HTTP/1.1 status line, got "HTTP/1.1 099 No"'],
    [status('HTTP/1.1  200 OK'), 'Expected an HTTP/1.1 status line, got "HTTP/1.1  200 OK"'],
    [status(''), 'Expected an HTTP/1.1 status line, got ""'],
    [
      status(`HTTP/1.1 OK ${'"'.repeat(99)}`),
      `Expected an HTTP/1.1 status line, got "HTTP/1.1 OK ${'\\"'.repeat(25)}..."`,
    ],
    [status('HTTP/1.1 200 a\0'), 'Head: forbidden octet 0x00'],
    ['HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n', 'Head: forbidden octet 0x0a'],
    ['HTTP/1.1 200 OK\rContent-Length: 0\r\n\r\n', 'Head: forbidden octet 0x43'],
    // Other protocols, known before any line ends.
    ['SSH-2.0-x', 'Expected an HTTP/1.1 status line, got "SSH-2.0"'],
    ['\x15\x03\x01\x00\x02\x02\x28', 'Head: forbidden octet 0x15'],
    ['<html><body>', 'Expected an HTTP/1.1 status line, got "<html><"'],
    // Fields.
    [field('a : b'), 'Head: field name "a " is no token'],
    [field(': b'), 'Head: field name "" is no token'],
    [field('a\xe9: b'), 'Head: field name "a?" is no token'],
    [field('a b'), 'Head: field without a colon, "a b"'],
    [field('a: b\r\n c'), 'Head: field continued on the next line, " c"'],
    [field('a: b\rc'), 'Head: forbidden octet 0x63'],
    [field('a: b\nc: d'), 'Head: forbidden octet 0x0a'],
    [field('a: b\x7fc'), 'Head: forbidden octet 0x7f'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n', 'Head: forbidden octet 0x0a'],
    [field(`a: ${'b'.repeat(65_536)}`), 'Head: more than 65536 bytes'],
    // Framing.
    [head(OK, LENGTH_2, LENGTH_2), 'Head: content-length "2, 2", not one number below 2^53'],
    [head(OK, LENGTH_2, 'Content-Length: 3'), 'Head: content-length "2, 3", not one number below 2^53'],
    [head(OK, 'Content-Length: +2'), 'Head: content-length "+2", not one number below 2^53'],
    [head(OK, 'Content-Length:'), 'Head: content-length "", not one number below 2^53'],
    [
      head(OK, 'Content-Length: 9007199254740992'),
      'Head: content-length "9007199254740992", not one number below 2^53',
    ],
    [head(OK, CHUNKED, LENGTH_2), 'Head: both transfer-encoding "chunked" and content-length "2"'],
    [head(OK, 'Transfer-Encoding: gzip, chunked'), 'Head: transfer-encoding "gzip, chunked", not "chunked"'],
    [head(OK, CHUNKED, CHUNKED), 'Head: transfer-encoding "chunked, chunked", not "chunked"'],
    [head(OK, 'Transfer-Encoding: \xa0chunked'), 'Head: transfer-encoding "?chunked", not "chunked"'],
    [head('HTTP/1.0 200 OK', CHUNKED), 'Head: transfer-encoding "chunked" in HTTP/1.0'],
    [head('HTTP/1.1 101 Switching Protocols'), 'Head: status 101 switches to a protocol nobody asked for'],
    [head('HTTP/1.0 103 Early Hints'), 'Head: interim answer of status 103 that ends the connection'],
    // Chunks.
    [coded('\r\n'), 'Chunks: octet 0x0d in a size line'],
    [coded(';a\r\n'), 'Chunks: octet 0x3b in a size line'],
    [coded('-1\r\n'), 'Chunks: octet 0x2d in a size line'],
    [coded('0x1\r\n'), 'Chunks: octet 0x78 in a size line'],
    [coded(' 1\r\n'), 'Chunks: octet 0x20 in a size line'],
    [coded('1 \r\n'), 'Chunks: octet 0x20 in a size line'],
    [coded('1\n'), 'Chunks: octet 0x0a in a size line'],
    [coded('1\rx'), 'Chunks: octet 0x78 in a size line'],
    [coded('1;a\nx\r\n'), 'Chunks: octet 0x0a in a size line'],
    [coded('1;a\rb\r\n'), 'Chunks: octet 0x62 in a size line'],
    [coded('20000000000000\r\n'), 'Chunks: size of 2^53 bytes or more'],
    [coded(`${'f'.repeat(4_000)}0\r\n`), 'Chunks: size of 2^53 bytes or more'],
    [coded(`${'0'.repeat(4_096)}1\r\n`), 'Chunks: size line longer than 4096 bytes'],
    // The trailers are read as strictly as the head, though nobody gets them.
    [coded('0\r\na b\r\n'), 'Trailers: field without a colon, "a b"'],
    [coded('0\r\na: b\n'), 'Trailers: forbidden octet 0x0a'],
    [coded(`0\r\n${'a: b\r\n'.repeat(257)}`), 'Trailers: more than 256 fields'],
    [coded(`0\r\na: ${'b'.repeat(65_536)}`), 'Trailers: more than 65536 bytes'],
  ])('%j', (bytes, message) => {
    const log = readingOf(bytes)
    expect(log.at(-1)).toEqual(['violation', message])
    expect(log.filter(([kind]) => kind !== 'head')).toHaveLength(1)
  })

  test.each([
    ['2\r\nhi\n', '0x0a'],
    ['2\r\nhi!\r\n', '0x21'],
    ['2\r\nhi0\r\n\r\n', '0x30'],
    ['2\r\nhi\r0', '0x30'],
  ])('at the end of a chunk, after its body: %j', (bytes, octet) => {
    expect(readingOf(coded(bytes)).slice(1)).toEqual([
      ['body', 'hi'],
      ['violation', `Chunks: octet ${octet} at the end of a chunk`],
    ])
  })
})

describe('octets after the end of an answer', () => {
  const answers = [
    `${head(OK, LENGTH_2)}hi`,
    `${head(OK, CHUNKED)}2\r\nhi\r\n0\r\n\r\n`,
    head('HTTP/1.1 204 No Content'),
  ]

  test.each(answers)('in the same read, end the connection but not the answer: %j', (bytes) => {
    expect(readingOf(`${bytes}${bytes}`).at(-1)).toEqual(['complete', false])
  })

  test.each(answers)('in a later read, are a violation: %j', (bytes) => {
    expect(readingOf(`${bytes}\r\n`, [bytes.length]).slice(-2)).toEqual([
      ['complete', true],
      ['violation', 'Unasked bytes after an answer, 0x0d first'],
    ])
  })
})

describe('the owner of the connection', () => {
  const callbacks = ['head', 'body', 'complete'] as const

  test.each(callbacks)('may stop the reader inside on-%s, and nothing follows', (kind) => {
    const log: string[] = []
    const note = (event: string) => {
      log.push(event)
      if (event === kind) reader.stop()
    }
    const reader: ResponseReader = new ResponseReader({
      onHead: () => note('head'),
      onBody: () => note('body'),
      onComplete: () => note('complete'),
      onViolation: () => note('violation'),
    })
    const bytes = octets(`${head(OK, CHUNKED)}2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n`)
    feed(reader, bytes)
    feed(reader, bytes)
    expect(log).toEqual(
      ['head', 'body', 'body', 'complete'].slice(0, { head: 1, body: 2, complete: 4 }[kind]),
    )
    expect(reader.end()).toBe(false)
  })

  test.each(callbacks)('may stop and reset inside on-%s: the rest of that read belongs to nobody', (kind) => {
    const { log, note } = noting(kind, () => {
      reader.stop()
      reader.reset()
    })
    const reader: ResponseReader = new ResponseReader(note)
    feed(reader, octets(`${head(OK, LENGTH_2)}hi${head(OK, LENGTH_2)}ho`))
    const before = log.length
    feed(reader, octets(head('HTTP/1.1 204 No Content')))
    expect(log.slice(before)).toEqual(['head', 'complete'])
    expect(before).toBe(callbacks.indexOf(kind) + 1)
  })

  test('may send the next request inside on-complete', () => {
    const log: ReaderEvent[] = []
    const reader: ResponseReader = new ResponseReader({
      onHead: (code) => log.push(['head', code, {}]),
      onBody() {},
      onComplete(keepAlive) {
        log.push(['complete', keepAlive])
        reader.reset()
      },
      onViolation: (message) => log.push(['violation', message]),
    })
    for (let request = 0; request < 3; request++) feed(reader, octets(`${head(OK, LENGTH_2)}hi`))
    expect(log).toEqual(
      Array.from({ length: 3 }, () => [
        ['head', 200, {}],
        ['complete', true],
      ]).flat(),
    )
  })

  test('hears nothing after a violation, whatever comes', () => {
    const { reader, log } = recordingReader()
    feed(reader, octets('HTTP/3'))
    feed(reader, octets('HTTP/3'))
    expect(log).toHaveLength(1)
    feed(reader, octets(`${head(OK, LENGTH_2)}hi`))
    expect(reader.end()).toBe(false)
    expect(log).toHaveLength(1)
  })

  test('hears nothing after a close that cut the answer', () => {
    const { reader, log } = recordingReader()
    feed(reader, octets(`${head(OK, LENGTH_2)}h`))
    expect(reader.end()).toBe(false)
    feed(reader, octets('i'))
    expect(reader.end()).toBe(false)
    expect(log.map(([kind]) => kind)).toEqual(['head', 'body'])
  })

  test('gets a fresh reader from a reset at any point', () => {
    for (const rubbish of [
      'HTTP/1.1 2',
      'HTTP/1.1 200 OK\r',
      `${head(OK, CHUNKED)}5`,
      `${head(OK, CHUNKED)}5;a\r`,
      'x\0',
    ]) {
      const { reader, log } = recordingReader()
      feed(reader, octets(rubbish))
      log.length = 0
      reader.reset()
      feed(reader, octets(`${head(OK, CHUNKED)}2\r\nhi\r\n0\r\n\r\n`))
      expect(log.slice(1)).toEqual([
        ['body', 'hi'],
        ['complete', true],
      ])
    }
  })
})

/** Events by name, with something done at the first of one kind. */
function noting(kind: string, act: () => void) {
  const log: string[] = []
  const add = (event: string) => {
    log.push(event)
    if (event === kind && log.indexOf(event) === log.length - 1) act()
  }
  const note = {
    onHead: () => add('head'),
    onBody: () => add('body'),
    onComplete: () => add('complete'),
    onViolation: () => add('violation'),
  }
  return { log, note }
}
