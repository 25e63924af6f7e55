import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metricsRequest, otlpJson } from '../../src/exchange/export/otlp.js'
import { attributesOf } from '../../src/exchange/export/otlp-data.js'
import { otlpProtobuf } from '../../src/exchange/export/otlp-protobuf.js'
import { ProtoWriter } from '../../src/exchange/export/protobuf.js'
import { remoteWriteBody } from '../../src/exchange/export/remote-write.js'
import { readResult } from '../../src/exchange/result.js'
import { OURS } from './fixtures.js'

/** A field as it stands on the wire. */
type Field = readonly [field: number, value: bigint | Buffer]

/** Reads a message by the wire format alone. */
function fieldsOf(bytes: Uint8Array): Field[] {
  const buffer = Buffer.from(bytes)
  const fields: Field[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = buffer[at++] ?? 0
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < buffer.length) {
    const tag = Number(varint())
    const [field, wire] = [Math.floor(tag / 8), tag % 8]
    if (wire === 0) fields.push([field, varint()])
    else {
      const length = wire === 1 ? 8 : Number(varint())
      fields.push([field, buffer.subarray(at, at + length)])
      at += length
    }
  }
  return fields
}

/** Eight bytes of the wire. */
function cellOf(field: Field | undefined): Buffer {
  const value = field?.[1]
  if (!Buffer.isBuffer(value)) throw new Error('no such field')
  return value
}

const inner = (fields: readonly Field[], field: number): Buffer[] =>
  fields.flatMap(([f, value]) => (f === field && Buffer.isBuffer(value) ? [value] : []))

describe('the writer of protocol buffers', () => {
  it('what is written is read back, whole numbers up to 2^53 and texts of any kind', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.maxSafeNat(),
        fc.double({ noNaN: true }),
        fc.string({ unit: 'binary' }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (field, whole, real, text, fixed) => {
          const bytes = new ProtoWriter()
            .varint(field, whole)
            .double(field, real)
            .message(field, (w) => w.text(1, text))
            .fixed64(field, fixed)
            .finish()
          const [a, b, c, d] = fieldsOf(bytes)
          expect(a).toEqual([field, BigInt(whole)])
          expect(cellOf(b).readDoubleLE()).toBe(real)
          expect(inner(fieldsOf(cellOf(c)), 1)[0]).toEqual(Buffer.from(text))
          expect(cellOf(d).readBigUInt64LE()).toBe(fixed)
        },
      ),
    )
  })
})

describe('OTLP', () => {
  it('JSON holds 64-bit integers as texts, and every histogram counts as many as its buckets', async () => {
    const request = await metricsRequest(await readResult(OURS))
    const [resource] = request.resourceMetrics
    const metrics = resource?.scopeMetrics[0].metrics ?? []
    const histograms = metrics.filter((m) => m.histogram)
    expect(histograms.map((m) => m.name)).toContain('gen_ai.server.time_to_first_token')
    for (const { name, histogram } of histograms)
      for (const p of histogram?.dataPoints ?? []) {
        expect(p.bucketCounts.length, name).toBe(p.explicitBounds.length + 1)
        expect(
          p.bucketCounts.reduce((sum, count) => sum + count, 0n),
          name,
        ).toBe(p.count)
      }
    const json = JSON.parse(otlpJson(request)) as { resourceMetrics: unknown[] }
    expect(JSON.stringify(json)).toMatch(/"timeUnixNano":"\d{19}"/)
  })

  it('tokens used sum to what the server counted', async () => {
    const request = await metricsRequest(await readResult(OURS))
    const usage = request.resourceMetrics[0]?.scopeMetrics[0].metrics.find(
      (m) => m.name === 'gen_ai.client.token.usage',
    )
    const sums = usage?.histogram?.dataPoints.map((p) => [
      p.attributes.find((a) => a.key === 'gen_ai.token.type')?.value.stringValue,
      p.sum,
      Number(p.count),
    ])
    expect(sums).toEqual([
      ['input', 60 * 118, 60],
      ['output', 60 * 48, 60],
    ])
  })

  it('the binary form holds the metrics of the JSON, in their order', async () => {
    const request = await metricsRequest(await readResult(OURS))
    const [resource] = inner(fieldsOf(otlpProtobuf(request)), 1)
    const [scope] = inner(fieldsOf(resource ?? Buffer.alloc(0)), 2)
    const names = inner(fieldsOf(scope ?? Buffer.alloc(0)), 2).map(
      (metric) => inner(fieldsOf(metric), 1)[0]?.toString('utf8') ?? '',
    )
    expect(names).toEqual(request.resourceMetrics[0]?.scopeMetrics[0].metrics.map((m) => m.name))
  })

  it('leaves out attributes that say nothing', () => {
    expect(attributesOf({ a: '', b: 'x' })).toEqual([{ key: 'b', value: { stringValue: 'x' } }])
  })
})

/** Undoes Snappy's block format by its description: a length, then literals and copies. */
function unsnapped(bytes: Uint8Array): Buffer {
  const out: number[] = []
  let at = 0
  while ((bytes[at++] ?? 0) >= 128);
  while (at < bytes.length) {
    const tag = bytes[at++] ?? 0
    const little = (size: number): number => {
      let value = 0
      for (let i = 0; i < size; i++) value += (bytes[at++] ?? 0) * 256 ** i
      return value
    }
    if (tag % 4 === 0) {
      const short = tag >> 2
      const length = (short < 60 ? short : little(short - 59)) + 1
      for (let i = 0; i < length; i++) out.push(bytes[at++] ?? 0)
      continue
    }
    const length = tag % 4 === 1 ? ((tag >> 2) % 8) + 4 : (tag >> 2) + 1
    const offset = tag % 4 === 1 ? (tag >> 5) * 256 + little(1) : little(tag % 4 === 2 ? 2 : 4)
    for (let i = 0; i < length; i++) out.push(out[out.length - offset] ?? 0)
  }
  return Buffer.from(out)
}

describe('remote write', () => {
  it('a series has its labels sorted, its name among them, and its samples in the order of time', () => {
    const samples = [
      { labels: { run: 'r', empty: '' }, value: 1.5, atMs: 1000 },
      { labels: { run: 'r', empty: '' }, value: 2.5, atMs: 2000 },
      { labels: { run: 's', empty: '' }, value: 3.5 },
    ]
    const body = remoteWriteBody([{ name: 'm', type: 'gauge', help: '', samples }], 9000)
    const series = inner(fieldsOf(unsnapped(body)), 1).map((one) => ({
      labels: inner(fieldsOf(one), 1).map((label) => fieldsOf(label).map(([, text]) => String(text))),
      samples: inner(fieldsOf(one), 2).map((sample) => {
        const [value, at] = fieldsOf(sample)
        return [cellOf(value).readDoubleLE(), Number(at?.[1])]
      }),
    }))
    expect(series).toEqual([
      {
        labels: [
          ['__name__', 'm'],
          ['run', 'r'],
        ],
        samples: [
          [1.5, 1000],
          [2.5, 2000],
        ],
      },
      {
        labels: [
          ['__name__', 'm'],
          ['run', 's'],
        ],
        samples: [[3.5, 9000]],
      },
    ])
  })
})
