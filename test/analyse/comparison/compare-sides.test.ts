import { describe, expect, test } from 'vitest'
import { compareSides } from '../../../src/analyse/comparison/compare-sides.js'
import type { SideInput } from '../../../src/analyse/comparison/input.js'
import { CURVE_QUANTILES, type RunFigures } from '../../../src/record/index.js'
import { figure, inputOf, point, QUIET, runOf, sideOf, sideWith, times } from './figures.js'

describe('several figures', () => {
  /** Differences that a t test alone finds at 4 %, and so not as one of three. */
  const faint = (seed: number) => QUIET.map((v, i) => v * (1.06 + 0.045 * Math.sin(seed + i * 1.3)))

  test('the gated ones are corrected for being several, the others are not', () => {
    const keys = ['ttft.p50', 'tpot.p50', 'e2e.p50']
    const one = (name: string, values: readonly number[]) =>
      sideWith(name, Object.fromEntries(keys.map((k) => [k, values])))
    const sides = [one('a', QUIET), one('b', faint(0))]
    const alone = compareSides(inputOf(sides, { gated: ['ttft.p50'] })).pairs[0]?.metrics[0]
    expect(alone?.p).toBeGreaterThan(0.05 / 3)
    expect(alone).toMatchObject({ verdict: 'worse', pHolm: alone?.p })
    const all = compareSides(inputOf(sides, { gated: keys })).pairs[0]?.metrics ?? []
    expect(all.slice(0, 3).map((m) => [m.pHolm, m.verdict])).toEqual(
      keys.map(() => [expect.closeTo(3 * (alone?.p ?? 0), 9), 'not-shown']),
    )
    expect(all[0]?.text).toMatch(
      /: it would count alone, but not as one of several \(p = 0\.\d+ after Holm\)\. About \d+ runs a side would settle it\.$/,
    )
    expect(all[0]?.runsNeeded).toBeGreaterThan(5)
    const [, exploratory] = compareSides(inputOf(sides, { gated: ['ttft.p50'] })).pairs[0]?.metrics ?? []
    expect(exploratory).toMatchObject({ gated: false, pHolm: null, verdict: 'worse' })
  })

  const answers: readonly [string, number, number, string, RegExp][] = [
    [
      'better',
      0.9,
      1.1,
      'better',
      /^b is better than a: Time to first token p50 10 % lower \(95 % interval: 9\.8 to 10\.2 % lower\) and Output tokens /,
    ],
    ['worse', 1.1, 1, 'worse', /^b is worse than a: .* Equivalent: Output tokens\.$/],
    ['mixed', 0.9, 0.9, 'mixed', /Better: Time to first token p50 .* Worse: Output tokens /],
    ['equivalent', 1, 1, 'equivalent', /^b and a are equivalent: 2 figures judged, all within the margin\.$/],
  ]
  test.each(answers)('the answer is %s', (_, ttft, tokens, answer, text) => {
    const sides = [
      sideWith('a', { 'ttft.p50': QUIET, outputTokensPerS: QUIET }),
      sideWith('b', { 'ttft.p50': times(ttft), outputTokensPerS: times(tokens) }),
    ]
    const [pair] = compareSides(inputOf(sides, { gated: ['ttft.p50', 'outputTokensPerS'] })).pairs
    expect(pair?.answer).toBe(answer)
    expect(pair?.text).toMatch(text)
  })

  test('every other side is held against the first', () => {
    const found = compareSides(
      inputOf(
        [1, 1.1, 0.9].map((by, i) => sideOf('abc'[i] ?? '', 'ttft.p50', times(by))),
        { gated: ['ttft.p50'] },
      ),
    )
    expect(found.pairs.map(({ a, b, answer }) => [a, b, answer])).toEqual([
      ['a', 'b', 'worse'],
      ['a', 'c', 'better'],
    ])
  })

  test('gated ones come first, then points in order of load, and figures of a whole sweep before them', () => {
    const sweep = (by: number): RunFigures =>
      runOf(
        {},
        {
          unit: 'sweep',
          points: [8, 32].map((n) =>
            point({ 'ttft.p50': n * by, outputTokensPerS: n / by }, { label: `concurrency=${n}` }),
          ),
          overall: { kneeAt: figure(16 * by), peakOutputTokensPerS: figure(900) },
        },
      )
    const side = (name: string, by: number): SideInput => ({
      name,
      runs: times(by).map((v) => sweep(v / 100)),
    })
    const [pair] = compareSides(inputOf([side('a', 1), side('b', 1.3)], { gated: ['ttft.p50'] })).pairs
    expect(pair?.metrics.map((m) => `${m.key} ${m.at} ${m.verdict}`)).toEqual([
      'ttft.p50 concurrency=8 worse',
      'ttft.p50 concurrency=32 worse',
      'peakOutputTokensPerS sweep equivalent',
      'kneeAt sweep better',
      'outputTokensPerS concurrency=8 worse',
      'outputTokensPerS concurrency=32 worse',
    ])
    expect(pair?.text).toContain('at concurrency=8')
  })
})

describe('the shift function', () => {
  const withCurve = (name: string, by: number, jitter: number[]): SideInput => ({
    name,
    runs: times(by, jitter).map((v) =>
      runOf(
        {},
        {
          points: [
            point({}, { curves: { ttft: CURVE_QUANTILES.map((q) => (q > 0.99 ? null : v * (1 + q))) } }),
          ],
        },
      ),
    ),
  })

  test('tells how much each quantile moved, with a band for all of them that is wider than each interval', () => {
    const [shift] =
      compareSides(
        inputOf([withCurve('a', 1, [0, 0.4, -0.2, 0.1, 0]), withCurve('b', 1.1, [0.3, -0.3, 0, 0.1, 0])]),
      ).pairs[0]?.shifts ?? []
    expect(shift).toMatchObject({ metric: 'ttft', at: 'run' })
    const median = shift?.points.find((p) => p.quantile === 0.5)
    expect(median?.ratio?.value).toBeCloseTo(1.1, 2)
    expect(median?.bandLow).toBeLessThan(median?.ratio?.low ?? 0)
    expect(median?.bandHigh).toBeGreaterThan(median?.ratio?.high ?? 9)
    expect(shift?.points.at(-1)).toMatchObject({
      quantile: 0.999,
      a: null,
      b: null,
      ratio: null,
      bandLow: null,
    })
  })
})

describe('prompts that both sides were asked', () => {
  const request = (prompt: number, over: object = {}) => ({
    ...{ block: 0, prompt, at: 'run', ttftMs: 100, e2eMs: 500, completed: true },
    ...over,
  })
  const failed = { ttftMs: null, e2eMs: null, completed: false }

  test('are paired, and McNemar’s test counts those that failed on one side alone', () => {
    const a = { ...sideOf('a', 'errorRate', [0, 0]), prompts: [0, 1, 2, 3, 4, 5, 6].map((p) => request(p)) }
    const b = {
      ...sideOf('b', 'errorRate', [0, 0]),
      prompts: [0, 1, 2, 3, 4, 5].map((p) => request(p, failed)).concat(request(6), request(7)),
    }
    const [pair] = compareSides(inputOf([a, b])).pairs
    expect(pair?.shares[0]?.mcnemar).toEqual({ onlyA: 0, onlyB: 6, p: expect.closeTo(2 / 64, 12) })
    expect(pair?.prompts).toEqual([
      { metric: 'ttft', unit: 'ms', at: 'run', pairs: [[100, 100]] },
      { metric: 'e2e', unit: 'ms', at: 'run', pairs: [[500, 500]] },
    ])
  })

  test('are thinned evenly where they are many', () => {
    const prompts = Array.from({ length: 6000 }, (_, p) => request(p, { ttftMs: p, e2eMs: null }))
    const side = (name: string) => ({ ...sideOf(name, 'errorRate', [0, 0]), prompts })
    const [ttft] = compareSides(inputOf([side('a'), side('b')])).pairs[0]?.prompts ?? []
    expect(ttft?.pairs).toHaveLength(1500)
    expect(ttft?.pairs.slice(0, 3)).toEqual([
      [0, 0],
      [4, 4],
      [8, 8],
    ])
  })
})

test('a request costs what its tokens cost', () => {
  const priced: SideInput = {
    name: 'a',
    runs: [runOf({ 'inputTokens.mean': 1000, 'outputTokens.mean': 200 })],
    price: { inputPerMillion: 1, outputPerMillion: 5, source: 'list' },
  }
  const [side] = compareSides(inputOf([priced])).sides
  expect(side?.cost).toEqual({ usdPerRequest: 0.002, usdPerMillionOutputTokens: 10, source: 'list' })
})
