import { describe, expect, test } from 'vitest'
import { renderText } from '../../src/report/index.js'
import { LOADS, singleRun, sweep } from './fixtures.js'

describe('the terminal summary', () => {
  test('of a sweep has a row per point, in columns, then knee, cause, setting and validity', () => {
    const lines = renderText(sweep()).split('\n')
    expect(lines.slice(1, 1 + LOADS.length).map((l) => l.split(/\s+/)[0])).toEqual(LOADS.map(String))
    const ends = lines.slice(0, 1 + LOADS.length).map((l) => l.length)
    expect(new Set(ends).size).toBe(1)
    const text = lines.join('\n')
    expect(text).toContain('Knee         26 requests in flight (95 % interval 22–31)')
    expect(text).toContain('Cause        kv-cache: The KV cache is full')
    expect(text).toContain('Set          --max-num-seqs 24')
    expect(text).toContain('Validity     VALID WITH CAVEATS')
  })

  test('of a single run has every metric with p50 to p99 and intervals', () => {
    const text = renderText(singleRun())
    expect(text).toMatch(/^ +n +p50 +p90 +p95 +p99 +instrument$/m)
    expect(text).toMatch(/^Time to first token, ms +480 +156 \(151–161\) .* ±0\.02$/m)
    expect(text).toContain('Objective    ttft p95 <= 500 ms: met (277 ms, instrument ±0.02 ms)')
  })

  test('says "not obs." where the engine was not read, and gives a bound where p99 has no upper one', () => {
    const findings = sweep()
    const text = renderText({ ...findings, points: findings.points.map((p) => ({ ...p, server: null })) })
    expect(text.match(/not obs\./g)).toHaveLength(LOADS.length * 3)
    expect(text).toContain('≥ 131 ms')
  })

  test('spells out control characters, so that a server cannot write to the terminal', () => {
    const run = singleRun()
    const points = run.points.map((p) => ({
      ...p,
      failures: [{ code: 'server-error', count: 1, example: '\u001b[2Jgone' }],
    }))
    const text = renderText({ ...run, points })
    expect(text).not.toContain('\u001b')
    expect(text).toContain('⟨U+001B⟩[2Jgone')
  })
})
