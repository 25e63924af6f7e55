import { describe, expect, test } from 'vitest'
import { compareSides } from '../../../src/analyse/comparison/compare-sides.js'
import type { SideInput } from '../../../src/analyse/comparison/input.js'
import type { RunFigures } from '../../../src/record/index.js'
import { apart, FIVE, inputOf, QUIET, runOf, sideOf, times } from './figures.js'

describe('what cannot be compared', () => {
  type Change = Partial<RunFigures> | ((i: number) => Partial<RunFigures>)
  const side = (
    name: string,
    change: Change = {},
    figures: Readonly<Record<string, number>> = {},
  ): SideInput => ({
    name,
    runs: FIVE.map((i) =>
      runOf(
        { 'ttft.p50': (name === 'a' ? QUIET : times(1.1))[i] ?? 0, ...figures },
        typeof change === 'function' ? change(i) : change,
      ),
    ),
  })
  const base = runOf({})
  const place = base.place
  const cases: readonly [string, 'refuse' | 'label', Change, RegExp][] = [
    ['workload', 'refuse', { workloadHash: 'other' }, /^b had another load than a/],
    ['model', 'refuse', { target: { ...base.target, model: 'n' } }, /different models: a m and b n\./],
    [
      'invalid',
      'refuse',
      (i) => (i === 2 ? { validity: { verdict: 'INVALID', codes: ['late'] } } : {}),
      /1 run of b \(late\)/,
    ],
    [
      'place',
      'refuse',
      { place: place && { ...place, cpus: 8, fingerprint: 'g' } },
      /different places: a a processor, 4 CPUs.* b a processor, 8 CPUs/,
    ],
    [
      'transport',
      'label',
      { target: { ...base.target, transport: 'undici' } },
      /a by kernel and b by undici/,
    ],
    [
      'imported',
      'label',
      { tool: { name: 'GuideLLM', version: '0.8.1' }, place: null, workloadHash: null },
      /b by GuideLLM 0\.8\.1/,
    ],
  ]
  test.each(cases)('%s', (code, severity, change, text) => {
    const input = inputOf([side('a'), side('b', change)], { gated: ['ttft.p50'] })
    const found = compareSides(input)
    const check = found.checks.find((c) => c.code === code)
    expect(check).toMatchObject({ severity, allowed: false })
    expect(check?.text).toMatch(text)
    expect(found.comparable).toBe(severity === 'label')
    expect(found.pairs[0]?.answer).toBe(severity === 'label' ? 'worse' : 'not-comparable')
    expect(found.pairs[0]?.metrics.every((m) => severity === 'label' || m.verdict === 'not-shown')).toBe(true)
    const allowed = compareSides({ ...input, allowed: [code] })
    expect(allowed.checks.find((c) => c.code === code)).toMatchObject({ severity: 'label', allowed: true })
    expect(allowed.pairs[0]?.answer).toBe('worse')
  })

  test('answers whose lengths differ by more than a tenth', () => {
    const lengths = (b: number) =>
      compareSides(
        inputOf([side('a', {}, { 'outputTokens.mean': 100 }), side('b', {}, { 'outputTokens.mean': b })]),
      )
    expect(lengths(109).checks).toEqual([])
    expect(lengths(112)).toMatchObject({ comparable: false, checks: [{ code: 'output-tokens' }] })
    expect(lengths(112).checks[0]?.text).toContain('b 112 against 100 of a')
  })

  test('one pair’s defect leaves the others as they are', () => {
    const found = compareSides(
      inputOf([side('a'), side('b', { workloadHash: 'other' }), side('c')], { gated: ['ttft.p50'] }),
    )
    expect(found.comparable).toBe(false)
    expect(found.pairs.map((p) => p.answer)).toEqual(['not-comparable', 'worse'])
  })

  test('blocks with seeds of their own agree with each other, not with the next', () => {
    const seeded = (name: string) => side(name, (i) => ({ workloadHash: `seed ${i}` }))
    expect(compareSides(inputOf([seeded('a'), seeded('b')])).checks).toEqual([])
    const shifted = side('b', (i) => ({ workloadHash: `seed ${i + 1}` }))
    expect(compareSides(inputOf([seeded('a'), shifted])).comparable).toBe(false)
  })

  test('few runs and runs that were measured apart are labelled', () => {
    const three = (name: string) => sideOf(name, 'ttft.p50', [1, 2, 3])
    const found = compareSides(inputOf([three('a'), three('b')], { design: apart }))
    expect(found.checks.map((c) => [c.code, c.severity])).toEqual([
      ['not-interleaved', 'label'],
      ['few-runs', 'label'],
    ])
    const one = compareSides(inputOf([sideOf('a', 'ttft.p50', [1]), sideOf('b', 'ttft.p50', [2])]))
    expect(one.checks[0]?.text).toContain('no verdict is given')
  })

  test('tokens of tokenizers that cut differently are labelled', () => {
    const found = compareSides(
      inputOf([
        { ...side('a'), charsPerToken: 4 },
        { ...side('b'), charsPerToken: 3 },
      ]),
    )
    expect(found.checks).toMatchObject([{ code: 'tokenizer', severity: 'label' }])
    expect(found.checks[0]?.text).toContain('4 characters on a and 3 characters on b')
  })
})
