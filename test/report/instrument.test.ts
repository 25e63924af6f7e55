import { describe, expect, test } from 'vitest'
import type { Findings, Timeline, ValidityFinding } from '../../src/analyse/index.js'
import { canaryChart } from '../../src/report/charts/canary.js'
import { type ReportInput, renderReport, renderText } from '../../src/report/index.js'
import { renderSvg } from '../../src/report/render-svg.js'
import { resultOf, singleInput, singleRun, sweep, timeline } from './fixtures.js'

const bare = (page: string): string =>
  page
    .replace(/<(style|script)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

/** As a run without a canary, whose stamps the event loop took. */
const uncalibrated = (findings: Findings): Findings => ({
  ...findings,
  points: findings.points.map((p) => ({
    ...p,
    instrument: { ...p.instrument, canary: null, stamps: 'loop' },
  })),
})

const inputOf = (findings: Findings, change: (t: Timeline) => Timeline = (t) => t): ReportInput => {
  const result = resultOf(findings)
  return { title: 't', results: [{ ...result, timelines: result.timelines.map(change) }] }
}

describe('the instrument’s own error', () => {
  test('stands beside the headline figure, in the table of metrics and under the curves', async () => {
    const page = bare(await renderReport(singleInput()))
    expect(page).toMatch(/median; p99 352 ms \([^)]*\), instrument ±0\.02 ms/)
    expect(page).toMatch(/Time to first token 480 .*? ±0\.02 ms/)
    expect(page).toMatch(/p99 352 ms \([^)]*\), instrument ±0\.02 ms, n = 480/)
    expect(page).toContain('Answers were stamped by the kernel.')
  })

  test('is told to the terminal with who took the stamps, for runs and for each point of a sweep', () => {
    expect(renderText(singleRun())).toContain(
      'Instrument   stamped by the kernel; error at p99: TTFT ±0.02 ms, gaps ±0.03 ms; on average 0.006 ms late',
    )
    const [head = '', first = ''] = renderText(sweep()).split('\n')
    expect(head).toMatch(/gap p99 +instrument +req\/s/)
    expect(first).toMatch(/±0\.02 ms/)
  })

  test('reads "not measured" without a canary, and there is no chart of it', async () => {
    const run = uncalibrated(singleRun())
    expect(renderText(run)).toContain(
      'Instrument   stamped by the event loop; the error of the stamps was not measured',
    )
    const page = await renderReport(inputOf(run, (t) => ({ ...t, canary: [] })))
    expect(page).not.toContain('id="canary-1"')
    expect(bare(page)).toMatch(/median; p99 352 ms \([^)]*\), instrument not measured/)
    expect(bare(page)).toMatch(/Lateness of our own sends 480 .*?0\.845–1\.08 ms\) – /)
    expect(bare(page)).toContain('no canary stream ran')
  })
})

describe('the chart of the canary', () => {
  const texts = (svg: string): string[] =>
    [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((m) => m[1] ?? '')

  test('names its three courses and shades what is not measured, wide and narrow', async () => {
    for (const narrow of [false, true]) {
      const shown = texts(await renderSvg(canaryChart(timeline('run'), narrow)))
      expect(shown).toEqual(expect.arrayContaining(['p50', 'p99', 'max', 'warm-up']))
    }
  })

  test('draws errors of nothing at all, and a single bin, without a warning', async () => {
    const zero = { atS: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 }
    expect(await renderSvg(canaryChart({ ...timeline('run'), canary: [zero] }, false))).toContain('<svg')
  })
})

describe('the evidence of the verdict', () => {
  const finding = (over: Partial<ValidityFinding>): ValidityFinding => ({
    code: 'failures',
    severity: 'caveat',
    message: 'm',
    seen: 0.05,
    allowed: 0.01,
    unit: 'share',
    advice: 'a',
    ...over,
  })
  const pageOf = async (...findings: ValidityFinding[]) =>
    bare(
      await renderReport(inputOf({ ...singleRun(), validity: { verdict: 'VALID WITH CAVEATS', findings } })),
    )

  test('stands in a table: what was seen, what is allowed, and on which side of it', async () => {
    const page = await pageOf(
      finding({}),
      finding({ code: 'few-samples', seen: 240, allowed: 368, unit: 'values' }),
      finding({ code: 'generator-late', severity: 'invalid', seen: 41, allowed: 5, unit: 'ms' }),
    )
    expect(page).toContain('failures caveat 5 % ≤ 1 %')
    expect(page).toContain('few-samples caveat 240 values ≥ 368 values')
    expect(page).toContain('generator-late invalid 41 ms ≤ 5 ms')
  })

  test('is left out where it is no number', async () => {
    expect(await pageOf(finding({ code: 'stopped-early', seen: null, allowed: null }))).not.toContain(
      'Evidence:',
    )
  })

  test('marks a note as one', async () => {
    expect(await pageOf(finding({ severity: 'note', message: 'sent together' }))).toContain(
      'note: Sent together.',
    )
  })

  test('names the thresholds that are not the defaults', async () => {
    const input = inputOf(singleRun())
    const changed = input.results.map((r) => ({
      ...r,
      manifests: r.manifests.map((m) => ({
        ...m,
        profile: { ...m.profile, validity: { ...m.profile.validity, latenessMs: 50 } },
      })),
    }))
    expect(bare(await renderReport({ ...input, results: changed }))).toContain(
      'Judged by thresholds of the profile: latenessMs 50 instead of 2.',
    )
    expect(bare(await renderReport(input))).not.toContain('Judged by thresholds')
  })
})
