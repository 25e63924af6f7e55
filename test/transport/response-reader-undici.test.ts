import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answer, mutant } from './answers.js'
import { CHUNKED, head, OK, octets, type ReaderEvent, readingOf } from './reading.js'
import { type PlainAnswer, scriptedServer } from './undici-reading.js'

// undici's parser has seen every server there is. We follow it, save where we say why not.

let server: Awaited<ReturnType<typeof scriptedServer>>
beforeAll(async () => {
  server = await scriptedServer()
})
afterAll(() => server.close())

/** In undici's terms: `undefined` unless the answer is whole. */
function plain(log: readonly ReaderEvent[]): PlainAnswer | undefined {
  const [first] = log
  if (first?.[0] !== 'head' || !log.some(([kind]) => kind === 'complete')) return undefined
  const body = log.map((event) => (event[0] === 'body' ? event[1] : '')).join('')
  return { status: first[1], headers: first[2], body }
}

const counted = (status: string, ...fields: string[]) => `${head(status, ...fields, 'Content-Length: 2')}hi`
const chunked = (rest: string) => head(OK, CHUNKED) + rest
const END = '\r\nhi\r\n0\r\n\r\n'

describe('both take, and find the same in', () => {
  test.each([
    counted(OK, 'Retry-After: 3', 'Content-Type: text/event-stream; charset=utf-8'),
    counted('HTTP/1.1 200'),
    counted('HTTP/1.1 200 '),
    counted('HTTP/1.0 200 OK'),
    counted('HTTP/1.1 999 Odd'),
    counted(OK, 'a:', 'b: \t ', 'c:\t d e \t', 'd: \xa0\xe9\xa0', 'e: a\tb'),
    counted(OK, 'a: b', 'A: c', '__proto__: d', 'constructor: e', 'Constructor: f'),
    counted(OK, 'Connection: @, ;', 'Keep-Alive: timeout=x', 'Upgrade: h2c'),
    counted(OK, `a: ${'b'.repeat(65_000)}`),
    counted(OK, ...Array.from({ length: 250 }, (_, index) => `a${index}: b`)),
    head(OK, 'Content-Length: 0'),
    `${head(OK, 'Content-Length: 0002')}hi`,
    chunked(`2${END}`),
    chunked(`002;a=b;c="d e"${END}`),
    chunked('A\r\n0123456789\r\n000;x\r\n\r\n'),
    chunked('2\r\nhi\r\n0\r\nA: b\r\nTransfer-Encoding: gzip\r\n\r\n'),
    `${head(OK, 'TRANSFER-ENCODING: ChUnKeD')}2${END}`,
    `${head(OK)}hi`,
    head(OK),
    `${head(OK, 'Connection: close')}hi`,
    head('HTTP/1.1 204 No Content'),
    head('HTTP/1.1 204 No Content', CHUNKED),
    head('HTTP/1.1 304 Not Modified'),
    // Interim answers have no body, whatever they say.
    head('HTTP/1.1 102 Processing') + counted(OK),
    head('HTTP/1.1 103 Early Hints', 'Link: </a>', 'Content-Length: 2').repeat(3) + counted(OK),
    head('HTTP/1.1 103 Early Hints', CHUNKED) + counted(OK),
    // More than the answer holds.
    `${counted(OK)}!`,
    counted(OK).repeat(2),
    chunked(`2${END}\r\n`),
    `${head('HTTP/1.1 204 No Content')}hi`,
  ])('%j', async (text) => {
    const theirs = await server.read(octets(text))
    expect(theirs).toBeDefined()
    expect(plain(readingOf(text))).toEqual(theirs)
  })
})

describe('both refuse', () => {
  test.each([
    '',
    '\r\n\r\n',
    'SSH-2.0-x\r\n',
    '<html></html>',
    '\x15\x03\x01\0\x02\x02\x28',
    ...['HTTP/1.2 200 OK', 'http/1.1 200 OK', 'HTTP/1.1 099 No', 'HTTP/1.1 20 OK', 'HTTP/1.1 2000 OK'].map(
      (line) => counted(line),
    ),
    ...[
      'HTTP/1.1 200OK',
      'HTTP/1.1  200 OK',
      'HTTP/1.1\t200 OK',
      ' HTTP/1.1 200 OK',
      'HTTP/1.1 200 a\rb',
    ].map((line) => counted(line)),
    // Line ends.
    'HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nhi',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\nhi',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\nhi',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\rhi',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\r\n\r\nhi',
    // Fields.
    ...['a : b', 'a: b\r\n c', ' a: b', 'abc', ': b', 'a(b: c', 'a\xe9: c'].map((field) =>
      counted(OK, field),
    ),
    ...['a: b\0c', 'a: b\x01c', 'a: b\x7fc', 'a: b\rc', 'a: b\nc: d', `a: ${'b'.repeat(70_000)}`].map(
      (field) => counted(OK, field),
    ),
    // Lengths.
    counted(OK, 'Content-Length: 2'),
    counted(OK, 'Content-Length: 3'),
    ...['2, 2', '+2', '-2', '0x2', '', '1 2', '2.0', '18446744073709551618'].map(
      (length) => `${head(OK, `Content-Length: ${length}`)}hi`,
    ),
    `${head(OK, 'Content-Length: 2', CHUNKED)}2${END}`,
    `${head(OK, CHUNKED, 'Content-Length: 2')}2${END}`,
    `${head(OK, 'Transfer-Encoding: \x0bchunked')}2${END}`,
    // Chunks.
    ...['2 ', '2\t', ' 2', '0x2', '-2', '+2', '', 'g', '2 ;a'].map((size) => chunked(`${size}${END}`)),
    ...['2\nhi\r\n0\r\n\r\n', '2\rhi\r\n0\r\n\r\n', '2;a\nhi\r\n0\r\n\r\n', '2;a\rb\r\nhi\r\n0\r\n\r\n'].map(
      chunked,
    ),
    ...[
      '2\r\nhi\n0\r\n\r\n',
      '2\r\nhi0\r\n\r\n',
      '2\r\nhi\r0\r\n\r\n',
      '2\r\nhi!\r\n0\r\n\r\n',
      '2\r\nhi\r\n0\n\n',
    ].map(chunked),
    ...[
      'fffffffffffffffff\r\nhi',
      '2\r\nhi\r\n0\r\nA b\r\n\r\n',
      '2\r\nhi\r\n0\r\nA: b\r\n c\r\n\r\n',
      '2\r\nhi\r\n0\r\nA: b\0\r\n\r\n',
    ].map(chunked),
    // Nothing can follow an answer that ends the connection.
    head('HTTP/1.0 103 Early Hints') + counted(OK),
    head('HTTP/1.1 103 Early Hints', 'Connection: close') + counted(OK),
    // Cut.
    'HTTP/1.1 200 OK\r\nContent-',
    head('HTTP/1.1 103 Early Hints'),
    `${head(OK, 'Content-Length: 5')}hi`,
    ...['5\r\nhi', '2\r\nhi\r\n', '2\r\nhi\r\n0\r\n'].map(chunked),
    // Nobody asked for another protocol.
    `${head('HTTP/1.1 101 Switching Protocols', 'Upgrade: x', 'Connection: upgrade')}hi`,
  ])('%j', async (text) => {
    expect(await server.read(octets(text))).toBeUndefined()
    expect(plain(readingOf(text))).toBeUndefined()
  })
})

describe('we alone refuse', () => {
  test.each<[reason: string, text: string]>([
    ['only HTTP/1.1 and 1.0 are spoken here', counted('HTTP/2.0 200 OK')],
    ['only HTTP/1.1 and 1.0 are spoken here', counted('HTTP/0.9 200 OK')],
    ['a reason phrase is text', counted('HTTP/1.1 200 a\x01b')],
    ['a reason phrase is text', counted('HTTP/1.1 200 a\0b')],
    ['octets before an answer are left over from another', `\r\n${counted(OK)}`],
    ['octets before an answer are left over from another', `\n${counted(OK)}`],
    [
      'a coding we cannot undo would be measured as if it were text',
      `${head(OK, 'Transfer-Encoding: gzip')}hi`,
    ],
    [
      'a coding we cannot undo would be measured as if it were text',
      `${head(OK, 'Transfer-Encoding: gzip, chunked')}2${END}`,
    ],
    ['a coding we do not know leaves the end in doubt', `${head(OK, 'Transfer-Encoding: xchunked')}2${END}`],
    [
      'a coding we do not know leaves the end in doubt',
      `${head(OK, 'Transfer-Encoding: chunked;q=1')}2${END}`,
    ],
    ['a coding we do not know leaves the end in doubt', `${head(OK, 'Transfer-Encoding: identity')}hi`],
    ['a coding we do not know leaves the end in doubt', `${head(OK, 'Transfer-Encoding:')}hi`],
    ['chunked twice is not chunked', `${head(OK, CHUNKED, CHUNKED)}2${END}`],
    ['chunked must come last', `${head(OK, 'Transfer-Encoding: chunked, gzip')}hi`],
    ['HTTP/1.0 knows no codings (RFC 9112, section 6.1)', `${head('HTTP/1.0 200 OK', CHUNKED)}2${END}`],
    ['unbounded', counted(OK, ...Array.from({ length: 300 }, (_, index) => `a${index}: b`))],
    ['unbounded', `${head('HTTP/1.1 103 Early Hints').repeat(20)}${counted(OK)}`],
    ['unbounded', chunked(`2;${'a'.repeat(5_000)}${END}`)],
    ['unbounded', chunked(`${'0'.repeat(5_000)}2${END}`)],
  ])('%s: %j', async (_, text) => {
    expect(await server.read(octets(text))).toBeDefined()
    expect(plain(readingOf(text))).toBeUndefined()
  })
})

describe('undici alone refuses', () => {
  test.each<[reason: string, text: string]>([
    [
      'an unexpected 100 is to be skipped (RFC 9110, section 15.2)',
      head('HTTP/1.1 100 Continue') + counted(OK),
    ],
    [
      'a 304 may tell the length of the 200 (RFC 9110, section 8.6)',
      head('HTTP/1.1 304 Not Modified', 'Content-Length: 5'),
    ],
    [
      'a 204 ends with its head (RFC 9112, section 6.3)',
      head('HTTP/1.1 204 No Content', 'Content-Length: 5'),
    ],
    [
      'an interim answer has no body, and so no framing to contradict (RFC 9112, section 6.3)',
      head('HTTP/1.1 102 Processing', 'Content-Length: 2', 'Transfer-Encoding: xchunked') + counted(OK),
    ],
    ['a tab after a value is no part of it (RFC 9112, section 5.1)', `${head(OK, 'Content-Length: 2 \t')}hi`],
    ['extensions are skipped unread, up to the CR LF', chunked(`2;${END}`)],
    ['extensions are skipped unread, up to the CR LF', chunked(`2; a = b${END}`)],
    ['extensions are skipped unread, up to the CR LF', chunked(`2;a="b${END}`)],
    ['trailers say nothing about framing', chunked('2\r\nhi\r\n0\r\nContent-Length: 7\r\n\r\n')],
  ])('%s: %j', async (_, text) => {
    expect(await server.read(octets(text))).toBeUndefined()
    expect(plain(readingOf(text))?.body).toBe(text.includes('hi') ? 'hi' : '')
  })
})

describe('on generated octets', () => {
  test('valid answers are found the same', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async ({ octets: bytes, told }) => {
        const theirs = await server.read(bytes)
        expect(theirs).toEqual(plain(told))
        expect(plain(readingOf(bytes))).toEqual(theirs)
      }),
      { numRuns: 150 },
    )
  })

  test('what we take of damaged answers undici takes too, and finds the same in it', async () => {
    let taken = 0
    await fc.assert(
      fc.asyncProperty(mutant, async (bytes) => {
        const ours = plain(readingOf(bytes))
        if (ours === undefined) return
        const theirs = await server.read(bytes)
        if (theirs === undefined && undiciMayRefuse(bytes, ours)) return
        taken++
        expect(ours).toEqual(theirs)
      }),
      { numRuns: 700 },
    )
    // Nothing would be shown by octets that nobody takes.
    expect(taken).toBeGreaterThan(100)
  })
})

/** The reasons of the table above, coarsely. */
function undiciMayRefuse(bytes: Buffer, { status, headers }: PlainAnswer): boolean {
  if ((status === 204 || status === 304) && headers['content-length'] !== undefined) return true
  const text = bytes.toString('latin1')
  const interim = /^(?:HTTP\/1\.1 1\d\d[^\n]*\n(?:[^\r][^\n]*\n)*\r\n)+/.exec(text)?.[0] ?? ''
  if (/content-length/i.test(interim) && /transfer-encoding/i.test(interim)) return true
  return /^HTTP\/1\.[01] 100|\n[0-9a-f]+;|\r\n0+\r\n[\s\S]*content-length|content-length:[^\r]*\t\r/im.test(
    text,
  )
}

describe('a connection is used again by both or neither', () => {
  test.each([
    [counted(OK), true],
    [counted(OK, 'Connection: keep-alive'), true],
    [chunked(`2${END}`), true],
    [head('HTTP/1.1 204 No Content'), true],
    [counted(OK, 'Connection: close'), false],
    [counted(OK, 'Connection: x, CLOSE'), false],
    [counted('HTTP/1.0 200 OK'), false],
    [counted('HTTP/1.0 200 OK', 'Connection: keep-alive'), true],
    [`${counted(OK)}!`, false],
    [`${chunked(`2${END}`)}0\r\n\r\n`, false],
  ])('%j: %s', async (text, again) => {
    expect(await server.reuses(octets(text))).toBe(again)
    expect(readingOf(text).at(-1)).toEqual(['complete', again])
  })
})
