import { describe, expect, test } from 'vitest'
import type { Quantile } from '../../src/analyse/index.js'
import { falloffChart } from '../../src/report/charts/falloff.js'
import { heatMap } from '../../src/report/charts/heatmap.js'
import {
  drawable,
  loadScale,
  logarithmic,
  MS_LABELS,
  shareOf,
  valueAt,
  zeroBased,
} from '../../src/report/charts/scale.js'
import { tailOf } from '../../src/report/charts/tail.js'
import { timelineChart } from '../../src/report/charts/timeseries.js'
import { num } from '../../src/report/format.js'
import { ChartError, renderSvg } from '../../src/report/render-svg.js'
import { LIGHT, withValues } from '../../src/report/theme.js'
import { emptyMetric, grid, LOADS, pointAt, resultOf, sweep, timeline } from './fixtures.js'

const withPoints = (change: (p: ReturnType<typeof pointAt>) => ReturnType<typeof pointAt>) => {
  const findings = sweep()
  return resultOf({ ...findings, points: findings.points.map(change) })
}

const labels = (svg: string): string[] => [...svg.matchAll(/aria-label="([^"]*)"/g)].map((m) => m[1] ?? '')
const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((m) => m[1] ?? '')

describe('scales', () => {
  test('the load axis has a tick at every tested load, in order and once', () => {
    expect(loadScale([8, 1, 2, 8, 4]).ticks).toEqual([1, 2, 4, 8])
  })

  test('a log scale has a positive domain whatever the values are', () => {
    for (const values of [[0, -1], [], [null], [5], [0.001, 1000]]) {
      const { domain } = logarithmic(values, MS_LABELS)
      expect(domain[0], JSON.stringify(values)).toBeGreaterThan(0)
      expect(domain[1], JSON.stringify(values)).toBeGreaterThan(domain[0])
    }
  })

  test('nothing at or below zero is drawn on a log scale, and what lies beyond the domain is clipped to it', () => {
    const scale = logarithmic([10, 1000], MS_LABELS)
    expect([0, -5, null, Number.NaN].map((v) => drawable(scale, v))).toEqual([null, null, null, null])
    expect(drawable(scale, 1e9)).toBe(scale.domain[1])
  })

  test('share and value are inverse on both kinds of scale', () => {
    for (const scale of [zeroBased([0, 88]), logarithmic([3, 4000])]) {
      for (const share of [0, 0.25, 0.8, 1])
        expect(shareOf(scale, valueAt(scale, share))).toBeCloseTo(share, 9)
    }
  })

  test('a linear scale starts at zero and has its ticks inside', () => {
    const { domain, ticks } = zeroBased([0, 104])
    expect(domain[0]).toBe(0)
    expect(ticks).toEqual([0, 50, 100])
    expect(domain[1]).toBeGreaterThanOrEqual(104)
  })
})

describe('the falloff panels', () => {
  test('show every measured value of every panel in the marks’ labels', async () => {
    const svg = await renderSvg(falloffChart([resultOf(sweep())], false))
    const said = labels(svg)
    expect(said.filter((l) => l.includes('tokens/s per stream'))).toHaveLength(LOADS.length)
    expect(said.filter((l) => l.includes('preemptions per request'))).toHaveLength(LOADS.length)
    expect(said).toContain(
      `32 → ${num(pointAt(32).metrics.perStreamTokensPerS.p50?.value)} tokens/s per stream (p5 30.1, p95 41.8)`,
    )
  })

  test('have one x axis, with a label at every tested load, and name the knee once', async () => {
    const shown = texts(await renderSvg(falloffChart([resultOf(sweep())], false)))
    for (const load of LOADS)
      expect(shown.filter((t) => t === String(load)).length, `load ${load}`).toBeGreaterThanOrEqual(1)
    expect(shown.filter((t) => t === '128')).toHaveLength(1)
    expect(shown.filter((t) => t.startsWith('knee'))).toEqual(['knee 26 (22–31)'])
  })

  test('say "not observed" where the engine could not be read, and draw no line at zero', async () => {
    const svg = await renderSvg(falloffChart([withPoints((p) => ({ ...p, server: null }))], false))
    expect(texts(svg).filter((t) => t === 'not observed')).toHaveLength(3)
    expect(labels(svg).some((l) => l.includes('KV cache') || l.includes('preemptions'))).toBe(false)
  })

  test('leave a gap for a point without the signal', async () => {
    const svg = await renderSvg(
      falloffChart(
        [withPoints((p) => (p.setting.axes.concurrency === 8 ? { ...p, server: null } : p))],
        false,
      ),
    )
    expect(labels(svg).filter((l) => l.includes('preemptions per request'))).toHaveLength(LOADS.length - 1)
  })

  test('draw without a warning when no metric has a value, when zeros meet a log scale, and with one point only', async () => {
    const empty = withPoints((p) => ({
      ...p,
      metrics: {
        ...p.metrics,
        ttft: emptyMetric(p.metrics.ttft),
        perStreamTokensPerS: emptyMetric(p.metrics.perStreamTokensPerS),
      },
    }))
    const zero = {
      value: 0,
      low: 0,
      high: 0,
      method: 'order-statistics',
      effectiveN: 1000,
      firmness: 'fair',
    } as const
    const zeros = withPoints((p) => ({
      ...p,
      metrics: { ...p.metrics, ttft: { ...p.metrics.ttft, p50: zero, p99: zero } },
    }))
    const one = sweep()
    for (const result of [empty, zeros, resultOf({ ...one, points: one.points.slice(0, 1) })]) {
      for (const narrow of [false, true])
        expect(await renderSvg(falloffChart([result], narrow))).toContain('<svg')
    }
  })

  test('draw a median that too few requests bound hollow, and say so', async () => {
    const rough = (q: Quantile | null): Quantile | null =>
      q && { ...q, low: null, high: null, firmness: 'rough' }
    const svg = await renderSvg(
      falloffChart(
        [
          withPoints((p) => {
            const speed = p.metrics.perStreamTokensPerS
            if (p.setting.axes.concurrency !== 1) return p
            return {
              ...p,
              metrics: { ...p.metrics, perStreamTokensPerS: { ...speed, p50: rough(speed.p50) } },
            }
          }),
        ],
        false,
      ),
    )
    const marks = [...svg.matchAll(/<path aria-label="(\d+) → [^"]*per stream[^>]*fill="([^"]*)"/g)]
    expect(marks.map(([, load, fill]) => [load, fill])).toEqual(
      LOADS.map((load) => [String(load), load === 1 ? 'var(--paper)' : 'var(--c1)']),
    )
    expect(texts(svg).some((t) => t.includes('hollow: too few requests'))).toBe(true)
  })

  test('name the percentile that the samples bound when p99 is not', () => {
    expect(tailOf([pointAt(16)], 'ttft')).toMatchObject({ key: 'p99', note: '' })
    expect(tailOf([pointAt(1), pointAt(2)], 'ttft')).toMatchObject({ key: 'p95' })
    const nothing = {
      ...pointAt(1),
      metrics: { ...pointAt(1).metrics, ttft: emptyMetric(pointAt(1).metrics.ttft) },
    }
    expect(tailOf([nothing], 'ttft').key).toBe('p50')
  })
})

describe('the other charts', () => {
  test('a heat map writes every figure into its cell and a dash where nothing was measured', async () => {
    const findings = grid()
    const cut = { ...findings, points: findings.points.slice(1) }
    const svg = await renderSvg(
      heatMap(cut, { title: 't', read: (p) => p.throughput.outputTokensPerS, show: num, log: false }, false),
    )
    expect(labels(svg)).toHaveLength(12)
    expect(texts(svg)).toContain('–')
    expect(texts(svg)).toContain(num(findings.points[6]?.throughput.outputTokensPerS))
  })

  test('a time series of 2,000 requests stays small and names warm-up and drain', async () => {
    const base = timeline('run')
    const requests = Array.from(
      { length: 2000 },
      (_, i) => [i * 0.014, 50 + ((i * 7919) % 4000), 9000, 'completed'] as const,
    )
    const svg = await renderSvg(timelineChart({ ...base, requests }, false))
    expect(svg.length).toBeLessThan(80_000)
    expect(texts(svg)).toContain('warm-up')
  })

  test('the same specification gives the same bytes', async () => {
    const draw = () => renderSvg(falloffChart([resultOf(sweep())], true), 11)
    expect(await draw()).toBe(await draw())
  })

  test('a warning of Vega is an error', async () => {
    const spec = {
      data: { values: [{ x: 0, y: 1 }] },
      mark: 'point',
      encoding: { x: { field: 'x', type: 'quantitative', scale: { type: 'log', domain: [0, 1] } } },
    }
    await expect(renderSvg(spec)).rejects.toThrow(ChartError)
  })

  test('a chart may load nothing', async () => {
    await expect(
      renderSvg({ data: { url: 'http://127.0.0.1:9/x.json' }, mark: 'point', encoding: {} }),
    ).rejects.toThrow(/may not load/)
  })

  test('outside the page every colour has a value', async () => {
    expect(withValues(await renderSvg(falloffChart([resultOf(sweep())], false)), LIGHT)).not.toContain('var(')
  })
})
