import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FIGURES } from '../../src/analyse/index.js'
import { parseGate } from '../../src/decide/index.js'
import { METRIC_NAMES, parseObjective } from '../../src/profile/index.js'

describe('A gate', () => {
  test.each([
    // as a gate is mostly written
    ['ttft.p99 < 500ms', { kind: 'limit', key: 'ttft.p99', comparison: '<', limit: 500, at: null }],
    // as a profile writes it
    ['ttft p99 <= 500 ms', { kind: 'limit', key: 'ttft.p99', comparison: '<=', limit: 500 }],
    // another unit of the same kind
    ['tpot.p50<0.05s', { kind: 'limit', key: 'tpot.p50', limit: 50 }],
    ['ttft.mean < 900us', { kind: 'limit', key: 'ttft.mean', limit: 0.9 }],
    // no unit: the figure's own
    ['ttft.p99 < 500', { kind: 'limit', limit: 500 }],
    // shares are 0 to 1 inside
    ['errorRate < 7%', { kind: 'limit', limit: 0.07 }],
    ['goodShare >= 99 %', { kind: 'limit', comparison: '>=', limit: 0.99 }],
    ['errorRate <= 1', { kind: 'limit', limit: 0.01 }],
    // of a sweep
    ['kneeAt > 16', { kind: 'limit', key: 'kneeAt', comparison: '>', limit: 16 }],
    ['ttft.p99 at concurrency=8 < 1 s', { kind: 'limit', at: 'concurrency=8', limit: 1000 }],
    [
      'ttft p99 at engine.maxNumSeqs=8 concurrency=4 <= 1 s',
      { at: 'engine.maxNumSeqs=8 concurrency=4', key: 'ttft.p99' },
    ],
    // against a baseline
    ['outputTokensPerS regression < 5%', { kind: 'regression', key: 'outputTokensPerS', limit: 0.05 }],
    ['ttft.p99 regression < 7 %', { kind: 'regression', key: 'ttft.p99', limit: 0.07, comparison: '<' }],
    ['ttft p99 at concurrency=8 regression <= 10%', { kind: 'regression', at: 'concurrency=8' }],
  ])('%s is read', (text, expected) => {
    expect(parseGate(text)).toMatchObject({ ...expected, source: 'flag' })
  })

  test.each([
    ['tftt.p99 < 5 ms', 'unknown figure "tftt"; did you mean "ttft"?'],
    ['ttft < 5 ms', 'ttft needs one of the statistics p50, p90, p95, p99, mean; got none'],
    ['ttft.p98 < 5 ms', 'got "p98"; did you mean'],
    [
      'requestsPerS.p99 > 5',
      'requestsPerS is one figure for the whole run and takes no statistic; got "p99"',
    ],
    ['ttft.p99 < 5 tokens', 'ttft.p99 is measured in ms; got the unit "tokens"'],
    ['ttft.p99 < 5 parsecs', 'ttft.p99 is measured in ms; got the unit "parsecs"'],
    ['kneeAt > 16 ms', 'kneeAt has no unit; got the unit "ms"'],
    ['outputTokensPerS regression < 5', "a regression is a share of the baseline's value, in %; got no unit"],
    ['ttft.p99 regression < 5 ms', 'got the unit "ms"'],
    ['ttft.p99 regression > 5 %', 'expected "ttft.p99 regression < LIMIT %"; got ">"'],
    ['outputTokens.p50 regression < 5 %', 'is neither better nor worse when it changes'],
    ['ttft.p99', 'expected FIGURE < LIMIT UNIT'],
    ['ttft.p99 < -5 ms', 'expected FIGURE < LIMIT UNIT'],
    ['', 'expected FIGURE < LIMIT UNIT'],
  ])('%s is refused, with the way out', (text, message) => {
    expect(parseGate(text)).toContain(message)
  })

  const UNITS: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
    ms: [
      ['ms', 1],
      ['s', 1000],
      ['us', 0.001],
      ['', 1],
    ],
    'tokens/s': [
      ['tok/s', 1],
      ['tokens/s', 1],
    ],
    tokens: [['tokens', 1]],
    'requests/s': [['req/s', 1]],
    'characters/s': [['characters/s', 1]],
    share: [
      ['%', 0.01],
      ['', 0.01],
    ],
    '': [['', 1]],
  }
  const space = fc.constantFrom('', ' ', '  ')

  test('that is put together from any figure, comparison, number and unit is read as that', () => {
    const figure = fc.constantFrom(...FIGURES)
    const number = fc.double({ min: 0, max: 1e6, noNaN: true }).map((x) => x.toFixed(3))
    fc.assert(
      fc.property(
        figure,
        fc.constantFrom('<', '<=', '>', '>='),
        number,
        fc.nat(),
        fc.constantFrom('.', ' '),
        space,
        (f, comparison, written, pick, dot, gap) => {
          const units = UNITS[f.unit] ?? []
          const [unit, factor] = units[pick % units.length] ?? ['', Number.NaN]
          const text = `${gap}${f.key.replace('.', dot)} ${comparison}${gap}${written}${gap}${unit}`
          const gate = parseGate(text)
          expect(gate).toMatchObject({ kind: 'limit', key: f.key, comparison })
          if (typeof gate !== 'string') expect(gate.limit).toBeCloseTo(Number(written) * factor, 6)
        },
      ),
    )
  })

  test('of the profile’s grammar means what it means there', () => {
    const statistic = fc.constantFrom('p50', 'p90', 'p95', 'p99', 'mean')
    const metric = fc.constantFrom(...METRIC_NAMES)
    fc.assert(
      fc.property(
        metric,
        statistic,
        fc.constantFrom('<=', '>='),
        fc.integer({ min: 0, max: 1e6 }),
        (m, s, c, n) => {
          const text = `${m} ${s} ${c} ${n}`
          const objective = parseObjective(text)
          if (typeof objective === 'string') throw new Error(objective)
          expect(parseGate(text)).toMatchObject({
            key: `${m}.${s}`,
            comparison: objective.comparison,
            limit: objective.limit,
          })
        },
      ),
    )
  })

  test('that is any other text gives a message and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const parsed = parseGate(text)
        if (typeof parsed === 'string') expect(parsed.length).toBeGreaterThan(10)
      }),
    )
  })
})
