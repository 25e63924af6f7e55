import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { judgeValidity, RULES, validityOf } from '../../src/analyse/validity.js'
import { leastFor } from '../../src/analyse/validity-sample.js'
import { THRESHOLDS, type ThresholdName } from '../../src/profile/index.js'
import { type EvidenceParts, evidenceOf } from './evidence.js'
import { CASES, canary, inst, tokens } from './validity-cases.js'

const codes = (parts: EvidenceParts): readonly string[] =>
  judgeValidity(evidenceOf(parts)).findings.map((f) => f.code)

test('a run in perfect order is valid, with nothing found', () => {
  expect(judgeValidity(evidenceOf())).toEqual({ verdict: 'VALID', findings: [] })
})

describe.each(CASES)('$code ($what)', ({ code, at, fine, bad, invalid, note, unmeasured }) => {
  test('says nothing at its bound', () => {
    expect(codes(at(fine))).toEqual([])
  })

  test('speaks past it, alone, with its evidence', () => {
    const { findings, verdict } = judgeValidity(evidenceOf(at(bad)))
    expect(findings.map((f) => f.code)).toEqual([code])
    const [found] = findings
    const severity = note ? 'note' : invalid !== undefined && bad >= invalid ? 'invalid' : 'caveat'
    expect(found?.severity).toBe(severity)
    expect(verdict).toBe({ note: 'VALID', caveat: 'VALID WITH CAVEATS', invalid: 'INVALID' }[severity])
    expect(found?.advice).toMatch(/^[A-Z].*\.$/)
    if (note || code === 'stopped-early') return
    expect(found?.seen).not.toBe(found?.allowed)
    expect(found?.seen).not.toBeNull()
    expect(found?.allowed).not.toBeNull()
  })

  if (invalid !== undefined)
    test('makes the run invalid when it is grave', () => {
      const { findings } = judgeValidity(evidenceOf(at(invalid)))
      expect(findings.find((f) => f.code === code)?.severity).toBe('invalid')
    })

  if (unmeasured !== undefined)
    test('says nothing where nothing was measured', () => {
      expect(codes(unmeasured)).not.toContain(code)
    })
})

test('the gravest finding comes first', () => {
  const { findings } = judgeValidity(
    evidenceOf({
      evidence: {
        meanLifeMs: 6001,
        models: new Map([
          ['', 5],
          ['m2', 5],
        ]),
      },
      point: { throughput: { meanInFlight: 200 } },
    }),
  )
  expect(findings.map((f) => f.code)).toEqual(['model-changed', 'short-run'])
})

test('every rule has a case', () => {
  expect([...new Set(CASES.map((c) => c.code))].sort()).toEqual(RULES.map((r) => r.code).sort())
})

describe('what excuses', () => {
  const held = { loopDelayP99Ms: 40 }

  test('kernel stamps excuse a held-up event loop, and so does a canary that tells the error itself', () => {
    expect(codes(inst(held))).toEqual(['loop-delay'])
    expect(codes(inst({ ...held, stamps: 'kernel' }))).toEqual([])
    expect(codes(inst({ ...held, canary: canary(0.05) }))).toEqual([])
    expect(codes(inst({ ...held, canary: { ...canary(0.05), events: 99 } }))).toEqual(['loop-delay'])
  })

  test('a clock that jumps does no harm to stamps of the event loop', () => {
    expect(codes(inst({ clockJumpMs: 5000, stamps: 'loop' }))).toEqual([])
  })

  test('chunks that the server sent together are a note once the canary shows that it was not us', () => {
    const together = tokens({ coalescedShare: 0.4 }).point
    const fine = judgeValidity(evidenceOf({ point: { ...together, instrument: { canary: canary(0.05) } } }))
    expect(fine).toMatchObject({
      verdict: 'VALID',
      findings: [{ code: 'chunks-coalesced', severity: 'note' }],
    })
    const unknown = judgeValidity(evidenceOf({ point: { ...together } }))
    expect(unknown).toMatchObject({ findings: [{ code: 'chunks-coalesced', severity: 'caveat' }] })
  })

  test('cache hits are nobody’s fault where history, files or repeated prompts are sent', () => {
    const warm = tokens({ cachedShare: 0.9 })
    for (const workload of [
      { salt: false },
      { conversation: { turns: 4 } },
      { dataset: { path: 'x.jsonl' } },
    ])
      expect(codes({ ...warm, profile: { workload } }), JSON.stringify(workload)).toEqual([])
  })

  test('inexact outputs are no fault of an engine that was not told to be exact', () => {
    const loose = { source: 'server', exactOutput: false, chunkUsage: true } as const
    expect(codes({ ...tokens({ outputExactShare: 0.2 }), manifest: { tokens: loose } })).toEqual([])
  })
})

describe('thresholds', () => {
  test('are the user’s to set', () => {
    expect(codes({ ...inst({ latenessP99Ms: 1.5 }), allow: { latenessMs: 1 } })).toEqual(['generator-late'])
    expect(codes({ ...inst({ latenessP99Ms: 4 }), allow: { latenessMs: 5 } })).toEqual([])
  })

  test('the least sample of a quantile is the one that the statistics literature tabulates', () => {
    // Smallest n for which n values bound the quantile with 95 % confidence on both sides.
    expect([0.5, 0.95, 0.99, 0.999, 0.9999].map(leastFor)).toEqual([6, 72, 368, 3688, 36_887])
    expect(leastFor(0.05)).toBe(leastFor(0.95))
  })

  test('each is used by a rule', () => {
    const source = ['instrument', 'machine', 'sample', 'load', 'target', 'tokens', 'chunks']
      .map((part) => readFileSync(new URL(`../../src/analyse/validity-${part}.ts`, import.meta.url), 'utf8'))
      .join('\n')
    for (const name of Object.keys(THRESHOLDS) as ThresholdName[])
      expect(source).toMatch(new RegExp(`\\b${name}\\b`))
  })
})

describe('docs/validity.md', () => {
  const page = readFileSync(new URL('../../docs/validity.md', import.meta.url), 'utf8')

  test.each(RULES.map((r) => r.code))('explains %s', (code) => {
    expect(page).toMatch(new RegExp(`^\\| \`${code}\``, 'm'))
  })

  test.each(Object.entries(THRESHOLDS))('gives default, meaning and reason of %s', (name, t) => {
    const unit = t.unit === 'share' ? '' : ` ${t.unit}`
    expect(page).toContain(`| \`${name}\` | ${t.value}${unit} | ${t.bounds} | ${t.why} |`)
  })
})

test('the verdict of a list is as bad as the worst in it; notes leave it as it is', () => {
  const of = (severity: 'note' | 'caveat' | 'invalid') => ({
    code: 'c',
    severity,
    message: '',
    seen: null,
    allowed: null,
    unit: '',
    advice: '',
  })
  expect(validityOf([]).verdict).toBe('VALID')
  expect(validityOf([of('note')]).verdict).toBe('VALID')
  expect(validityOf([of('note'), of('caveat')]).verdict).toBe('VALID WITH CAVEATS')
  expect(validityOf([of('caveat'), of('invalid'), of('note')]).verdict).toBe('INVALID')
})
