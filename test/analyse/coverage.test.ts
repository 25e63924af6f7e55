import { describe, expect, test } from 'vitest'
import { SERIES } from '../../bench/series.mjs'
import {
  blockLength,
  meanDraws,
  percentileInterval,
  resampleBlocks,
} from '../../src/analyse/stats/bootstrap.js'
import { dependenceOf } from '../../src/analyse/stats/dependence.js'
import { rankInterval } from '../../src/analyse/stats/interval.js'
import { kneeFinder } from '../../src/analyse/stats/knee.js'
import { differenceOf, wilson } from '../../src/analyse/stats/proportion.js'
import { meanOf, quantileRanks, sortValues } from '../../src/analyse/stats/quantile.js'
import { binomialCdf } from '../../src/analyse/stats/special.js'
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

interface Simulated {
  /** Share of runs in which an interval is claimed; of these, the share that holds the truth; of all, the share of false claims. */
  readonly claimed: number
  readonly held: number
  readonly wrong: number
  /** Share of runs in which dependence was found. */
  readonly dependent: number
}

/** Runs of a series, and the interval that each claims for a quantile. The heavier version is `node bench/coverage.mjs`. */
function simulate(key: keyof typeof SERIES, n: number, q: number, runs: number): Simulated {
  const { values: draw, quantile, group = 1 } = SERIES[key]
  const source = createRandom(3, `${key} ${n} ${q}`)
  const truth = quantile(q)
  let [claims, hits, dependent] = [0, 0, 0]
  for (let run = 0; run < runs; run++) {
    const values = draw(source, n)
    const sorted = sortValues(values.slice())
    const { low, high, method } = rankInterval(n, q, dependenceOf(values, sorted, n / group))
    if (method !== 'order-statistics') dependent++
    if (low === null || high === null) continue
    claims++
    if ((sorted[low - 1] ?? 0) <= truth && truth <= (sorted[high - 1] ?? 0)) hits++
  }
  return {
    claimed: claims / runs,
    held: hits / claims,
    wrong: (claims - hits) / runs,
    dependent: dependent / runs,
  }
}

/** What order statistics cover exactly: the binomial probability of a count between the two ranks. */
function exactCoverage(n: number, q: number): number {
  const { low, high } = quantileRanks(n, q)
  return binomialCdf((high ?? 0) - 1, n, q) - binomialCdf((low ?? 0) - 1, n, q)
}

/** Five standard errors of a share of about 95 % in so many trials. */
const margin = (trials: number): number => 5 * Math.sqrt((0.95 * 0.05) / trials)

describe('order statistics of independent values, however heavy their tail', () => {
  // Ranks are whole numbers, so an exact interval covers a little more than asked, never less: 97.6 % at the worst here.
  test.each([
    ['exponential', 200, 0.5],
    ['exponential', 400, 0.9],
    ['pareto15', 400, 0.9],
    ['pareto15', 2000, 0.99],
    ['pareto25', 1000, 0.99],
    ['lognormal', 200, 0.5],
    ['lognormal', 3000, 0.99],
  ] as const)('%s, n = %d, quantile %d: covered as the binomial distribution says', (key, n, q) => {
    const { claimed, held, dependent } = simulate(key, n, q, 300)
    expect(exactCoverage(n, q)).toBeGreaterThanOrEqual(0.95)
    expect(exactCoverage(n, q)).toBeLessThan(0.977)
    expect(Math.abs(held - exactCoverage(n, q))).toBeLessThan(margin(300))
    // Nothing is lost to a dependence that is not there.
    expect(dependent).toBeLessThan(0.05)
    expect(claimed).toBeGreaterThan(0.96)
  })
})

describe('values that depend on their neighbours', () => {
  // 400 runs scatter by 1 % themselves: 2.5 of that beside the 93 to 97 % that `node bench/coverage.mjs` shows.
  test.each([
    ['ar5', 1000, 0.5],
    ['ar5', 1000, 0.9],
    ['ar9', 3000, 0.5],
    ['heavyAr5', 3000, 0.9],
    ['queue5', 3000, 0.5],
    ['queue5', 3000, 0.9],
    ['queue8', 3000, 0.5],
  ] as const)('%s, n = %d, quantile %d: claimed, and held in 93 to 97 %', (key, n, q) => {
    const { claimed, held, dependent } = simulate(key, n, q, 400)
    expect(claimed).toBeGreaterThan(0.95)
    expect(dependent).toBeGreaterThan(0.99)
    between(held, 0.93 - 0.025, 0.97 + 0.025)
  })

  test('far tails, where a run is long enough', () => {
    const { claimed, held } = simulate('ar5', 10_000, 0.99, 200)
    expect(claimed).toBeGreaterThan(0.95)
    between(held, 0.93 - 0.035, 0.97 + 0.03)
  })

  test('gaps of streams are counted by request, not by gap', () => {
    const { claimed, held } = simulate('gaps', 10_000, 0.5, 200)
    expect(claimed).toBeGreaterThan(0.95)
    between(held, 0.93 - 0.035, 0.97 + 0.03)
  })

  test.each([
    ['ar5', 1000, 0.99],
    ['ar9', 300, 0.9],
    ['ar9', 3000, 0.99],
    ['queue5', 1000, 0.99],
    ['queue8', 3000, 0.99],
    ['queue9', 300, 0.5],
    ['queue9', 1000, 0.9],
    ['gaps', 3000, 0.99],
    ['gaps', 500, 0.5],
  ] as const)('%s, n = %d, quantile %d: too little to go by, and no interval is claimed', (key, n, q) => {
    expect(simulate(key, n, q, 100).claimed).toBeLessThan(0.05)
  })

  test.each([
    ['ar9', 300, 0.5],
    ['queue5', 1000, 0.9],
    ['queue8', 1000, 0.5],
    ['queue8', 3000, 0.9],
    ['queue9', 3000, 0.5],
    ['queue9', 1000, 0.5],
  ] as const)('%s, n = %d, quantile %d: on the edge, few runs hold a claim that misses', (key, n, q) => {
    const { claimed, wrong } = simulate(key, n, q, 300)
    between(claimed, 0.01, 0.9)
    expect(wrong).toBeLessThan(0.12)
  })

  test('an interval as if they were independent would be far too narrow', () => {
    const { values: draw, quantile } = SERIES.queue8
    const share = coverage(300, () => {
      const sorted = sortValues(draw(random, 1000))
      const ranks = quantileRanks(1000, 0.9)
      return {
        low: sorted[(ranks.low ?? 0) - 1] ?? 0,
        high: sorted[(ranks.high ?? 0) - 1] ?? 0,
        truth: quantile(0.9),
      }
    })
    expect(share).toBeLessThan(0.35)
  })
})

describe('what an interval says of itself', () => {
  const intervalOf = (values: readonly number[], q: number, group = 1) =>
    rankInterval(
      values.length,
      q,
      dependenceOf(values, sortValues(Float64Array.from(values)), values.length / group),
    )
  const series = (key: keyof typeof SERIES, n: number): number[] => [
    ...SERIES[key].values(createRandom(1, 'says'), n),
  ]

  test('independent values count in full', () => {
    expect(intervalOf(series('pareto15', 1000), 0.5)).toMatchObject({
      method: 'order-statistics',
      effectiveN: 1000,
    })
  })

  test('dependent values count for less', () => {
    const { method, effectiveN } = intervalOf(series('ar9', 3000), 0.5)
    expect(method).toBe('effective-n')
    between(effectiveN, 60, 600)
  })

  test('values that rise from the first to the last count for next to nothing', () => {
    const rising = Array.from({ length: 1000 }, (_, i) => i)
    expect(intervalOf(rising, 0.5)).toMatchObject({ low: null, high: null, method: 'none' })
  })

  test('equal values have nothing that could hang together', () => {
    const { low, high, ...said } = intervalOf(new Array(500).fill(7), 0.5)
    expect(said).toEqual({ method: 'order-statistics', effectiveN: 500 })
    expect({ low, high }).toEqual(quantileRanks(500, 0.5))
  })

  test('few requests with one value each are taken as they are; with many each, they tell nothing', () => {
    expect(intervalOf(series('exponential', 30), 0.5).method).toBe('order-statistics')
    expect(intervalOf(series('exponential', 550), 0.5, 50)).toMatchObject({ method: 'none', effectiveN: 0 })
  })

  test('a short memory is found in a long run too', () => {
    // Every second value repeats the one before: neighbours alone hang together.
    const base = series('exponential', 25_000)
    const { method } = intervalOf(
      base.flatMap((v) => [v, v]),
      0.5,
    )
    expect(method).toBe('effective-n')
  })
})

describe('95 % intervals of shares and means hold the truth in about 95 % of the cases', () => {
  test.each([
    [0.05, 300],
    [0.3, 100],
    [0.9, 150],
  ])("Wilson's interval of a share of %d in %d, summed over all outcomes", (p, n) => {
    let share = 0
    for (let k = 0; k <= n; k++) {
      const { low, high } = wilson(k, n)
      if (low <= p && p <= high) share += binomialCdf(k, n, p) - binomialCdf(k - 1, n, p)
    }
    between(share, 0.93, 0.97)
  })

  test("Newcombe's interval of the difference of two shares", () => {
    const share = coverage(4000, () => ({
      ...differenceOf(wilson(draws(0.1, 200), 200), wilson(draws(0.2, 150), 150)),
      truth: 0.1,
    }))
    between(share, 0.93, 0.97)
  })

  test('the bootstrap of the mean of independent values', () => {
    const share = coverage(400, () => {
      const series = Array.from({ length: 60 }, () => random.normal())
      const interval = percentileInterval(300, () => meanOf(resampleBlocks(series, 1, random)))
      return { low: interval?.low ?? 0, high: interval?.high ?? 0, truth: 0 }
    })
    between(share, 0.91, 0.97)
  })

  test.each([
    ['independent', 0, 0.93],
    ['each like the one before (φ = 0.3)', 0.3, 0.9],
  ])('the mean of the 20 slices of a window, %s', (_, phi, least) => {
    const share = coverage(600, () => {
      let z = random.normal()
      const slices = Array.from({ length: 20 }, () => {
        z = phi * z + Math.sqrt(1 - phi * phi) * random.normal()
        return z
      })
      const interval = percentileInterval(300, meanDraws(slices, random))
      return { low: interval?.low ?? 0, high: interval?.high ?? 0, truth: 0 }
    })
    between(share, least, 0.97)
  })

  test('the knee of a curve whose points scatter by 10 % from slice to slice', () => {
    const loads = [1, 2, 4, 8, 16, 32, 64, 128]
    const find = kneeFinder(loads)
    const share = coverage(60, () => {
      const slices = loads.map((n) =>
        Array.from({ length: 20 }, () => Math.min(90 * n, 2160) * (1 + 0.1 * random.normal())),
      )
      const draws = slices.map((s) => meanDraws(s, random))
      const interval = percentileInterval(120, () => find(draws.map((draw) => draw()))?.at ?? Number.NaN)
      const at = find(slices.map(meanOf))?.at ?? Number.NaN
      return { low: Math.min(interval?.low ?? at, at), high: Math.max(interval?.high ?? at, at), truth: 24 }
    })
    between(share, 0.88, 1)
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
