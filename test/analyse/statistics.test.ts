import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { percentileInterval, resampleBlocks, studentQuantile } from '../../src/analyse/stats/bootstrap.js'
import { dependenceOf } from '../../src/analyse/stats/dependence.js'
import { rankInterval } from '../../src/analyse/stats/interval.js'
import { hingeFinder, kneeFinder } from '../../src/analyse/stats/knee.js'
import { differenceOf, wilson } from '../../src/analyse/stats/proportion.js'
import {
  meanOf,
  nearestRank,
  quantileOf,
  quantileRanks,
  sortValues,
  stdDevOf,
} from '../../src/analyse/stats/quantile.js'
import { binomialCdf, lnGamma, normalCdf, regularisedBeta } from '../../src/analyse/stats/special.js'
import { batchMeans, mannKendall, mser5, startsApart, theilSenSlope } from '../../src/analyse/stats/steady.js'
import { fitUsl } from '../../src/analyse/stats/usl.js'
import { createRandom } from '../../src/base/index.js'

/** Made by test/reference/make_references.py, which names the packages and their versions. */
const reference: {
  readonly beta: [x: number, a: number, b: number, want: number][]
  readonly binomial: [k: number, n: number, p: number, want: number][]
  readonly lnGamma: [x: number, want: number][]
  readonly normal: [z: number, want: number][]
  readonly quantiles: [values: number[], want: number[]][]
  readonly moments: [values: number[], mean: number, stdDev: number][]
  readonly ranks: [n: number, q: number, low: number | null, high: number | null][]
  readonly designEffects: [values: number[], requests: number, want: number[]][]
  readonly effectiveRanks: [n: number, q: number, effect: number, low: number, high: number, n: number][]
  readonly batchMeans: [series: number[], size: number, want: number[]][]
  readonly mser: [series: number[], cut: number][]
  readonly mannKendall: [series: number[], s: number, p: number, slope: number][]
  readonly student: [freedom: number, want: number][]
  readonly wilson: [k: number, n: number, low: number, high: number][]
  readonly newcombe: [a: [number, number], b: [number, number], low: number, high: number][]
  readonly bootstrap: [values: number[], low: number, high: number][]
  readonly blockBootstrap: [values: number[], block: number, stdDev: number][]
  readonly usl: [loads: number[], x: number[], lambda: number, sigma: number, kappa: number][]
  readonly knee: [loads: number[], x: number[], at: number, before: number, after: number][]
  readonly kneedle: [loads: number[], x: number[], at: number][]
} = JSON.parse(readFileSync(new URL('../reference/references.json', import.meta.url), 'utf8'))

const LEVELS = [0.05, 0.5, 0.9, 0.95, 0.99, 0.999]

const near = (got: number, want: number, relative: number): void => {
  expect(Math.abs(got - want), `got ${got}, want ${want}`).toBeLessThanOrEqual(
    relative * Math.abs(want) + 1e-300,
  )
}

describe('against SciPy, NumPy and statsmodels', () => {
  test.each(reference.beta)(
    'the regularised incomplete beta function at x=%d, a=%d, b=%d',
    (x, a, b, want) => {
      // ln Γ of a million is 1e7: its last digit alone is worth 2e-9 of the result.
      expect(Math.abs(regularisedBeta(x, a, b) - want)).toBeLessThanOrEqual(1e-10 + 3e-9 * want)
    },
  )

  test.each(reference.binomial)('the binomial distribution: at most %d of %d at %d', (k, n, p, want) => {
    expect(Math.abs(binomialCdf(k, n, p) - want)).toBeLessThanOrEqual(1e-12 + 1e-9 * want)
  })

  test.each(reference.lnGamma)('the logarithm of gamma at %d', (x, want) => {
    expect(Math.abs(lnGamma(x) - want)).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(want)))
  })

  test.each(reference.normal)('the normal distribution at %d', (z, want) => near(normalCdf(z), want, 1e-10))

  test('nearest-rank quantiles', () => {
    for (const [values, want] of reference.quantiles) {
      const sorted = sortValues(Float64Array.from(values))
      expect(LEVELS.map((q) => quantileOf(sorted, q))).toEqual(want)
    }
    expect(reference.quantiles).toHaveLength(4)
  })

  test('mean and standard deviation', () => {
    for (const [values, mean, stdDev] of reference.moments) {
      near(meanOf(values), mean, 1e-13)
      near(stdDevOf(values), stdDev, 1e-13)
    }
    expect(reference.moments).toHaveLength(4)
  })

  test.each(reference.ranks)('ranks around a quantile: n=%d, q=%d', (n, q, low, high) => {
    expect(quantileRanks(n, q)).toEqual({ low, high })
  })

  test('design effects of a series, by a discrete cosine transform', () => {
    for (const [values, requests, want] of reference.designEffects) {
      const { designEffects } = dependenceOf(values, sortValues(Float64Array.from(values)), requests)
      for (const [level, effect] of want.entries()) near(designEffects[level] ?? Number.NaN, effect, 1e-9)
    }
    expect(reference.designEffects).toHaveLength(4)
  })

  test.each(reference.effectiveRanks)(
    'ranks among %d dependent values around quantile %d with a design effect of %d',
    (n, q, effect, low, high, effectiveN) => {
      const dependence = { designEffects: LEVELS.map(() => effect), found: LEVELS.map(() => true) }
      expect(rankInterval(n, q, dependence)).toEqual({ low, high, effectiveN, method: 'effective-n' })
    },
  )

  test.each(reference.student)("Student's t at 97.5 % with %d degrees of freedom", (freedom, want) => {
    near(studentQuantile(freedom), want, freedom < 5 ? 0.01 : 0.002)
  })

  test.each(reference.wilson)("Wilson's interval of %d in %d", (k, n, low, high) => {
    near(wilson(k, n).low + 1, low + 1, 1e-12)
    near(wilson(k, n).high, high, 1e-12)
  })

  test.each(reference.newcombe)("Newcombe's interval from %j to %j", (a, b, low, high) => {
    const got = differenceOf(wilson(a[0], a[1]), wilson(b[0], b[1]))
    near(got.low + 2, low + 2, 1e-9)
    near(got.high + 2, high + 2, 1e-9)
  })

  test('batch means', () => {
    for (const [series, size, want] of reference.batchMeans) {
      const got = batchMeans(series, size)
      expect(got).toHaveLength(want.length)
      for (const [i, mean] of want.entries()) near(got[i] ?? Number.NaN, mean, 1e-13)
    }
    expect(reference.batchMeans).toHaveLength(4)
  })

  test('Mann-Kendall and Theil-Sen, with ties', () => {
    for (const [series, s, p, slope] of reference.mannKendall) {
      expect(mannKendall(series).s).toBe(s)
      // The reference takes 1 − Φ(z), and so loses the digits of small p.
      expect(Math.abs(mannKendall(series).p - p)).toBeLessThanOrEqual(1e-14 + 1e-9 * p)
      near(theilSenSlope(series), slope, 1e-9)
    }
    expect(reference.mannKendall).toHaveLength(4)
  })

  test('MSER-5 cuts where looking at every truncation cuts', () => {
    expect(reference.mser.map(([series]) => mser5(series).cut)).toEqual(reference.mser.map(([, cut]) => cut))
    expect(reference.mser).toHaveLength(4)
  })

  test('the bootstrap interval of a mean, within four standard errors of a drawn bound', () => {
    const random = createRandom(1, 'reference')
    for (const [values, low, high] of reference.bootstrap) {
      const got = percentileInterval(20_000, () => meanOf(resampleBlocks(values, 1, random)))
      // A 2.5 % point of 20,000 normal draws has a standard error of 1.9 % of their standard deviation.
      const margin = (4 * 0.019 * (high - low)) / 3.92
      expect(Math.abs((got?.low ?? Number.NaN) - low)).toBeLessThan(margin)
      expect(Math.abs((got?.high ?? Number.NaN) - high)).toBeLessThan(margin)
    }
    expect(reference.bootstrap).toHaveLength(1)
  })

  test.each(reference.blockBootstrap)(
    'the scatter of means of block resamples %#',
    (values, block, stdDev) => {
      const random = createRandom(block, 'reference')
      const means = Array.from({ length: 8000 }, () => meanOf(resampleBlocks(values, block, random)))
      // Four standard errors of a standard deviation of 8,000 draws.
      near(stdDevOf(means), stdDev, 4 / Math.sqrt(2 * 8000))
    },
  )

  test.each(reference.usl)('the scalability law %#', (loads, x, ...want) => {
    const fit = fitUsl(loads, x)
    expect(fit).not.toBeNull()
    for (const [i, got] of [fit?.lambda, fit?.sigma, fit?.kappa].entries()) {
      expect(Math.abs((got ?? Number.NaN) - (want[i] ?? 0))).toBeLessThanOrEqual(1e-4 * (want[i] ?? 0) + 1e-6)
    }
  })

  test.each(reference.knee)('the hinge %#', (loads, x, at, before, after) => {
    const knee = hingeFinder(loads)(x)
    near(knee?.at ?? Number.NaN, at, 0.02)
    expect(Math.abs((knee?.slopeBefore ?? Number.NaN) - before)).toBeLessThan(0.02)
    expect(Math.abs((knee?.slopeAfter ?? Number.NaN) - after)).toBeLessThan(0.02)
  })

  test('Kneedle agrees where there is a knee, and finds one where throughput only grows more slowly', () => {
    const [[loads, bent, atBend] = [[], [], 0], [, growing, atGrowth] = [[], [], 0]] = reference.kneedle
    near(kneeFinder(loads)(bent)?.at ?? Number.NaN, atBend, 0.02)
    expect(atGrowth).toBeGreaterThan(1)
    expect(kneeFinder(loads)(growing)).toBeNull()
  })
})

describe('a knee', () => {
  const loads = [1, 2, 4, 8, 16, 32, 64, 128]
  test('of min(90·N, 2160) lies where the lines meet', () => {
    near(kneeFinder(loads)(loads.map((n) => Math.min(90 * n, 2160)))?.at ?? Number.NaN, 24, 0.02)
  })

  test('of a rise that bends and then falls lies where the two meet, not where the rise bends', () => {
    // 20 % more per doubling before 16, then minus 30 % per doubling: the lines meet at 16 exactly.
    const truth = (n: number): number => 100 * (n / 16) ** (n <= 16 ? 0.263 : -0.515)
    near(kneeFinder(loads)(loads.map((n) => (n < 4 ? 25 * n : truth(n))))?.at ?? Number.NaN, 16, 0.02)
  })

  test.each([
    ['linear growth', loads.map((n) => 90 * n)],
    // Every doubling still brings 62 %: slower, but no falloff.
    ['growth with exponent 0.7', loads.map((n) => 90 * n ** 0.7)],
    ['a curve that only falls', loads.map((n) => 900 / n)],
  ])('is not found in %s', (_, x) => {
    if (_ === 'a curve that only falls') expect(kneeFinder(loads)(x)?.at ?? 1).toBeCloseTo(1, 5)
    else expect(kneeFinder(loads)(x)).toBeNull()
  })

  test('needs four points', () => {
    expect(kneeFinder([1, 2, 4])([1, 2, 2])).toBeNull()
  })
})

describe('what MSER-5 cuts away', () => {
  const random = createRandom(1, 'transient')
  const values = (extra: (i: number) => number): number[] =>
    Array.from({ length: 1200 }, (_, i) => 50 + 10 * random.uniform() + extra(i))

  test('starts apart where a transient dies away, slow or fast', () => {
    const slow = values((i) => Math.max(0, 100 - i))
    const fast = values((i) => -Math.max(0, 20 - i / 4))
    for (const series of [slow, fast]) {
      const { cut } = mser5(series)
      expect(cut).toBeGreaterThan(40)
      expect(startsApart(series, cut)).toBe(true)
    }
  })

  test('does not where the run began as it went on, and stood still in between: that must stay', () => {
    const paused = values((i) => (i >= 400 && i < 500 ? (500 - i) * 10 : 0))
    const { cut, late } = mser5(paused)
    expect(late).toBe(false)
    expect(cut).toBeGreaterThanOrEqual(490)
    expect(startsApart(paused, cut)).toBe(false)
  })
})

describe('small cases by hand', () => {
  test.each([
    [1, 0.99, 1],
    [10, 0.5, 5],
    [10, 0.9, 9],
    [100, 0.99, 99],
    [1000, 0.999, 999],
    [3, 0.05, 1],
    [20, 0.95, 19],
  ])('the nearest rank among %d values at %d is %d', (n, q, rank) => {
    expect(nearestRank(n, q)).toBe(rank)
  })

  // The table of minimum sample sizes: 0.99^367 > 2.5 % > 0.99^368, and so on.
  test.each([
    [0.95, 72],
    [0.99, 368],
    [0.999, 3688],
  ])('the quantile %d is bounded from %d values on', (q, n) => {
    expect(quantileRanks(n, q).high).toBe(n)
    expect(quantileRanks(n - 1, q).high).toBeNull()
  })

  test('the scalability law is not fitted without a far side of the peak, or to few points', () => {
    expect(fitUsl([1, 2, 4, 8, 16, 32], [1, 2, 3, 4, 5, 6])).toBeNull()
    expect(fitUsl([1, 2, 4, 8, 16], [1, 2, 3, 2, 1])).toBeNull()
  })
})
