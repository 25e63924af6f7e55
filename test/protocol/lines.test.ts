import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineSplitter } from '../../src/protocol/lines.js'
import { splits } from './harness.js'

const MIB = 1024 * 1024

function split(pieces: readonly Uint8Array[]) {
  const lines: string[] = []
  let overflows = 0
  const splitter = new LineSplitter({
    onData: (bytes, from, to, event) => lines.push(`${event}:${bytes.toString('utf8', from, to)}`),
    onOverflow: () => overflows++,
  })
  for (const piece of pieces) {
    const memory = Buffer.concat([Buffer.from('\n{'), piece, Buffer.from('}\n')])
    splitter.feed(memory, 2, memory.length - 2)
    memory.fill(0x0a)
  }
  const { between } = splitter
  splitter.end()
  return { lines, overflows, between }
}

describe('a body of lines', () => {
  const cases: [what: string, body: string, lines: string[]][] = [
    ['nothing', '', []],
    ['one line', '{"a":1}\n', ['{"a":1}']],
    ['the last without its end', '{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
    ['the last cut off', '{"a":1}\n{"b":{}', ['{"a":1}']],
    ['the last cut off in a character', '{"a":1}\n{"b":"\\', ['{"a":1}']],
    ['empty lines and blanks', '\n\n{"a":1}\n \t\n\r\n', ['{"a":1}']],
    ['lines of Windows keep what JSON does not mind', '{"a":1}\r\n', ['{"a":1}\r']],
    ['what is no JSON is a line too', 'oops\n', ['oops']],
  ]
  test.each(cases)('%s, under any split', (_what, body, lines) => {
    fc.assert(
      fc.property(splits(Buffer.from(body)), (pieces) => {
        expect(split(pieces)).toMatchObject({ lines: lines.map((line) => `message:${line}`), overflows: 0 })
      }),
    )
  })

  test('is what splitting its text at the newlines gives', () => {
    const body = fc.string({ unit: fc.constantFrom('{', '}', '"é"', '\n', ' ', 'a') })
    fc.assert(
      fc.property(
        body.chain((text) => fc.tuple(fc.constant(`${text}\n`), splits(Buffer.from(`${text}\n`)))),
        ([text, pieces]) => {
          const lines = text.split('\n').filter((line) => line.trim() !== '')
          expect(split(pieces).lines).toEqual(lines.map((line) => `message:${line}`))
        },
      ),
    )
  })

  test('is between lines only where none is held', () => {
    expect(split([Buffer.from('{"a":1}\n')]).between).toBe(true)
    expect(split([Buffer.from('{"a":1}\n{')]).between).toBe(false)
  })
})

describe('a line without end', () => {
  const filler = (bytes: number): Buffer => Buffer.alloc(bytes, 0x61)

  test('of 4 MiB is held, and one byte more is refused once; nothing after it is heard', () => {
    const whole = split([filler(3 * MIB), filler(MIB), Buffer.from('\n')])
    expect(whole).toMatchObject({ overflows: 0, between: true })
    expect(whole.lines[0]).toHaveLength(4 * MIB + 'message:'.length)
    const refused = split([filler(3 * MIB), filler(MIB + 1), filler(MIB), Buffer.from('\n{"a":1}\n')])
    expect(refused).toEqual({ lines: [], overflows: 1, between: false })
  })

  test('is refused too where it came in one read', () => {
    const body = Buffer.concat([filler(5 * MIB), Buffer.from('\n{"a":1}\n')])
    expect(split([body])).toMatchObject({ lines: [], overflows: 1 })
  })
})
