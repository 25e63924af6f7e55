import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MetricComparison } from '../../../src/analyse/index.js'
import { differenceScale, ratioScale } from '../../../src/report/comparison/charts/axis.js'
import { forestChart } from '../../../src/report/comparison/charts/forest.js'
import { type ForestRow, placesOf } from '../../../src/report/comparison/charts/forest-rows.js'
import { scatterChart } from '../../../src/report/comparison/charts/scatter.js'
import { kneeOf } from '../../../src/report/comparison/charts/sweeps.js'
import { viewOf } from '../../../src/report/comparison/view.js'
import { renderSvg } from '../../../src/report/render-svg.js'
import { comparison, sweepRecipe } from './fixture.js'

const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((m) => m[1] ?? '')
const labels = (svg: string): string[] => [...svg.matchAll(/aria-label="([^"]*)"/g)].map((m) => m[1] ?? '')

const metric = (change: Partial<MetricComparison> = {}): MetricComparison => ({
  key: 'ttft.p50',
  label: 'Time to first token p50',
  unit: 'ms',
  at: 'run',
  better: 'lower',
  a: [100, 110],
  b: [80, 'endless', null],
  centreA: 105,
  centreB: 80,
  scale: 'ratio',
  effect: { value: 0.8, low: 0.7, high: 0.9 },
  method: 'Welch t',
  p: 0.01,
  pHolm: 0.02,
  permutation: null,
  gated: true,
  margin: 0.05,
  verdict: 'better',
  text: '',
  runsNeeded: null,
  ...change,
})

const row = (change: Partial<MetricComparison> = {}, label = 'TTFT p50'): ForestRow => {
  const own = metric(change)
  return { label, short: label, metric: own, verdict: own.verdict, nameA: 'a', nameB: 'b', slotB: 1 }
}

describe('the axis of changes', () => {
  test('is as wide to the one side as to the other, and every tick lies on it', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true })), (ratios) => {
        const { domain, ticks } = ratioScale(ratios)
        expect(domain[0] * domain[1]).toBeCloseTo(1, 9)
        expect(ticks).toContain(1)
        for (const tick of ticks) expect(tick >= domain[0] && tick <= domain[1]).toBe(true)
      }),
    )
  })

  test.each([
    [[1.01], 2],
    [[0.8, 1.25], 5],
    [[0.5, 2], 5],
    [[0.1, 10], 5],
  ])('of %j has room for at least %i ticks', (ratios, least) => {
    expect(ratioScale(ratios).ticks.length).toBeGreaterThanOrEqual(least)
  })

  test('differences of shares are as wide on both sides, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true })), (values) => {
        const { domain, ticks } = differenceScale(values)
        expect(domain[0]).toBe(-domain[1])
        expect(ticks.length).toBeGreaterThanOrEqual(3)
      }),
      { numRuns: 1000, examples: [[[-0.004612159329140462]]] },
    )
  })
})

describe('the forest', () => {
  test('places runs over the base’s centre, and has no place for one that did not complete', () => {
    expect(placesOf(metric(), 'a')).toEqual([100 / 105, 110 / 105])
    expect(placesOf(metric(), 'b')).toEqual([80 / 105, null, null])
    expect(placesOf(metric({ scale: 'difference', centreA: 0.01, b: [0.04] }), 'b')).toEqual([0.03])
  })

  test('says figure, sides, change, interval and verdict at its mark, and names the verdict beside it', async () => {
    const svg = await renderSvg(forestChart([row()], false))
    expect(labels(svg)).toEqual(['TTFT p50: a 105 ms, b 80 ms: −20 % (−30 % to −10 %), better'])
    expect(texts(svg)).toContain('✓ better')
    expect(texts(svg)).toContain('equal')
  })

  test.each([
    [
      'an effect without an interval',
      [row({ effect: { value: 1.2, low: null, high: null }, verdict: 'not-shown' })],
    ],
    [
      'a base of which every run is endless',
      [row({ a: ['endless', 'endless'], centreA: null, effect: null })],
    ],
    ['an interval beyond every axis', [row({ effect: { value: 3, low: 1e-9, high: 1e9 } })]],
    [
      'shares alone',
      [row({ scale: 'difference', centreA: 0, a: [0], b: [0], effect: { value: 0, low: 0, high: 0 } })],
    ],
    ['two rows of one name', [row(), row()]],
    ['no row', []],
  ])('draws %s without a warning, in both widths', async (_, rows) => {
    for (const narrow of [false, true]) expect(await renderSvg(forestChart(rows, narrow))).toContain('<svg')
  })
})

describe('other charts of a comparison', () => {
  test('the scatter of a thousand pairs at one place is one dot', async () => {
    const pairs = Array.from({ length: 1000 }, () => [100, 90] as const)
    const prompts = { metric: 'ttft', unit: 'ms', at: 'run', pairs }
    const svg = await renderSvg(scatterChart([{ title: 'b', slot: 0, prompts }], 'a', false))
    expect(svg.length).toBeLessThan(20_000)
  })

  test('a knee is the median over the runs, with their range', () => {
    const view = viewOf(comparison(sweepRecipe))
    const [side] = view.sides
    const knees = (side?.runs ?? []).map((r) => Number(r.overall.kneeAt?.value)).toSorted((a, b) => a - b)
    expect(side && kneeOf(side)).toEqual({ at: knees[1], low: knees[0], high: knees[2] })
    expect(side && kneeOf({ ...side, runs: [] })).toBeNull()
  })
})
