import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareSides } from '../../../src/analyse/comparison/compare-sides.js'
import type { MetricComparison } from '../../../src/analyse/comparison/findings.js'
import type { SideInput } from '../../../src/analyse/comparison/input.js'
import { apart, blocksOf, compare, FIVE, inputOf, point, QUIET, runOf, sideOf, times } from './figures.js'

describe('the verdict of a figure', () => {
  const cases: readonly [string, string, number, MetricComparison['verdict']][] = [
    ['a latency that rises beyond the margin', 'ttft.p50', 1.1, 'worse'],
    ['a latency that falls beyond it', 'ttft.p50', 0.9, 'better'],
    ['a rate that rises beyond it', 'outputTokensPerS', 1.1, 'better'],
    ['a rate that falls beyond it', 'outputTokensPerS', 0.9, 'worse'],
    ['a change that is real, but within the margin', 'ttft.p50', 1.02, 'equivalent'],
    ['a tail within its wider margin', 'ttft.p99', 1.08, 'equivalent'],
    ['a length, of which neither more nor less is better', 'inputTokens.mean', 1.08, 'not-shown'],
  ]
  test.each(cases)('%s', (_, key, by, verdict) => {
    expect(compare(key, QUIET, times(by)).verdict).toBe(verdict)
  })

  test('is not shown where runs differ as much, with the runs that would settle it', () => {
    const metric = compare('ttft.p50', [100, 120, 90, 110, 95], [118, 104, 121, 99, 120])
    expect(metric).toMatchObject({ verdict: 'not-shown', method: 'paired t' })
    expect(metric.runsNeeded).toBeGreaterThan(5)
    expect(metric.text).toMatch(
      /^9\.\d+ % higher \(95 % interval: .* lower to .* higher\): neither a difference nor equivalence within 5 % is shown\. About \d+ runs a side would settle it\.$/,
    )
  })

  test('says by how much, how surely and against which margin', () => {
    expect(compare('ttft.p50', QUIET, times(1.1)).text).toBe(
      '9.98 % higher (95 % interval: 9.72 to 10.2 % higher), beyond the margin of 5 %.',
    )
  })

  test('follows the margin that was set', () => {
    expect(compare('ttft.p50', QUIET, times(1.1), { margins: { 'ttft.p50': 0.2 } }).verdict).toBe(
      'equivalent',
    )
  })

  test('goes by the level of the look', () => {
    const sides = [
      [100, 103, 98, 101, 99],
      [108, 106, 109, 104, 112],
    ] as const
    expect(compare('ttft.p50', ...sides).verdict).toBe('worse')
    const strict = {
      ...inputOf([sideOf('a', 'k', [1, 1, 1, 1, 1])]).design,
      level: 0.0001,
      blocks: blocksOf(2),
    }
    expect(compare('ttft.p50', ...sides, { design: strict }).verdict).toBe('not-shown')
  })

  test('needs two runs a side', () => {
    const metric = compare('ttft.p50', [100], [200])
    expect(metric).toMatchObject({ verdict: 'not-shown', method: 'none', p: null, runsNeeded: null })
    expect(metric.effect).toEqual({ value: expect.closeTo(2, 12), low: null, high: null })
  })

  test('of runs without any scatter is equivalent where they agree, and goes by ranks where they do not', () => {
    const eight = [8, 8, 8, 8, 8]
    expect(compare('requestsPerS', eight, eight)).toMatchObject({ verdict: 'equivalent', p: 1 })
    const found = compare('requestsPerS', eight, [16, 16, 16, 16, 16])
    expect(found).toMatchObject({ verdict: 'better', method: 'ranks', effect: { value: 2, low: null } })
    expect(found.p).toBeCloseTo(2 / 252, 12)
    expect(compare('requestsPerS', eight.slice(2), [16, 16, 16])).toMatchObject({
      verdict: 'not-shown',
      p: 0.1,
    })
  })
})

describe('whatever the runs came to', () => {
  const value = fc.oneof(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), fc.constant('endless' as const))
  const side = fc.array(value, { minLength: 2, maxLength: 6 })
  const OPPOSITE = { better: 'worse', worse: 'better', equivalent: 'equivalent', 'not-shown': 'not-shown' }

  test('to change the sides turns the verdict round', () => {
    fc.assert(
      fc.property(side, side, (a, b) => {
        const [there, back] = [
          compare('ttft.p50', a, b, { design: apart }),
          compare('ttft.p50', b, a, { design: apart }),
        ]
        expect(back.verdict).toBe(OPPOSITE[there.verdict])
        expect(back.p).toEqual(there.p === null ? null : expect.closeTo(there.p, 9))
        expect(back.permutation?.p).toEqual(there.permutation?.p)
        if (there.effect !== null) expect((back.effect?.value ?? 0) * there.effect.value).toBeCloseTo(1, 6)
      }),
    )
  })

  test('the interval holds the estimate, and the verdict agrees with it', () => {
    fc.assert(
      fc.property(side, side, (a, b) => {
        const { effect, verdict, margin, p } = compare('ttft.p50', a, b, { design: apart })
        if (p !== null) expect(p >= 0 && p <= 1).toBe(true)
        if (effect === null || effect.low === null || effect.high === null) return
        expect(effect.low <= effect.value && effect.value <= effect.high).toBe(true)
        if (verdict === 'worse') expect(effect.low).toBeGreaterThan(1)
        if (verdict === 'better') expect(effect.high).toBeLessThan(1)
        if (verdict === 'equivalent') expect(effect.high).toBeLessThan(1 + margin)
      }),
    )
  })
})

describe('runs measured in blocks', () => {
  // Each block is slower than the one before; the sides differ by a tenth in every one.
  const drifting = [100, 120, 150, 190, 240]

  test('are compared inside them', () => {
    const b = drifting.map((v, i) => v * (1.1 + 0.002 * i))
    expect(compare('ttft.p50', drifting, b)).toMatchObject({ method: 'paired t', verdict: 'worse' })
    expect(compare('ttft.p50', drifting, b, { design: apart })).toMatchObject({
      method: 'Welch t',
      verdict: 'not-shown',
    })
  })

  test('are left out where their block is not whole', () => {
    const design = {
      ...inputOf([]).design,
      blocks: [
        [0, 0],
        [1, null],
        [2, 1],
        [3, 2],
      ],
    }
    const sides = [sideOf('a', 'ttft.p50', [100, 500, 101, 99]), sideOf('b', 'ttft.p50', [110.2, 111, 109.1])]
    const metric = compareSides(inputOf(sides, { design })).pairs[0]?.metrics[0]
    expect(metric?.effect?.value).toBeCloseTo(1.101, 3)
  })

  test('have sign flips beside the t test, with the least p that they can give', () => {
    expect(compare('ttft.p50', QUIET, times(1.1)).permutation).toEqual({ p: 2 / 32, least: 2 / 32 })
    expect(compare('ttft.p50', QUIET, times(1.1), { design: apart }).permutation).toEqual({
      p: expect.closeTo(2 / 252, 12),
      least: expect.closeTo(2 / 252, 12),
    })
  })
})

describe('failures inside the latency question', () => {
  const endless = ['endless', 'endless', 'endless', 'endless', 'endless'] as const

  test('a quantile that falls among requests that did not complete is compared by ranks', () => {
    const worse = compare('ttft.p99', QUIET, endless)
    expect(worse).toMatchObject({ method: 'ranks', verdict: 'worse', effect: null, centreB: null })
    expect(worse.text).toBe(
      'ranks higher (in some runs it falls among requests that did not complete; by ranks, p = 0.00794).',
    )
    expect(compare('ttft.p99', endless, QUIET).verdict).toBe('better')
    expect(compare('ttft.p99', endless, endless).verdict).toBe('not-shown')
    expect(compare('perStreamTokensPerS.p50', QUIET, endless).verdict).toBe('worse')
  })

  test('one endless run among five is not enough, and no mean is made up of the others', () => {
    expect(compare('ttft.p99', QUIET, [...QUIET.slice(1), 'endless'])).toMatchObject({
      method: 'ranks',
      verdict: 'not-shown',
      centreB: null,
    })
  })

  test('who sheds requests is not called faster', () => {
    const shedding: SideInput = {
      name: 'b',
      runs: FIVE.map((i) =>
        runOf({}, { points: [point({ 'ttft.p50': times(0.5)[i] ?? 0, errorRate: 0.2 }, { failed: 200 })] }),
      ),
    }
    const steady: SideInput = {
      name: 'a',
      runs: FIVE.map((i) => runOf({ 'ttft.p50': QUIET[i] ?? 0, errorRate: 0 })),
    }
    const [pair] = compareSides(inputOf([steady, shedding], { gated: ['ttft.p50', 'errorRate'] })).pairs
    const [ttft, errors] = pair?.metrics ?? []
    expect(ttft).toMatchObject({ key: 'ttft.p50', verdict: 'not-shown' })
    expect(ttft?.text).toContain('but the share of requests that did not complete is 20 points higher')
    expect(errors).toMatchObject({ key: 'errorRate', method: 'Newcombe', verdict: 'worse' })
    expect(pair?.answer).toBe('worse')
    const [share] = pair?.shares ?? []
    expect(share).toMatchObject({ key: 'errorRate', a: { count: 0, of: 5000 }, b: { count: 1000, of: 5000 } })
  })
})
