import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answer, mutant } from './answers.js'
import { CHUNKED, feed, head, OK, octets, readingOf, recordingReader, settled } from './reading.js'

const CODED = head(OK, CHUNKED)

function headOf(bytes: number): Buffer {
  const frame = head(OK, 'a: ', 'Content-Length: 2')
  return octets(`${frame.replace('a: ', `a: ${'b'.repeat(bytes - frame.length)}`)}hi`)
}

const sizeLineOf = (bytes: number): Buffer => octets(`${CODED}1;${'e'.repeat(bytes - 3)}\r\nx\r\n0\r\n\r\n`)

test('an answer is told the same whole and cut in two anywhere', () => {
  fc.assert(
    fc.property(answer, ({ octets: bytes, told }) => {
      expect(readingOf(bytes)).toEqual(told)
      for (let cut = 0; cut <= bytes.length; cut++) expect(readingOf(bytes, [cut])).toEqual(told)
    }),
    { numRuns: 50 },
  )
})

test('an answer is told the same octet by octet and in pieces of any size', () => {
  fc.assert(
    fc.property(answer, fc.array(fc.nat(), { maxLength: 12 }), ({ octets: bytes, told }, places) => {
      const everywhere = Array.from(bytes.keys())
      expect(readingOf(bytes, everywhere)).toEqual(told)
      expect(readingOf(bytes, cutsAt(places, bytes.length))).toEqual(told)
    }),
    { numRuns: 400 },
  )
})

test('what is no valid answer is refused for the same reason under every split', () => {
  fc.assert(
    fc.property(mutant, fc.array(fc.nat(), { maxLength: 12 }), (bytes, places) => {
      const whole = settled(readingOf(bytes))
      expect(settled(readingOf(bytes, Array.from(bytes.keys())))).toEqual(whole)
      expect(settled(readingOf(bytes, cutsAt(places, bytes.length)))).toEqual(whole)
    }),
    { numRuns: 1_000 },
  )
})

test('answers follow one another on one connection, each told as if it came alone', () => {
  const kept = answer.filter(({ untilClose }) => !untilClose)
  fc.assert(
    fc.property(
      fc.array(kept, { minLength: 2, maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      (answers, places) => {
        const { reader, log } = recordingReader()
        for (const { octets: bytes } of answers) {
          reader.reset()
          feed(reader, bytes, cutsAt(places, bytes.length))
        }
        expect(log).toEqual(answers.flatMap(({ told }) => told))
        expect(reader.end()).toBe(true)
      },
    ),
    { numRuns: 200 },
  )
})

test('an answer that is cut is neither whole nor a violation', () => {
  const ends = answer.filter(({ untilClose }) => !untilClose)
  fc.assert(
    fc.property(ends, fc.nat(), ({ octets: bytes }, place) => {
      const log = readingOf(bytes.subarray(0, place % bytes.length))
      expect(log.at(-1)).toEqual(['cut'])
      expect(log.some(([kind]) => kind === 'complete' || kind === 'violation')).toBe(false)
    }),
    { numRuns: 300 },
  )
})

test.each([
  { what: 'a head of 64 KiB', bytes: headOf(65_536), edge: 65_536, end: 'complete' },
  { what: 'a head of one byte more', bytes: headOf(65_537), edge: 65_536, end: 'violation' },
  {
    what: 'a size line of 4 KiB with its CR',
    bytes: sizeLineOf(4_096),
    edge: CODED.length + 4_096,
    end: 'complete',
  },
  {
    what: 'a size line of one byte more',
    bytes: sizeLineOf(4_097),
    edge: CODED.length + 4_096,
    end: 'violation',
  },
])('$what ends the same wherever it is split near its bound', ({ bytes, edge, end }) => {
  const whole = readingOf(bytes)
  expect(whole.at(-1)?.[0]).toBe(end)
  for (let cut = edge - 6; cut <= Math.min(edge + 6, bytes.length); cut++) {
    expect(readingOf(bytes, [cut])).toEqual(whole)
    expect(readingOf(bytes, [7, cut, Math.min(cut + 1, bytes.length)])).toEqual(whole)
  }
})

const cutsAt = (places: readonly number[], length: number): number[] =>
  places.map((place) => place % (length + 1)).sort((a, b) => a - b)
