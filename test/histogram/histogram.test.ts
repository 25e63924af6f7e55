import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLatencyHistogram, IntervalLog, readIntervalLog } from '../../src/histogram/index.js'

const histogramOf = (values: readonly number[]) => {
  const histogram = createLatencyHistogram()
  for (const v of values) histogram.record(v)
  return histogram
}

const sortedQuantile = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length - 1e-9) - 1)] ?? Number.NaN

const micros = fc.array(fc.integer({ min: 1, max: 3_600_000_000 }), { minLength: 1, maxLength: 200 })

describe('a latency histogram', () => {
  test.each([0.01, 0.5, 0.9, 0.99, 0.999])('quantile %d is within 0.1 % of the sorted values', (q) => {
    fc.assert(
      fc.property(micros, (values) => {
        const exact = sortedQuantile(values, q)
        expect(Math.abs((histogramOf(values).quantileUs(q) ?? Number.NaN) - exact)).toBeLessThanOrEqual(
          exact * 1e-3,
        )
      }),
    )
  })

  test('counts what it cannot hold, by reason, and throws at nothing', () => {
    const histogram = histogramOf([Number.NaN, -1, -1e9, 3.7e9, Number.POSITIVE_INFINITY, 0, 12.4])
    expect(histogram.refused).toEqual({ notANumber: 1, negative: 2, tooLarge: 2 })
    expect(histogram.count).toBe(2)
    expect(histogram.quantileUs(0.01)).toBe(1)
    expect(histogram.quantileUs(1)).toBe(12)
  })

  test('an empty one has no quantile', () => {
    expect(createLatencyHistogram().quantileUs(0.5)).toBeNull()
  })

  test('merging equals recording everything in one', () => {
    fc.assert(
      fc.property(micros, micros, (a, b) => {
        const merged = histogramOf([...a, -1])
        merged.merge(histogramOf([...b, Number.NaN]))
        const whole = histogramOf([...a, ...b])
        expect(merged.count).toBe(whole.count)
        for (const q of [0.1, 0.5, 0.99]) expect(merged.quantileUs(q)).toBe(whole.quantileUs(q))
        expect(merged.refused).toEqual({ notANumber: 1, negative: 1, tooLarge: 0 })
      }),
    )
  })

  test('after a reset it is as new', () => {
    const histogram = histogramOf([5, -1])
    histogram.reset()
    expect([histogram.count, histogram.refused.negative, histogram.quantileUs(0.5)]).toEqual([0, 0, null])
  })
})

describe('an interval log', () => {
  const startUtcMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

  test('gives back tags, times and counts as they were written', () => {
    const log = new IntervalLog(startUtcMs)
    log.append('ttft', 0, 1.5, histogramOf([1000, 2000, 3000]))
    log.append('chunkGap', 1.5, 2, histogramOf([20]))
    const text = log.take()
    expect(text.split('\n')[0]).toBe('#[Histogram log format version 1.3]')
    expect(text).toContain('#[StartTime: 1767323045.678 (seconds since epoch), 2026-01-02T03:04:05.678Z]')
    expect(log.take()).toBe('')
    const read = readIntervalLog(text)
    expect(read.map((i) => [i.tag, i.histogram.count, i.histogram.quantileUs(1)])).toEqual([
      ['ttft', 3, 3001],
      ['chunkGap', 1, 20],
    ])
    expect(
      read.map((i) => [Math.round(i.startUtcMs - startUtcMs), Math.round(i.endUtcMs - startUtcMs)]),
    ).toEqual([
      [0, 1500],
      [1500, 2000],
    ])
  })

  test('the same values give the same bytes', () => {
    const write = () => {
      const log = new IntervalLog(startUtcMs)
      log.append('e2e', 0, 1, histogramOf([7, 70, 700]))
      return log.take()
    }
    expect(write()).toBe(write())
  })
})
