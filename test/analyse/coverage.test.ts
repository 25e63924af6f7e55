import { describe, expect, test } from 'vitest'
import { blockLength, percentileInterval, resampleBlocks } from '../../src/analyse/stats/bootstrap.js'
import { differenceOf, wilson } from '../../src/analyse/stats/proportion.js'
import { meanOf, quantileRanks, sortValues } from '../../src/analyse/stats/quantile.js'
import { createRandom } from '../../src/base/index.js'

/** Share of `trials` simulated experiments whose interval holds the truth. */
function coverage(
  trials: number,
  trial: (i: number) => { low: number; high: number; truth: number },
): number {
  let held = 0
  for (let i = 0; i < trials; i++) {
    const { low, high, truth } = trial(i)
    if (low <= truth && truth <= high) held++
  }
  return held / trials
}

const random = createRandom(42, 'coverage')
const between = (share: number, low: number, high: number): void => {
  expect(share).toBeGreaterThanOrEqual(low)
  expect(share).toBeLessThanOrEqual(high)
}

describe('95 % intervals hold the truth in about 95 % of the cases', () => {
  // Ranks are whole numbers, so an exact interval covers a little more than asked, never less.
  test.each([
    [0.5, 200],
    [0.9, 400],
    [0.99, 2000],
  ])('the order-statistic interval of quantile %d with %d exponential values', (q, n) => {
    const ranks = quantileRanks(n, q)
    const share = coverage(2000, () => {
      const values = sortValues(Float64Array.from({ length: n }, () => random.exponential()))
      return {
        low: values[(ranks.low ?? 0) - 1] ?? 0,
        high: values[(ranks.high ?? 0) - 1] ?? 0,
        truth: -Math.log(1 - q),
      }
    })
    between(share, 0.935, 0.97)
  })

  test.each([
    [0.05, 300],
    [0.3, 100],
    [0.9, 150],
  ])("Wilson's interval of a share of %d in %d", (p, n) => {
    between(
      coverage(4000, () => ({ ...wilson(draws(p, n), n), truth: p })),
      0.93,
      0.975,
    )
  })

  test("Newcombe's interval of the difference of two shares", () => {
    const share = coverage(4000, () => ({
      ...differenceOf(wilson(draws(0.1, 200), 200), wilson(draws(0.2, 150), 150)),
      truth: 0.1,
    }))
    between(share, 0.93, 0.97)
  })

  test('the bootstrap of the mean of independent values', () => {
    const share = coverage(600, () => {
      const series = Array.from({ length: 60 }, () => random.normal())
      const interval = percentileInterval(400, () => meanOf(resampleBlocks(series, 1, random)))
      return { low: interval?.low ?? 0, high: interval?.high ?? 0, truth: 0 }
    })
    between(share, 0.91, 0.97)
  })
})

test('blocks hold what hangs together: the plain bootstrap of a correlated series is far too narrow, blocks are wider', () => {
  const width = (block: number): number => {
    const source = createRandom(7, 'ar1')
    const series: number[] = [0]
    for (let i = 1; i < 400; i++) series.push(0.9 * (series[i - 1] ?? 0) + source.normal())
    const interval = percentileInterval(500, () => meanOf(resampleBlocks(series, block, source)))
    return (interval?.high ?? 0) - (interval?.low ?? 0)
  }
  expect(width(40)).toBeGreaterThan(2 * width(1))
  expect(blockLength(1000)).toBe(10)
})

test('a resample of whole blocks holds runs of neighbours, and as many values as the series', () => {
  const series = Array.from({ length: 20 }, (_, i) => i)
  const drawn = [...resampleBlocks(series, 5, createRandom(3, 'blocks'))]
  expect(drawn).toHaveLength(20)
  for (let i = 0; i < 20; i++) if (i % 5 !== 0) expect(drawn[i]).toBe((drawn[i - 1] ?? 0) + 1)
})

function draws(p: number, n: number): number {
  let hits = 0
  for (let i = 0; i < n; i++) if (random.uniform() < p) hits++
  return hits
}
