import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ReportInput } from '../../src/report/index.js'
import { falloffPanelsSvg, renderReport, sizeWarning } from '../../src/report/index.js'
import { SCRIPT } from '../../src/report/script.js'
import { DARK, LIGHT } from '../../src/report/theme.js'
import { comparisonInput, gridInput, manifest, resultOf, singleInput, sweep, sweepInput } from './fixtures.js'

const ids = (page: string, tag: string): string[] =>
  [...page.matchAll(new RegExp(`<${tag} id="([^"]+)"`, 'g'))].map((m) => m[1] ?? '')

/** The text of a page with all markup taken away, as far as a reader would see it. */
const bare = (page: string): string =>
  page
    .replace(/<(style|script)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

describe('a report', () => {
  let pages: Record<'single' | 'sweep' | 'grid' | 'comparison', string>
  beforeAll(async () => {
    const [single, sweepPage, grid, comparison] = await Promise.all(
      [singleInput(), sweepInput(), gridInput(), comparisonInput()].map(renderReport),
    )
    pages = { single: single ?? '', sweep: sweepPage ?? '', grid: grid ?? '', comparison: comparison ?? '' }
  })

  test('on a sweep answers first, then validity, then the evidence', () => {
    expect(ids(pages.sweep, 'section')).toEqual([
      'answer',
      'validity',
      'falloff',
      'cause',
      'recommendation',
      'confirmation',
      'throughput',
      'percentiles',
      'course',
      'errors',
      'metrics',
      'instrument',
      'environment',
      'definitions',
      'reproduce',
    ])
    expect(ids(pages.sweep, 'figure')).toEqual([
      'falloff-panels',
      'confirmation-1',
      'throughput-by-load',
      'throughput-latency',
      'ttft-percentiles',
      'gap-percentiles',
      'e2e-percentiles',
      'course-1',
      'failures',
      'canary-1',
    ])
  })

  test('on a single run has no sweep sections', () => {
    expect(ids(pages.single, 'section')).toEqual([
      'answer',
      'validity',
      'percentiles',
      'course',
      'errors',
      'metrics',
      'instrument',
      'environment',
      'definitions',
      'reproduce',
    ])
  })

  test('on two dimensions has a heat map of throughput, TTFT and goodput', () => {
    expect(ids(pages.grid, 'figure').filter((id) => id.startsWith('heat'))).toEqual([
      'heat-1-1',
      'heat-1-2',
      'heat-1-3',
    ])
  })

  test('on several sweeps lays them over each other, names what differs and calls the differences indicative', () => {
    expect(ids(pages.comparison, 'figure')).toEqual(
      expect.arrayContaining(['effects-key', 'falloff-panels', 'throughput-by-load', 'course-2']),
    )
    const text = bare(pages.comparison)
    expect(text).toContain('A100 against A10G: one sweep each, so no verdict.')
    expect(text).toMatch(/target\.model mistral-7b mistral-7b-v0\.3/)
    expect(text).toContain('A100 : Throughput falls off at')
  })

  test('says knee, cause, recommendation and the flag to paste', () => {
    const text = bare(pages.sweep)
    expect(text).toContain('Throughput falls off at 26 requests in flight, because the KV cache is full.')
    expect(text).toContain('--max-num-seqs 24')
    expect(text).toContain('1,260 blocks × 16 tokens = 20,160 tokens of KV cache')
    expect(text).toContain('VALID WITH CAVEATS')
    expect(text).toContain('against: Lateness p99') // evidence against stands beside evidence for
  })

  test('does not print a percentile that the sample does not bound', () => {
    expect(bare(pages.sweep)).toContain('≥ 131 ms')
    expect(bare(pages.sweep)).not.toContain('22.8 ms')
  })

  test('has a text alternative and a data table for every chart', () => {
    for (const page of Object.values(pages)) {
      const figures = page.match(/<figure[\s\S]*?<\/figure>/g) ?? []
      expect(figures.length).toBeGreaterThan(3)
      for (const figure of figures) {
        expect(figure).toMatch(/role="img" aria-label="[^"]{10,}"/)
        expect(figure).toMatch(/<details class="data">[\s\S]*<tbody><tr>/)
        expect(figure).toMatch(/<figcaption><h3>[^<]+<\/h3><p>[^<]+</)
      }
    }
  })

  test('every id is unique and every link of the contents leads somewhere', () => {
    for (const page of Object.values(pages)) {
      const all = [...page.matchAll(/ id="([^"]+)"/g)].map((m) => m[1])
      expect(new Set(all).size).toBe(all.length)
      for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(all).toContain(target)
    }
  })

  test('refers to nothing outside itself, and its policy admits its own script alone', () => {
    for (const page of Object.values(pages)) {
      expect(page).not.toMatch(/<(link|iframe|object|embed|img|base)\b/)
      expect(page).not.toMatch(/(?:src|href)="(?!#)/)
      expect(page).not.toMatch(/@import|url\(/)
      const [, policy = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(page) ?? []
      const hash = createHash('sha256').update(SCRIPT).digest('base64')
      expect(policy).toContain('default-src &#39;none&#39;')
      expect(policy).toContain(`script-src &#39;sha256-${hash}&#39;`)
      expect(page.match(/ on[a-z]+="/g)).toBeNull()
    }
  })

  test('is byte-identical for the same input', async () => {
    const [sweepAgain, comparisonAgain] = [
      await renderReport(sweepInput()),
      await renderReport(comparisonInput()),
    ]
    expect([sweepAgain === pages.sweep, comparisonAgain === pages.comparison]).toEqual([true, true])
  })

  test('stays well below its size limits, and says so when it does not', () => {
    expect(Buffer.byteLength(pages.sweep)).toBeLessThan(1e6)
    expect(Buffer.byteLength(pages.comparison)).toBeLessThan(2e6)
    expect(sizeWarning(pages.sweep)).toBeNull()
    expect(sizeWarning('x'.repeat(3_000_001))).toMatch(/2\.86 MiB/)
  })

  test('embeds its findings for other programs', () => {
    const [, json = ''] =
      /<script type="application\/json" id="findings">([\s\S]*?)<\/script>/.exec(pages.sweep) ?? []
    const [result] = JSON.parse(json) as {
      findings: { falloff: { knee: { at: number } }; points: unknown[] }
    }[]
    expect(result?.findings.falloff.knee.at).toBe(26)
    expect(result?.findings.points).toHaveLength(8)
  })
})

describe('hostile text', () => {
  const EVIL = '</script><img src=x onerror=alert(1)>"\'\u202Egnp.exe\u0000\u2028'
  const hostile = (): ReportInput => {
    const findings = sweep(EVIL)
    const points = findings.points.map((p) => ({
      ...p,
      failures: [{ code: EVIL, count: 3, example: EVIL }],
      objectives: p.objectives.map((o) => ({ ...o, text: EVIL })),
      window: { ...p.window, note: EVIL },
    }))
    const base = resultOf({ ...findings, points }, EVIL)
    const manifests = points.map((p) => {
      const m = manifest(p, EVIL, EVIL)
      return { ...m, command: EVIL, target: { ...m.target, url: EVIL, config: { [EVIL]: EVIL } } }
    })
    const second = resultOf({ ...sweep('b'), points }, `${EVIL} b`)
    return {
      title: EVIL,
      results: [
        { ...base, manifests, digests: { [EVIL]: EVIL } },
        { ...second, manifests },
      ],
    }
  }

  test('stays text everywhere: in the page, in the charts, in the embedded data', async () => {
    const page = await renderReport(hostile())
    expect(page).not.toMatch(/<img/)
    expect(page).not.toContain('\u202E')
    expect(page).not.toContain('\u0000')
    expect(page.match(/<script\b/g)).toHaveLength(2)
    expect(page.match(/<\/script>/g)).toHaveLength(2)
    expect(page).toContain('⟨U+202E⟩')
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;')
  })
})

describe('the standalone SVG', () => {
  test('has fixed colours on a white ground, a title, and no script', async () => {
    const svg = await falloffPanelsSvg(resultOf(sweep()))
    expect(svg).toMatch(/^<svg xmlns=/)
    expect(svg).toContain('<title>Falloff of kv-falloff</title>')
    expect(svg).not.toMatch(/var\(|<script|href/)
    expect(svg).toContain(`fill="${LIGHT.paper}"`)
    expect(await falloffPanelsSvg(resultOf(sweep()))).toBe(svg)
  })
})

describe('the palettes', () => {
  const channel = (c: number): number => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  const luminance = (hex: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) =>
      channel(Number.parseInt(hex.slice(i, i + 2), 16) / 255),
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (a: string, b: string): number => {
    const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y)
    return (high + 0.05) / (low + 0.05)
  }

  test.each([
    ['light', LIGHT],
    ['dark', DARK],
  ])('%s: every colour that letters take reaches 4.5 : 1 on both grounds', (_, palette) => {
    for (const name of ['ink', 'ink-2', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'good', 'warn', 'bad'] as const) {
      for (const ground of ['paper', 'panel'] as const) {
        expect(contrast(palette[name], palette[ground]), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5)
      }
    }
  })
})
