import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ReadRecord, RecordScanner } from '../../src/analyse/scan-record.js'
import { REQUEST_STATES, type RequestRecord } from '../../src/record/index.js'

const ns = fc.integer({ min: 0, max: 10 ** 14 })
const count = fc.integer({ min: -1, max: 100_000 })
const text = fc.string({ unit: 'grapheme', maxLength: 12 })

const everyField = {
  index: count,
  phase: fc.constantFrom('warmup' as const, 'measured' as const, 'cooldown' as const),
  scheduledNs: ns,
  inputTokensAsked: count,
  outputTokensAsked: count,
  conversation: count,
  turn: count,
  state: fc.constantFrom(...REQUEST_STATES),
  error: fc.record({ code: fc.constantFrom('stopped' as const, 'gateway' as const), message: text }),
  sentNs: ns,
  attempts: fc.array(
    fc.record({ sentNs: ns, endNs: ns, httpStatus: count, code: fc.constantFrom('gateway'), waitNs: ns }),
    { minLength: 1, maxLength: 3 },
  ),
  lastSentNs: ns,
  headersNs: ns,
  firstEventNs: ns,
  firstTokenNs: ns,
  firstVisibleNs: ns,
  lastTokenNs: ns,
  endNs: ns,
  inputTokens: count,
  cachedTokens: count,
  outputTokens: count,
  reasoningTokens: count,
  outputChars: count,
  tokenSource: fc.constantFrom('usage' as const, 'chunk-usage' as const, 'counted' as const, 'none' as const),
  chunks: fc.array(fc.oneof(ns, count), { maxLength: 40 }),
  coalescedChunks: count,
  lateCoalescedChunks: count,
  bytesReceived: count,
  connectionReused: fc.boolean(),
  httpStatus: count,
  finishReason: text,
  servedModel: text,
  serverTimings: fc.record({ queueNs: count, decodeNs: count }, { requiredKeys: [] }),
  rateLimits: fc.record({ requests: fc.record({ limit: count, resetMs: count }) }, { requiredKeys: [] }),
  requestId: text,
  point: text,
  worker: count,
  origin: count,
  stamps: fc.constantFrom('loop' as const, 'kernel' as const),
  bytesSent: count,
} satisfies { [K in keyof Required<RequestRecord>]: fc.Arbitrary<unknown> }

/** Records with any of their fields, in any order. */
const records = fc
  .tuple(fc.record(everyField, { requiredKeys: [] }), fc.infiniteStream(fc.integer()))
  .map(([record, order]) =>
    Object.fromEntries(
      Object.entries(record)
        .map((entry) => ({ entry, place: order.next().value }))
        .sort((a, b) => a.place - b.place)
        .map(({ entry }) => entry),
    ),
  )

/** What is read of a record. */
function readPart(record: object): ReadRecord {
  const {
    conversation: _c,
    turn: _t,
    firstEventNs: _e,
    reasoningTokens: _r,
    bytesReceived: _br,
    bytesSent: _bs,
    httpStatus: _h,
    finishReason: _f,
    requestId: _q,
    point: _p,
    worker: _w,
    origin: _g,
    ...read
  } = record as RequestRecord
  return read
}

/** The line stands between two others, as in a block. */
function scan(line: string | Buffer, scanner = new RecordScanner()): ReadRecord | undefined {
  const bytes = Buffer.concat([
    Buffer.from('{"index":7}\n'),
    Buffer.from(line),
    Buffer.from('\n{"index":9}\n'),
  ])
  return scanner.scan(bytes, 12, 12 + Buffer.byteLength(line))
}

describe('a line that is scanned', () => {
  test('reads as JSON.parse reads it, whatever line was scanned before', () => {
    const scanner = new RecordScanner()
    let scanned = 0
    fc.assert(
      fc.property(records, (record) => {
        const line = JSON.stringify(record)
        const read = scan(line, scanner)
        if (read === undefined) expect(line === '{}' || line.includes('\\'), line).toBe(true)
        else {
          expect(read, line).toEqual(readPart(JSON.parse(line)))
          scanned++
        }
      }),
      { numRuns: 400 },
    )
    expect(scanned).toBeGreaterThan(100)
  })

  test('is never one that JSON.parse would read otherwise, or not at all', () => {
    const byte = fc.oneof(
      fc.constantFrom(...'{}[]",:-0.e \\tn1'),
      fc.integer({ min: 0, max: 255 }).map(String),
    )
    const damage = fc.tuple(fc.nat(), fc.nat({ max: 3 }), byte)
    let scanned = 0
    fc.assert(
      fc.property(records, damage, (record, [at, removed, put]) => {
        const whole = Buffer.from(JSON.stringify(record))
        const place = at % whole.length
        const line = Buffer.concat([
          whole.subarray(0, place),
          Buffer.from(put),
          whole.subarray(place + removed),
        ])
        const read = scan(line)
        if (read === undefined) return
        expect(read, String(line)).toEqual(readPart(JSON.parse(String(line))))
        scanned++
      }),
      { numRuns: 2000 },
    )
    expect(scanned).toBeGreaterThan(50)
  })

  test.each([
    ['a fraction', '{"index":1.5}'],
    ['an exponent', '{"index":1e3}'],
    ['more digits than are exact', '{"endNs":1234567890123456}'],
    ['a leading zero, which is no JSON', '{"index":01}'],
    ['a space', '{"index": 1}'],
    ['an escape', '{"point":"a\\"b"}'],
    ['a field that no record has', '{"index":1,"other":2}'],
    ['a word that no record has', '{"state":"lost"}'],
    ['null', '{"sentNs":null}'],
    ['a list in a list', '{"chunks":[[1]]}'],
    ['a list without its end', '{"chunks":[1,2'],
    ['an object whose end is missing', '{"error":{"code":"gateway","of":{}'],
    ['brackets that do not match', '{"rateLimits":{"requests":[}]}'],
    ['no field at all', '{}'],
    ['no object', '[1]'],
    ['nothing', ''],
  ])('is left to JSON.parse with %s', (_, line) => {
    expect(scan(line)).toBeUndefined()
  })
})

test('a record with every field, as it is written, is not left to JSON.parse', () => {
  const [record] = fc.sample(fc.record({ ...everyField, finishReason: fc.constant('stop') }), {
    numRuns: 1,
    seed: 1,
  })
  const plain = {
    ...record,
    servedModel: 'm',
    point: 'concurrency=8',
    error: { code: 'gateway', message: 'HTTP 502' },
  }
  expect(scan(JSON.stringify(plain))).toEqual(readPart(plain))
})
