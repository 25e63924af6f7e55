import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { decode, isWhole, reads, splits, spoiled, withoutText } from './harness.js'

/** A stream of one API, as the laws below want it. */
export interface Sample {
  readonly api: string
  /** The events of a whole answer, each as JSON, and how the API writes one. */
  readonly events: readonly unknown[]
  readonly write: (event: unknown) => Buffer
  /** What marks the end beside the events. */
  readonly marker?: Buffer
  /** Events that are alike, and others that nearly are. */
  readonly alike: fc.Arbitrary<unknown>
  /** Writes an event with this text that need not be parsed where one like it was. */
  readonly plain?: (text: string) => unknown
}

/** What holds for every API's stream, whatever it is. */
export function testLaws({ api, events, write, marker = Buffer.alloc(0), alike, plain }: Sample): void {
  const body = Buffer.concat([...events.map(write), marker])

  describe(`whatever the bytes of a stream of ${api}`, () => {
    test('any split of them is heard alike, with the text and without', () => {
      const whole = decode(api, [body])
      expect(isWhole(whole)).toBe(true)
      fc.assert(
        fc.property(splits(body), (pieces) => {
          expect(decode(api, pieces)).toEqual(whole)
          expect(decode(api, pieces, false)).toEqual(withoutText(whole))
        }),
        { numRuns: 200 },
      )
    })

    test('a stream that was cut anywhere is no whole answer, and no violation of the protocol', () => {
      // The newline of the last line says nothing that its end had not said.
      const said = body.toString('utf8').trimEnd().length
      for (let length = 0; length < Math.min(said, body.length - 2); length += 3) {
        const heard = decode(api, [body.subarray(0, length)])
        expect(isWhole(heard), `${length} bytes`).toBe(false)
        expect(heard.failure, `${length} bytes`).toBeUndefined()
      }
    })

    test('events that look like the one before mean what they mean when each is read as if it were the first', () => {
      let outputs = 0
      fc.assert(
        fc.property(reads(alike.map(write)), (pieces) => {
          const heard = decode(api, pieces)
          outputs += heard.outputs.length
          expect(decode(api, pieces, false)).toEqual(withoutText(heard))
        }),
        { numRuns: 1000 },
      )
      expect(outputs).toBeGreaterThan(1000)
    })

    if (plain !== undefined) testShapes(api, (i) => write(plain(`text ${i}`)))

    test('senseless fields and senseless bytes are survived, and garbage is no output', () => {
      const event = fc.constantFrom(...events).chain(spoiled)
      fc.assert(
        fc.property(
          fc.array(event, { maxLength: 6 }),
          fc.uint8Array({ maxLength: 200 }),
          (spoilt, garbage) => {
            const pieces = [...spoilt.map(write), Buffer.from(garbage), ...spoilt.slice(0, 2).map(write)]
            expect(decode(api, pieces, false)).toEqual(withoutText(decode(api, pieces)))
            expect(decode(api, [garbage]).outputs).toEqual([])
          },
        ),
        { numRuns: 1000 },
      )
    })

    test('an event of more than 4 MiB is refused instead of held, and nothing after it is heard', () => {
      const piece = Buffer.alloc(1024 * 1024, 0x61)
      const heard = decode(api, [Buffer.from('data: '), piece, piece, piece, piece, piece, body])
      expect(heard).toMatchObject({ failure: 'protocol-violation', events: 0, terminal: false })
    })

    test('data that is no JSON object is a protocol violation', () => {
      for (const data of ['not json', '[1]', '"a"', '7', 'null', '{"a":']) {
        const written = Buffer.from(write({ hole: 1 }).toString().replace('{"hole":1}', data))
        expect(decode(api, [written]).failure, data).toBe('protocol-violation')
      }
    })
  })
}

function testShapes(api: string, pieceOf: (i: number) => Buffer): void {
  test('of events that are alike few are parsed, and all are heard', () => {
    const pieces = Array.from({ length: 50 }, (_, i) => pieceOf(i))
    const parse = vi.spyOn(JSON, 'parse')
    try {
      expect(decode(api, pieces, false).outputs).toHaveLength(50)
      expect(parse.mock.calls.length).toBeLessThan(5)
    } finally {
      parse.mockRestore()
    }
  })
}
