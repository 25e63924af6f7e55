import { describe, expect, test } from 'vitest'
import { METRICS } from '../../src/analyse/index.js'
import { METRIC_NAMES, type MetricName } from '../../src/profile/objective.js'
import type { RequestRecord } from '../../src/record/index.js'
import { MS, recordOf } from './run-folder.js'

const valuesOf = (name: MetricName, record: RequestRecord): readonly number[] =>
  METRICS.find((m) => m.name === name)?.values(record) ?? []

/** Scheduled at 0, sent at 2, headers at 5, first token at 52, visible at 72, last at 122 ms; chunks of 1, 2 and 3 tokens. */
const record = recordOf(0, 2, 50, 10, 6, {
  scheduledNs: 0,
  headersNs: 5 * MS,
  firstVisibleNs: 72 * MS,
  lastTokenNs: 122 * MS,
  endNs: 130 * MS,
  chunks: [50 * MS, 1, 20 * MS, 2, 50 * MS, 3],
  inputTokens: 101,
})

describe('metrics of a record worked out by hand', () => {
  test.each<[MetricName, number[]]>([
    ['ttft', [50]],
    ['ttftFromSchedule', [52]],
    ['ttfv', [70]],
    // 70 ms from the first to the last of six tokens.
    ['tpot', [14]],
    ['perStreamTokensPerS', [1000 / 14]],
    ['chunkGap', [20, 50]],
    ['maxStall', [50]],
    // To the last token, not to the end of the response.
    ['e2e', [120]],
    ['e2eFromSchedule', [122]],
    ['headers', [3]],
    ['lateness', [2]],
    ['inputTokens', [101]],
    ['outputTokens', [6]],
  ])('%s is %j', (name, want) => {
    expect(valuesOf(name, record)).toEqual(want)
  })
})

describe('metrics are absent, never zero, where they cannot be had', () => {
  const { firstTokenNs: _f, firstVisibleNs: _v, lastTokenNs: _l, ...silent } = { ...record, chunks: [] }
  test.each<[string, MetricName, RequestRecord]>([
    ['no output', 'ttft', silent],
    ['no visible text', 'ttfv', silent],
    ['one token', 'tpot', { ...record, outputTokens: 1 }],
    ['one token', 'perStreamTokensPerS', { ...record, outputTokens: 1 }],
    ['all tokens in one moment', 'perStreamTokensPerS', { ...record, lastTokenNs: 52 * MS }],
    ['one chunk', 'chunkGap', { ...record, chunks: [50 * MS, 6] }],
    ['one chunk', 'maxStall', { ...record, chunks: [50 * MS, 6] }],
    ['a failure', 'e2e', { ...record, state: 'cut-off' }],
  ])('%s: no %s', (_, name, r) => {
    expect(valuesOf(name, r)).toEqual([])
  })

  test('an end to end time without output runs to the end of the response', () => {
    expect(valuesOf('e2e', silent)).toEqual([128])
  })
})

test('every metric is declared once, in order, and says what it is against the other tools', () => {
  expect(METRICS.map((m) => m.name)).toEqual(METRIC_NAMES)
  for (const m of METRICS) {
    expect(m.dialects, m.name).toMatch(/vLLM|GuideLLM|AIPerf|MLPerf/)
    for (const text of [m.label, m.formula, m.needs, m.absentWhen])
      expect(text.length, m.name).toBeGreaterThan(3)
  }
})
