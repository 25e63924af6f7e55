import { describe, expect, test } from 'vitest'
import { ascending, median, quantile, ratio, spread } from '../../bench/lib/statistics.mjs'

describe('the bench’s own statistics', () => {
  // By the definition of the nearest rank: the least value that at least q of all values do not exceed.
  test.each([
    { values: [7], q: 0.5, expected: 7 },
    { values: [7], q: 0.99, expected: 7 },
    { values: [4, 1, 3, 2], q: 0.5, expected: 2 },
    { values: [4, 1, 3, 2], q: 0.51, expected: 3 },
    { values: [4, 1, 3, 2], q: 1, expected: 4 },
    // 0.07 × 100 is a little more than 7 in binary.
    { values: Array.from({ length: 100 }, (_, i) => i + 1), q: 0.07, expected: 7 },
    { values: Array.from({ length: 100 }, (_, i) => i + 1), q: 0.99, expected: 99 },
    { values: Array.from({ length: 1000 }, (_, i) => 1000 - i), q: 0.999, expected: 999 },
  ])('the $q quantile of $values.length values is $expected', ({ values, q, expected }) => {
    expect(quantile(ascending(values), q)).toBe(expected)
  })

  test('values are sorted as numbers, not as text', () => {
    expect([...ascending([10, 9, 1000, -1])]).toEqual([-1, 9, 10, 1000])
  })

  test('there is no quantile of nothing', () => {
    expect(() => quantile(new Float64Array(), 0.5)).toThrow(RangeError)
    expect(median([])).toBeNaN()
  })

  test.each([
    { values: [3, 1, 2], expected: { median: 2, least: 1, most: 3 } },
    { values: [4, 1, 3, 2], expected: { median: 2.5, least: 1, most: 4 } },
    { values: [5], expected: { median: 5, least: 5, most: 5 } },
  ])('the spread of $values', ({ values, expected }) => {
    expect(spread(values)).toEqual(expected)
  })

  test('contenders are compared round by round, so that a slow round costs both', () => {
    // Always twice the floor, on a machine that is ten times slower in the second round.
    expect(ratio([2, 20, 2.2], [1, 10, 1.1])).toBe(2)
  })
})
