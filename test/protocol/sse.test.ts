import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SseSplitter } from '../../src/protocol/sse.js'
import { splits } from './harness.js'

type Event = readonly [name: string, data: string]

function eventsOf(pieces: readonly Uint8Array[]): (Event | 'overflow')[] {
  const heard: (Event | 'overflow')[] = []
  const splitter = new SseSplitter({
    onData: (bytes, from, to, name) => heard.push([name, bytes.toString('utf8', from, to)]),
    onOverflow: () => heard.push('overflow'),
  })
  for (const piece of pieces) {
    const memory = Buffer.from(piece)
    splitter.feed(memory, 0, memory.length)
    memory.fill(0x21)
  }
  return heard
}

/** The standard's rules, line by line, without regard to time. */
function slowly(body: string): Event[] {
  const events: Event[] = []
  let data: string[] = []
  let name = 'message'
  for (const line of body.split(/\r\n|\n|\r/).slice(0, -1)) {
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (line === '') {
      if (data.length > 0) events.push([name, data.join('\n')])
      data = []
      name = 'message'
    } else if (field === 'data') data.push(value ?? '')
    else if (field === 'event' && line.includes(':')) name = value ?? ''
  }
  return events
}

const line = fc.oneof(
  fc.constantFrom('data', 'data:', 'data: ', 'data:a', 'data: b', 'data:  c', 'event: x', 'event:y', ''),
  fc.constantFrom('', ': ping', ':', 'id: 1', 'retry: 5', 'database: 1', 'datas', 'dat', ' data: x'),
  fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => `data: ${text.replace(/[\r\n]/g, '')}`),
)
const body = fc
  .tuple(fc.array(line, { maxLength: 20 }), fc.constantFrom('\n', '\r\n', '\r'))
  .map(([lines, eol]) => lines.map((text) => text + eol).join(''))

describe('the events of a stream', () => {
  test('are those that the rules of the standard give, under any split of the bytes', () => {
    fc.assert(
      fc.property(
        body.chain((text) => fc.tuple(fc.constant(text), splits(Buffer.from(text)))),
        ([text, pieces]) => {
          // The end of a CR is known with the byte that follows it.
          expect(eventsOf([...pieces, Buffer.from(':')])).toEqual(slowly(text))
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('an event of half a million lines, or of one line in half a million reads, takes no time to speak of', () => {
    const count = 500_000
    const lines = Buffer.from('data:a\n'.repeat(count))
    const [first] = eventsOf([lines, Buffer.from('\n')])
    expect(first?.[1]?.length).toBe(2 * count - 1)
    const drop = Buffer.from('a')
    const drops = Array.from({ length: count }, () => drop)
    const [second] = eventsOf([Buffer.from('data:'), ...drops, Buffer.from('\n\n')])
    expect(second?.[1]?.length).toBe(count)
  })

  test('end with one of more than 4 MiB, whether on one line or on many', () => {
    const mebibyte = Buffer.alloc(1024 * 1024, 0x61)
    const whole = Buffer.from('data: x\n\n')
    const one = [Buffer.from('data: '), mebibyte, mebibyte, mebibyte, mebibyte, whole]
    const many = Array.from({ length: 5 }, () =>
      Buffer.concat([Buffer.from('data: '), mebibyte, Buffer.from('\n')]),
    )
    expect(eventsOf(one)).toEqual(['overflow'])
    expect(eventsOf([...many, whole, whole])).toEqual(['overflow'])
  })
})
