import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EventFeed } from '../../src/protocol/event-feed.js'
import { plainTeller } from '../../src/protocol/plain.js'
import { content, sse } from './harness.js'

const FIELDS = { texts: ['delta.text', 'delta.part', 'reply'], ignored: ['id', 'delta.n', 'logprobs'] }

/** Whether an event that follows `first`, which was called plain, is known by its shape. */
function isKnown(first: Buffer, second: Buffer): boolean {
  const tellPlain = plainTeller(FIELDS)
  let known = false
  const feed: EventFeed = new EventFeed({
    onData: (bytes, from, to) => tellPlain(feed, bytes, from, to, true),
    onPlain: () => {
      known = true
    },
    onOverflow: () => {},
  })
  feed.feed(first, 0, first.length)
  feed.feed(second, 0, second.length)
  return known
}

const scalar = fc.oneof(content, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
const filled = content.filter((written) => written !== '')
const event = fc.record(
  {
    type: fc.constantFrom('a', 'b'),
    id: fc.oneof(scalar, fc.constantFrom(null, true)),
    reply: fc.oneof(content, fc.constantFrom(null, 3)),
    delta: fc.oneof(
      fc.record({ text: content, part: content, n: scalar, more: scalar }, { requiredKeys: [] }),
      fc.constantFrom(null, 'x', ['text']),
    ),
    logprobs: fc.array(
      fc.record({ token: content, logprob: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
      { maxLength: 2 },
    ),
    index: fc.nat(3),
  },
  { requiredKeys: [] },
)

const NAMES = ['type', 'id', 'reply', 'delta', 'logprobs', 'index'] as const

/** What is left of an event without what may differ: the independent account of it. */
function essence(value: unknown, path = '', ignored = false): unknown {
  const here = ignored || FIELDS.ignored.includes(path)
  if (here && (typeof value === 'string' || typeof value === 'number')) return '…'
  if (FIELDS.texts.includes(path) && typeof value === 'string') return value === '' ? '' : 'text'
  if (Array.isArray(value)) return value.map((inner) => essence(inner, here ? '' : '[]', here))
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value).map(([name, inner]) => [
    name,
    essence(inner, here ? '' : path === '' ? name : `${path}.${name}`, here),
  ])
}

describe('events that a decoder reads with JSON.parse and calls plain', () => {
  test('are known again exactly if they differ in nothing but texts and ignored values', () => {
    let known = 0
    fc.assert(
      fc.property(event, event, fc.constantFrom(...NAMES, undefined), (first, other, name) => {
        const second = name === undefined ? other : { ...first, [name]: other[name] ?? null }
        const same = JSON.stringify(essence(first)) === JSON.stringify(essence(second))
        expect(isKnown(sse(first), sse(second))).toBe(same)
        if (same) known++
      }),
      { numRuns: 3000 },
    )
    expect(known).toBeGreaterThan(100)
  })

  test('are known by any other text and any other values of ignored fields', () => {
    const varied = (written: string, value: unknown) =>
      sse({
        type: 'a',
        id: value,
        delta: { type: 't', text: written, n: value },
        logprobs: [value],
        index: 0,
      })
    fc.assert(
      fc.property(filled, filled, scalar, scalar, (a, b, x, y) => {
        expect(isKnown(varied(a, x), varied(b, y))).toBe(true)
        expect(isKnown(varied(a, x), varied('', y))).toBe(false)
      }),
    )
  })

  const strangers: [what: string, data: string][] = [
    ['another name', '{"typ":"a","delta":{"text":"x"}}'],
    ['another value', '{"type":"b","delta":{"text":"x"}}'],
    ['one field more', '{"type":"a","delta":{"text":"x"},"error":1}'],
    ['one field less', '{"delta":{"text":"x"}}'],
    ['a text that is no string', '{"type":"a","delta":{"text":1}}'],
    ['a text that does not end', '{"type":"a","delta":{"text":"x}}'],
    ['the text elsewhere', '{"type":"a","text":"x","delta":{}}'],
  ]
  test.each(strangers)('are not taken for one with %s', (_what, data) => {
    const first = sse('{"type":"a","delta":{"text":"one"}}')
    expect(isKnown(first, sse('{"type":"a","delta":{"text":"two"}}'))).toBe(true)
    expect(isKnown(first, sse(data))).toBe(false)
  })

  test('are not known under another name of the event', () => {
    const data = 'data: {"delta":{"text":"one"}}\n\n'
    expect(isKnown(Buffer.from(`event: a\n${data}`), Buffer.from(`event: a\n${data}`))).toBe(true)
    expect(isKnown(Buffer.from(`event: a\n${data}`), Buffer.from(`event: b\n${data}`))).toBe(false)
    expect(isKnown(Buffer.from(`event: a\n${data}`), Buffer.from(data))).toBe(false)
  })
})
