import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createRandom,
  formatBytes,
  formatNs,
  formatNumber,
  integerSampler,
  monotonicNs,
  nearest,
  parseDurationNs,
  runClock,
  sampler,
} from '../../src/base/index.js'

describe('the clock', () => {
  test('main thread and worker read the same moment: each of the worker’s readings lies between two of ours', async () => {
    const source = new URL('../../dist/base/clock.js', import.meta.url).href
    const worker = new Worker(
      `import { parentPort } from 'node:worker_threads'; import { monotonicNs } from '${source}'; parentPort.on('message', () => parentPort.postMessage(monotonicNs()))`,
      { eval: true },
    )
    try {
      for (let i = 0; i < 30; i++) {
        const before = monotonicNs()
        const theirs = await new Promise<number>((resolve) => {
          worker.once('message', resolve)
          worker.postMessage('now')
        })
        expect(theirs).toBeGreaterThanOrEqual(before - 20_000)
        expect(theirs).toBeLessThanOrEqual(monotonicNs() + 20_000)
      }
    } finally {
      await worker.terminate()
    }
  })

  test('it is the machine’s monotonic clock', () => {
    const before = Number(process.hrtime.bigint())
    const ours = monotonicNs()
    expect(ours - before).toBeGreaterThan(-20_000)
    expect(Number(process.hrtime.bigint()) - ours).toBeGreaterThan(-20_000)
  })

  test('until never resolves early, and at once for the past or an aborted signal', async () => {
    const clock = runClock(monotonicNs())
    for (const ms of [0.3, 1, 3, 7]) {
      const atNs = clock.nowNs() + ms * 1e6
      await clock.until(atNs)
      expect(clock.nowNs()).toBeGreaterThanOrEqual(atNs)
    }
    await clock.until(-1)
    await clock.until(Number.MAX_SAFE_INTEGER, AbortSignal.abort())
  })
})

describe('random numbers', () => {
  test('the sequence of a seed never changes', () => {
    const random = createRandom(7, 'arrivals')
    expect([random.uniform(), random.uniform(), random.integer(1, 6)]).toMatchInlineSnapshot(`
      [
        0.41500567351324036,
        0.06933934061125568,
        5,
      ]
    `)
  })

  const N = 100_000
  const moments = (draw: () => number) => {
    const xs = Array.from({ length: N }, draw)
    const mean = xs.reduce((a, b) => a + b, 0) / N
    return { mean, variance: xs.reduce((a, x) => a + (x - mean) ** 2, 0) / N }
  }
  const random = createRandom(3, 'moments')
  // Mean and variance of each distribution, and the tolerance of five standard errors of the mean.
  const cases: [string, () => number, number, number][] = [
    ['uniform', () => random.uniform(), 0.5, 1 / 12],
    ['normal', () => random.normal(), 0, 1],
    ['exponential', () => random.exponential(), 1, 1],
    ['gamma 0.5', () => random.gamma(0.5), 0.5, 0.5],
    ['gamma 4', () => random.gamma(4), 4, 4],
    [
      'lognormal',
      sampler({ lognormal: { median: 1, sigma: 0.5 } }, random),
      Math.exp(0.125),
      (Math.exp(0.25) - 1) * Math.exp(0.25),
    ],
    [
      'table',
      sampler(
        {
          table: [
            [1, 1],
            [5, 3],
          ],
        },
        random,
      ),
      4,
      3,
    ],
    ['uniform integers', integerSampler({ uniform: [1, 6] }, random, 1), 3.5, 35 / 12],
  ]
  for (const [name, draw, mean, variance] of cases) {
    test(`${name}: mean ${mean.toFixed(3)}, variance ${variance.toFixed(3)}`, () => {
      const found = moments(draw)
      expect(Math.abs(found.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / N))
      expect(Math.abs(found.variance / variance - 1)).toBeLessThan(0.06)
    })
  }

  test('samples stay within their bounds', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 0, max: 50 }),
        (seed, min, width) => {
          const draw = integerSampler(
            { normal: { mean: 20, stdDev: 30 }, min, max: min + width },
            createRandom(seed),
            1,
          )
          for (let i = 0; i < 20; i++) expect(draw()).toSatisfy((x: number) => x >= min && x <= min + width)
        },
      ),
    )
  })
})

test('numbers and times read well', () => {
  expect([0, 0.01234, 4.567, 123.4, 12345].map(formatNumber)).toEqual([
    '0',
    '0.0123',
    '4.57',
    '123',
    '12,300',
  ])
  expect([340e3, 12.34e6, 4.56e9].map(formatNs)).toEqual(['340 µs', '12.3 ms', '4.56 s'])
  expect(formatBytes(1536 * 1024 * 1024)).toBe('1.5 GiB')
  expect(['500 ms', '1.5s', '2 min', '3 parsecs'].map(parseDurationNs)).toEqual([
    5e8,
    1.5e9,
    120e9,
    undefined,
  ])
})

test('the nearest name is a likely slip or nothing', () => {
  const names = ['requests', 'durationS', 'warmupRequests']
  expect(nearest('request', names)).toBe('requests')
  expect(nearest('duration', names)).toBe('durationS')
  expect(nearest('zzz', names)).toBeUndefined()
})
