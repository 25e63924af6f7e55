import { describe, expect, test } from 'vitest'
import type { MetricComparison } from '../../src/analyse/index.js'
import { estimateText } from '../../src/cli/compare/estimate.js'
import { compareExit } from '../../src/cli/compare/finish.js'
import { forestOf } from '../../src/cli/compare/forest.js'
import { comparisonText } from '../../src/cli/compare/text.js'
import { boundsText, changeText, intervalText, marginText } from '../../src/cli/compare/words.js'
import { comparison, type Recipe } from '../report/comparison/fixture.js'

const metric = (over: Partial<MetricComparison>): MetricComparison =>
  ({ key: 'ttft.p50', at: 'run', scale: 'ratio', margin: 0.05, ...over }) as MetricComparison
const effect = (value: number, low: number | null = null, high: number | null = null) => ({
  effect: { value, low, high },
})

describe('changes in words', () => {
  test.each([
    { scale: 'ratio', value: 1.092, low: 1.071, high: 1.113, says: ['+9.2 %', '+7.1 … +11.3'] },
    { scale: 'ratio', value: 0.98, low: 0.95, high: 1.01, says: ['−2.0 %', '−5.0 … +1.0'] },
    // So small that it is none.
    { scale: 'ratio', value: 1.0002, low: 0.9996, high: 1.0004, says: ['0 %', '0 … 0'] },
    // Two runs a side may say nothing at all.
    { scale: 'ratio', value: 1.38, low: 0.0001, high: 53_900, says: ['+38.0 %', '−100 … > +999'] },
    { scale: 'ratio', value: 2.345, low: null, high: null, says: ['+135 %', '–'] },
    {
      scale: 'difference',
      value: 0.0052,
      low: -0.001,
      high: 0.0123,
      says: ['+0.52 points', '−0.10 … +1.23'],
    },
    { scale: 'difference', value: 0, low: null, high: 0.02, says: ['0 points', '… +2.00'] },
  ] as const)('$scale $value', ({ scale, value, low, high, says }) => {
    const m = metric({ scale, ...effect(value, low, high) })
    expect([changeText(m), boundsText(m)]).toEqual(says)
  })

  test('what was not measured is a dash', () => {
    const m = metric({ effect: null })
    expect([changeText(m), boundsText(m), intervalText(m)]).toEqual(['–', '–', '–'])
  })

  test.each([
    ['ratio', 0.1, '±10 %'],
    ['difference', 0.01, '±1 point'],
    ['difference', 0.005, '±0.5 points'],
  ] as const)('a margin of a %s', (scale, margin, says) => {
    expect(marginText({ scale, margin })).toBe(says)
  })
})

describe('the forest of characters', () => {
  test('has no change in its middle, more on the right, and the margin as its ground', () => {
    const { head, rows } = forestOf([
      metric({ margin: 0.05, ...effect(1.3, 1.2, 1.4) }),
      metric({ margin: 0.05, ...effect(1 / 1.3, 1 / 1.4, 1 / 1.2) }),
      metric({ margin: 0.05, effect: null }),
    ])
    const [more = '', less = '', none = ''] = rows
    expect(head.indexOf('┊')).toBe(none.indexOf('┊'))
    expect(none.trim()).toBe('·┊·')
    expect(more.indexOf('●')).toBeGreaterThan(more.indexOf('┊'))
    // On logarithms a third more and a third less lie as far from the middle.
    expect(less.length - 1 - less.indexOf('●')).toBe(more.indexOf('●'))
    expect(new Set([head, ...rows].map((row) => row.length)).size).toBe(1)
  })

  test('one wide interval goes on beyond the edges, and presses no other into the middle', () => {
    const narrow = metric(effect(1.3, 1.28, 1.32))
    const [alone] = forestOf([narrow]).rows
    const [beside, wide = ''] = forestOf([narrow, metric(effect(1.1, 0.001, 1000))]).rows
    expect(beside).toBe(alone)
    expect(wide).toMatch(/^‹─+●─+›$/)
  })
})

const two = (over: Partial<Recipe> = {}, slow = 1.3) =>
  comparison({ sides: [{ name: 'base' }, { name: 'new', slow }], spread: 0.01, ...over })

describe('the text', () => {
  test('begins with the answer, names every side, and keeps to the width', () => {
    const findings = two()
    const text = comparisonText(findings, 100)
    const [pair] = findings.pairs
    expect(text.replaceAll('\n', ' ').startsWith(pair?.text ?? '–')).toBe(true)
    expect(text).toMatch(/^base +5 runs · /m)
    expect(text).toMatch(/^new +5 runs · /m)
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  test('a verdict a line for each gated figure, and no other', () => {
    const findings = two()
    const gated = findings.pairs[0]?.metrics.filter((m) => m.gated) ?? []
    const lines = comparisonText(findings, 110)
      .split('\n')
      .filter((line) => /[▲▼=?] (better|worse|equivalent|not shown)$/.test(line))
    expect(gated.length).toBeGreaterThan(2)
    expect(lines).toHaveLength(gated.length)
  })

  test('where the terminal is narrow the drawing is left out, and no figure', () => {
    const findings = two()
    expect(comparisonText(findings, 110)).toContain('┊')
    const narrow = comparisonText(findings, 80)
    expect(narrow).not.toContain('┊')
    expect(narrow).toMatch(/TTFT p50, ms .* ▼ worse/)
  })

  test('nothing refused is given a verdict', () => {
    const refused = two({
      sides: [
        { name: 'base', model: 'm' },
        { name: 'new', model: 'n', slow: 1.3 },
      ],
    })
    expect(refused.comparable).toBe(false)
    const text = comparisonText(refused, 100)
    expect(text).toMatch(/^ {2}✗ model: .*--allow model/ms)
    expect(text).not.toMatch(/▼ worse|▲ better/)
    expect(text).not.toContain('Not shown')
  })

  test('a quantile among requests that failed is endless, not unknown', () => {
    const findings = two()
    const lost = { a: [180, 'endless'], centreA: null, b: [null, null], centreB: null, effect: null } as const
    const pairs = findings.pairs.map((p) => ({
      ...p,
      metrics: p.metrics.map((m) => (m.key === 'ttft.p99' ? { ...m, ...lost } : m)),
    }))
    expect(comparisonText({ ...findings, pairs }, 110)).toMatch(/^TTFT p99, ms +∞ +– +– /m)
  })

  test('long settings are shown from where they part', () => {
    const line = (seqs: number) => `vllm serve ${'a'.repeat(60)} --dtype float32 --max-num-seqs ${seqs}`
    const differences = [{ key: 'launch', values: [line(4), line(32)] }]
    expect(comparisonText({ ...two(), differences }, 110)).toContain(
      '  launch: … --max-num-seqs 4 | … --max-num-seqs 32',
    )
  })

  test('of a sweep the figures stand under their load', () => {
    const text = comparisonText(two({ unit: 'sweep' }), 110)
    const lines = text.split('\n')
    const at = lines.indexOf('concurrency=8')
    expect(at).toBeGreaterThan(0)
    expect(lines[at + 1]).toMatch(/^ {2}\S/)
  })
})

describe('the estimate between blocks', () => {
  test('has a line for each gated figure', () => {
    const findings = two()
    const lines = estimateText(findings, 30).split('\n')
    expect(lines[0]).toBe('after 5 runs a side')
    expect(lines.slice(1)).toHaveLength(findings.pairs[0]?.metrics.filter((m) => m.gated).length ?? 0)
    expect(lines[1]).toMatch(/^ {2}TTFT p50 +\+\d+\.\d % \(.* … .*\), worse$/)
  })

  test('says about how long what is open would take', () => {
    const findings = two()
    const open = { verdict: 'not-shown', runsNeeded: 8 } as const
    const pairs = findings.pairs.map((p) => ({ ...p, metrics: p.metrics.map((m) => ({ ...m, ...open })) }))
    expect(estimateText({ ...findings, pairs }, 30)).toMatch(
      /not shown; about 3 more runs a side, 2 minutes$/m,
    )
    expect(estimateText({ ...findings, pairs }, 5)).toMatch(/about 3 more runs a side, 15 s$/m)
  })
})

describe('the exit code', () => {
  const WORSE = two()
  const BETTER = two({}, 0.7)
  const withVerdict = (verdict: 'not-shown' | 'equivalent') => ({
    ...WORSE,
    pairs: WORSE.pairs.map((p) => ({ ...p, metrics: p.metrics.map((m) => ({ ...m, verdict })) })),
  })

  test.each([
    { what: 'a gated figure is worse', findings: WORSE, code: 4 },
    { what: 'one is not shown', findings: withVerdict('not-shown'), code: 0 },
    { what: 'one is not shown', findings: withVerdict('not-shown'), inconclusive: 'fail', code: 5 },
    { what: 'all are equivalent', findings: withVerdict('equivalent'), inconclusive: 'fail', code: 0 },
    { what: 'it cannot be compared', findings: { ...WORSE, comparable: false }, code: 6 },
    { what: 'it was interrupted', findings: WORSE, interrupted: true, code: 130 },
  ] as const)('is $code where $what ($inconclusive)', (row) => {
    const { inconclusive = 'pass', interrupted = false } = row as Partial<{
      inconclusive: 'pass' | 'fail'
      interrupted: boolean
    }>
    expect(compareExit(row.findings, inconclusive, interrupted)).toBe(row.code)
  })

  test('a worse figure that was not gated is a hint', () => {
    expect(BETTER.pairs[0]?.metrics.some((m) => m.gated && m.verdict === 'worse')).toBe(false)
    const metrics = WORSE.pairs[0]?.metrics.map((m) => ({ ...m, gated: m.key === 'errorRate' })) ?? []
    expect(metrics.some((m) => m.verdict === 'worse')).toBe(true)
    const findings = { ...WORSE, pairs: WORSE.pairs.map((p) => ({ ...p, metrics })) }
    expect(compareExit(findings, 'pass', false)).toBe(0)
  })
})
