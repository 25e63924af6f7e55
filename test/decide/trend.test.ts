import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/base/index.js'
import type { HistoryLine } from '../../src/decide/history.js'
import { trendOf } from '../../src/decide/index.js'
import { boundaryOf } from '../../src/decide/trend/boundary.js'
import { bestCut, changePoints } from '../../src/decide/trend/change-points.js'
import type { FigureValue, RunFigures } from '../../src/record/index.js'
import { runOf } from './fixture.js'

const values = (min: number, max: number) =>
  fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: min, maxLength: max })

describe('The boundary', () => {
  /** The definition, word for word: sort, take the middle, take the distances from it, sort, take the middle. */
  function slow(before: readonly number[]) {
    const like = before.length > 20 ? before.slice(before.length - 20) : before
    const middle = (list: readonly number[]): number => {
      const rest = [...list]
      while (rest.length > 2) {
        rest.splice(rest.indexOf(Math.min(...rest)), 1)
        rest.splice(rest.indexOf(Math.max(...rest)), 1)
      }
      return rest.reduce((a, b) => a + b, 0) / rest.length
    }
    const median = middle(like)
    const half = 3 * 1.4826 * middle(like.map((value) => Math.abs(value - median)))
    return { low: Math.max(0, median - half), median, high: median + half, runs: like.length }
  }

  test('is median ± 3 × 1.4826 × MAD of the last twenty like runs', () => {
    fc.assert(
      fc.property(values(8, 40), (before) => {
        const [fast, expected] = [boundaryOf(before, () => 0), slow(before)]
        for (const key of ['low', 'median', 'high', 'runs'] as const) {
          expect(fast?.[key]).toBeCloseTo(expected[key], 6)
        }
      }),
    )
  })

  test('is not drawn from fewer than eight', () => {
    expect(boundaryOf([1, 2, 3, 4, 5, 6, 7], () => 0)).toBeNull()
    expect(boundaryOf([1, 2, 3, 4, 5, 6, 7, 8], () => 0)).not.toBeNull()
  })

  test('is never narrower than what is worth telling', () => {
    expect(boundaryOf(Array(10).fill(100), (median) => median * 0.01)).toMatchObject({ low: 99, high: 101 })
  })

  test('is left on the bad side by as few steady values as its words say', () => {
    const random = createRandom(5, 'boundary')
    const share = (like: number): number => {
      let beyond = 0
      for (let i = 0; i < 4000; i++) {
        const before = Array.from({ length: like }, () => 100 + random.normal())
        if (100 + random.normal() > (boundaryOf(before, () => 0)?.high ?? 0)) beyond++
      }
      return beyond / 4000
    }
    expect(share(8)).toBeLessThan(0.045)
    expect(share(20)).toBeLessThan(0.018)
  })
})

describe('Change points', () => {
  /** Every cut by the definition of the energy distance: three double sums each. */
  function slowCut(z: readonly number[]) {
    const meanApart = (a: readonly number[], b: readonly number[], same: boolean): number => {
      let [sum, count] = [0, 0]
      for (const [i, x] of a.entries()) {
        for (const [j, y] of b.entries()) {
          if (same && i === j) continue
          sum += Math.abs(x - y)
          count++
        }
      }
      return sum / count
    }
    const cuts = z.map((_, m) => {
      const [a, b] = [z.slice(0, m), z.slice(m)]
      if (a.length < 3 || b.length < 3) return Number.NEGATIVE_INFINITY
      const apart = 2 * meanApart(a, b, false) - meanApart(a, a, true) - meanApart(b, b, true)
      return ((a.length * b.length) / z.length) * apart
    })
    return Math.max(...cuts)
  }

  test('cut where the energy distance, taken by its definition, is largest', () => {
    fc.assert(
      fc.property(values(6, 24), (z) => {
        const expected = slowCut(z)
        expect(Math.abs((bestCut(z)?.distance ?? Number.NaN) - expected)).toBeLessThanOrEqual(
          1e-9 * Math.max(1, ...z),
        )
      }),
    )
  })

  test('need three values on each side', () => {
    expect(bestCut([1, 1, 5, 5, 5])).toBeNull()
    expect(bestCut([1, 1, 1, 5, 5, 5])?.at).toBe(3)
  })

  test('are the same each time', () => {
    const z = [1, 2, 1, 2, 1, 2, 9, 8, 9, 8, 9, 8, 9]
    expect(changePoints(z)).toEqual(changePoints(z))
    expect(changePoints(z)).toEqual([6])
  })

  const noisy = (n: number, noise: number, seed: number, level: (i: number) => number): number[] => {
    const random = createRandom(seed, 'series')
    return Array.from({ length: n }, (_, i) => Math.log(level(i)) + noise * random.normal())
  }

  test('are found in at most 5 % of steady series, give or take what 400 of them tell', () => {
    const alarms = Array.from({ length: 400 }, (_, seed) => changePoints(noisy(24, 0.03, seed, () => 100)))
    // 5 % of 400 is 20; with 95 % confidence no more than 29 are seen.
    expect(alarms.filter((cuts) => cuts.length > 0).length).toBeLessThanOrEqual(29)
  })

  test('find a step of 10 % under a noise of 3 %, and where it is', () => {
    const found = Array.from({ length: 100 }, (_, seed) =>
      changePoints(noisy(24, 0.03, 1000 + seed, (i) => (i < 14 ? 100 : 110))),
    )
    expect(found.filter((cuts) => cuts.some((cut) => Math.abs(cut - 14) <= 1)).length).toBeGreaterThanOrEqual(
      95,
    )
  })

  test('find two steps', () => {
    const z = noisy(45, 0.02, 3, (i) => (i < 15 ? 100 : i < 30 ? 115 : 100))
    const cuts = changePoints(z)
    expect(cuts).toHaveLength(2)
    expect(Math.abs((cuts[0] ?? 0) - 15)).toBeLessThanOrEqual(1)
    expect(Math.abs((cuts[1] ?? 0) - 30)).toBeLessThanOrEqual(1)
  })
})

describe('A trend', () => {
  const line = (i: number, p99: FigureValue, rest: Partial<RunFigures> = {}): HistoryLine => ({
    ...runOf({ 'ttft.p99': p99 }, rest),
    run: `ci-${i}`,
    label: `c${i}`,
    startedAtUtc: new Date(Date.UTC(2026, 0, 1 + i)).toISOString(),
  })
  const steady = (n: number, from = 0, level = 100, rest: Partial<RunFigures> = {}): HistoryLine[] => {
    const random = createRandom(from + 1, 'steady')
    return Array.from({ length: n }, (_, i) => line(from + i, level * (1 + 0.01 * random.normal()), rest))
  }
  const trend = (lines: readonly HistoryLine[], keys = ['ttft.p99']) =>
    trendOf('history.ndjson', { lines, unread: [] }, keys)
  const other = runOf({}).place
  if (other === null) throw new Error('the fixture names a machine')
  const moved = { place: { ...other, fingerprint: 'another-one', cpuModel: 'Another processor' } }

  test.each([
    ['within', 100, 'within', 0],
    ['beyond the bad side', 130, 'worse', 1],
    ['beyond the good side', 70, 'better', 0],
    ['among requests that did not complete', 'endless', 'worse', 1],
  ] as const)('whose newest value is %s says so', (_, newest, stands, worse) => {
    const found = trend([...steady(12), line(12, newest)])
    expect(found.series[0]?.newest.stands).toBe(stands)
    expect(found.worse).toBe(worse)
  })

  test('with too few like runs judges nothing', () => {
    expect(trend([...steady(7), line(7, 900)])).toMatchObject({
      worse: 0,
      series: [{ newest: { stands: 'unbounded', text: expect.stringContaining('takes 8 like runs') } }],
    })
  })

  test('is never drawn over runs of another machine: it is marked, and the boundary begins anew', () => {
    const found = trend([...steady(12), ...steady(4, 12, 200, moved)])
    const [series] = found.series
    expect(series?.marks).toEqual([
      {
        at: 12,
        restarts: true,
        text: 'other machine: A processor, 8 cores (0123456789ab) → Another processor, 8 cores (another-one)',
      },
    ])
    expect(series?.points.slice(12).map(({ stands }) => stands)).toEqual(Array(4).fill('unbounded'))
    expect(series?.changes).toEqual([])
  })

  test('back on the first machine is held against the runs that were there', () => {
    const found = trend([...steady(12), ...steady(4, 12, 200, moved), line(16, 130)])
    expect(found.series[0]?.points.at(-1)).toMatchObject({ stands: 'worse', boundary: { runs: 12 } })
  })

  test('marks another version and goes on: what it did is the question', () => {
    const target = { ...runOf({}).target, version: '0.33.0' }
    const found = trend([...steady(12), ...steady(12, 12, 115, { target })])
    const [series] = found.series
    expect(series?.marks).toEqual([{ at: 12, restarts: false, text: 'vllm 0.32.0 → 0.33.0' }])
    expect(series?.changes).toMatchObject([{ at: 12, direction: 'worse' }])
    expect(series?.points[12]?.stands).toBe('worse')
  })

  test('leaves out INVALID runs but shows them', () => {
    const invalid = { validity: { verdict: 'INVALID' as const, codes: ['clock'] } }
    const found = trend([...steady(12), line(12, 500, invalid), line(13, 100)])
    const points = found.series[0]?.points ?? []
    expect(points[12]).toMatchObject({ valid: false, stands: 'unbounded' })
    expect(points[13]?.boundary?.runs).toBe(12)
    expect(found.series[0]?.changes).toEqual([])
  })

  test('keeps profiles, models and points apart', () => {
    const target = { ...runOf({}).target, model: 'llama-3-8b' }
    const found = trend([line(0, 1), line(1, 2, { name: 'rag' }), line(2, 3, { target })])
    expect(found.series.map(({ name, model }) => `${name} ${model}`)).toEqual([
      'chat mistral-7b',
      'rag mistral-7b',
      'chat llama-3-8b',
    ])
  })

  test('tells which figures no run holds', () => {
    expect(trend(steady(3), ['ttft.p99', 'tpot.p50']).absent).toEqual(['tpot.p50'])
  })
})
