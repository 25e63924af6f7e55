import { describe, expect, test } from 'vitest'
import type { PointFindings } from '../../src/analyse/index.js'
import { retryChart } from '../../src/report/charts/retries.js'
import { renderSvg } from '../../src/report/render-svg.js'
import { renderReport } from '../../src/report/report.js'
import { limitLines, retryLines } from '../../src/report/retries.js'
import { pointAt, resultOf, sweep } from './fixtures.js'

type Retries = NonNullable<PointFindings['retries']>

const RETRIES: Retries = {
  ...{ policy: 'tenacity', attemptsAllowed: 4, requests: 200 },
  ...{ endedWellShare: 0.6, firstTryShare: 0.4, retriedShare: 0.6, gaveUpShare: 0.4 },
  e2eMs: { n: 120, p50: 380, p99: 8400 },
  rescuedE2eMs: { n: 40, p50: 2400, p99: 8400 },
  ...{ amplification: 2.5, requestsPerS: 2, attemptsPerS: 5 },
  storm: { atS: 30, requestsPerS: 2, attemptsPerS: 6 },
  course: [0, 10, 20, 30, 40].map((atS) => ({ atS, requestsPerS: 2, attemptsPerS: atS < 30 ? 2 : 6 })),
}

const withRetries = (retries: Retries): PointFindings => ({ ...pointAt(8), retries })

const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((m) => m[1] ?? '')

describe('what retries did, in lines', () => {
  test('every figure has its unit, and a p99 of few values says of how many', () => {
    expect(retryLines(withRetries(RETRIES))).toEqual([
      'policy tenacity, up to 4 attempts: 60 % of 200 requests ended well, 40 % at the first attempt; 40 % failed after several',
      'end to end from the first attempt, where it ended well: p50 380 ms, p99 8.4 s (of 120); after a retry: p50 2.4 s, p99 8.4 s (of 40)',
      '2.5 attempts per request: 5 attempts/s for 2 requests/s',
      'retry storm from 30 s on: 6 attempts/s there for 2 requests/s',
    ])
  })

  test('nothing is said of rescued requests where there were none, nor of a storm', () => {
    const calm = { ...RETRIES, rescuedE2eMs: { n: 0, p50: null, p99: null }, storm: null }
    const lines = retryLines(withRetries({ ...calm, e2eMs: { n: 368, p50: 380, p99: 400 } }))
    expect(lines).toHaveLength(3)
    expect(lines[1]).toBe('end to end from the first attempt, where it ended well: p50 380 ms, p99 400 ms')
  })

  test('there are no lines without a policy, nor without limits', () => {
    expect(retryLines(pointAt(8))).toEqual([])
    expect(limitLines(pointAt(8))).toEqual([])
  })
})

describe('the course of requests and attempts', () => {
  test.each([false, true])('names both lines and the storm (narrow: %s)', async (narrow) => {
    const shown = texts(await renderSvg(retryChart(RETRIES, narrow)))
    for (const word of ['requests', 'attempts', 'storm']) expect(shown).toContain(word)
  })

  test('without a storm no storm is marked', async () => {
    expect(texts(await renderSvg(retryChart({ ...RETRIES, storm: null }, false)))).not.toContain('storm')
  })

  test('stands in the report of a run, with its figures; of a sweep it is that of the knee, or of the worst', async () => {
    const one = { ...sweep(), falloff: null, points: [withRetries(RETRIES)] }
    const page = await renderReport({ title: 't', results: [resultOf(one)] })
    expect(page).toContain('id="retries-1"')
    expect(page).toContain('the target sees 5 attempts/s, and 6 at the peak, at 30 s')
    const calm = { ...RETRIES, amplification: 1, attemptsPerS: 2.1 }
    const several = { ...sweep(), falloff: null, points: [withRetries(calm), withRetries(RETRIES)] }
    expect(await renderReport({ title: 't', results: [resultOf(several)] })).toContain('and 6 at the peak')
  })

  test('is left out where there are too few requests for one', async () => {
    const one = { ...sweep(), points: [withRetries({ ...RETRIES, course: [] })] }
    const page = await renderReport({ title: 't', results: [resultOf(one)] })
    expect(page).toContain('<section id="retries">')
    expect(page).not.toContain('id="retries-1"')
  })
})
