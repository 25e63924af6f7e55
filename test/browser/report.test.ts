import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { renderReport } from '../../src/report/index.js'
import { comparisonInput, gridInput, singleInput, sweepInput } from '../report/fixtures.js'
import { savedPages, WIDTHS, widthOf } from './pages.js'

const {
  cases,
  open,
  openHtml,
  withPage: withReport,
} = savedPages({
  single: () => renderReport(singleInput()),
  sweep: () => renderReport(sweepInput()),
  grid: () => renderReport(gridInput()),
  comparison: () => renderReport(comparisonInput()),
})

describe('a report opened from disk', () => {
  test.each(cases)(
    '%s, %s: asks for nothing, says nothing, and does not scroll sideways',
    async (name, mode) => {
      await withReport(name, mode, async ({ page, requests, messages }) => {
        expect(requests).toEqual([])
        expect(messages).toEqual([])
        const width = widthOf(mode)
        if (mode !== 'no scripts') {
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
        }
      })
    },
  )

  test.each(cases)('%s, %s: every chart is drawn once, at a readable size', async (name, mode) => {
    await withReport(name, mode, async ({ page }) => {
      const charts = page.locator('.chart')
      const count = await charts.count()
      expect(count).toBeGreaterThan(3)
      for (let i = 0; i < count; i++) {
        const shown = charts.nth(i).locator('svg:visible')
        expect(await shown.count()).toBe(1)
        const box = await shown.boundingBox()
        expect(box?.width).toBeGreaterThan(250)
        const natural = Number(await shown.getAttribute('width'))
        // Letters are 11 or 12 px in the chart's own pixels: at this scale at least 9 px on the page.
        expect((box?.width ?? 0) / natural, `chart ${i}`).toBeGreaterThan(0.8)
      }
    })
  })
})

/** Contrast of every visible text with the ground it stands on; returns those below 4.5 (3 for large letters). */
const LOW_CONTRAST = `(() => {
  const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgb = (colour) => { probe.clearRect(0, 0, 1, 1); probe.fillStyle = colour; probe.fillRect(0, 0, 1, 1); return [...probe.getImageData(0, 0, 1, 1).data] }
  const light = (c) => { const [r, g, b] = c.map((v) => { const s = v / 255; return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4 }); return 0.2126 * r + 0.7152 * g + 0.0722 * b }
  const ground = (e) => { for (let n = e; n; n = n.parentElement) { const c = rgb(getComputedStyle(n).backgroundColor); if (c[3] > 250) return c } return [255, 255, 255, 255] }
  const low = []
  let seen = 0
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== '')
    if (!own || e.getClientRects().length === 0 || e.closest('script,style')) continue
    const style = getComputedStyle(e)
    const a = light(rgb(e instanceof SVGElement ? style.fill : style.color)), b = light(ground(e))
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    seen++
    if (ratio < 4.5) low.push(e.textContent.trim().slice(0, 40) + ' ' + ratio.toFixed(2))
  }
  return { low, seen }
})()`

describe('what a reader can do', () => {
  test.each(['light', 'dark', 'print'] as const)('read all text against its ground: %s', async (mode) => {
    await withReport('sweep', mode, async ({ page }) => {
      const { low, seen } = (await page.evaluate(LOW_CONTRAST)) as { low: string[]; seen: number }
      expect(seen).toBeGreaterThan(200)
      expect(low).toEqual([])
    })
  })

  test('step through a chart’s points with the arrow keys, hear their figures, and leave with Escape', async () => {
    await withReport('sweep', 'light', async ({ page }) => {
      const chart = page.locator('#falloff-panels .chart')
      await chart.focus()
      const tip = page.locator('.tip')
      expect(await tip.isVisible()).toBe(false)
      await page.keyboard.press('ArrowRight')
      expect(await tip.textContent()).toMatch(/^1 → 88 tokens\/s per stream/)
      await page.keyboard.press('ArrowRight')
      expect(await tip.textContent()).toMatch(/^2 → 84\.3 tokens\/s/)
      expect(await tip.getAttribute('role')).toBe('status')
      await page.keyboard.press('Escape')
      expect(await tip.isVisible()).toBe(false)
    })
  })

  test('point at a mark and see its figures inside the window', async () => {
    await withReport('sweep', 'narrow', async ({ page }) => {
      const mark = page.locator('#falloff-panels .narrow [aria-label^="128 →"]').first()
      await mark.scrollIntoViewIfNeeded()
      await mark.hover()
      const box = await page.locator('.tip').boundingBox()
      expect(box?.x).toBeGreaterThanOrEqual(0)
      expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(WIDTHS.narrow)
    })
  })

  test('download a table as CSV with full figures', async () => {
    await withReport('sweep', 'light', async ({ page }) => {
      await page.locator('#falloff-panels summary').click()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.locator('#falloff-panels details .bar button').click(),
      ])
      expect(download.suggestedFilename()).toMatch(/^falloff-panels-.*\.csv$/)
      const lines = readFileSync(await download.path(), 'utf8')
        .trim()
        .split('\r\n')
      expect(lines).toHaveLength(9)
      expect(lines[0]).toMatch(/^point,"tokens\/s of one stream, p5",p50,/)
      expect(lines[6]?.split(',')[0]).toBe('32 requests in flight')
      expect(Number(lines[6]?.split(',')[2])).toBeCloseTo(35.45545545545546, 12)
    })
  })

  test('download a chart as an SVG that stands alone', async () => {
    await withReport('sweep', 'dark', async ({ page }) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.locator('#falloff-panels > .bar').getByText('SVG').click(),
      ])
      const svg = readFileSync(await download.path(), 'utf8')
      expect(svg).toMatch(/^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
      expect(svg).not.toContain('var(--')
      expect(svg).toContain('#6db3f8')
    })
  })

  test('download a chart as PNG at twice its size', async () => {
    await withReport('sweep', 'light', async ({ page, messages }) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.locator('#falloff-panels > .bar').getByText('PNG').click(),
      ])
      const png = readFileSync(await download.path())
      expect(png.subarray(1, 4).toString()).toBe('PNG')
      const width = Number(await page.locator('#falloff-panels .wide svg').getAttribute('width'))
      expect(png.readUInt32BE(16)).toBe(2 * width)
      expect(messages).toEqual([])
    })
  })

  test('switch the theme', async () => {
    await withReport('sweep', 'light', async ({ page }) => {
      const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
      const button = page.getByRole('button', { name: /^Theme/ })
      expect(await ground()).toBe('rgb(255, 255, 255)')
      await button.click()
      await button.click()
      expect(await ground()).toBe('rgb(17, 21, 27)')
    })
  })

  test('print with every table open, on white, without buttons, even from a dark screen', async () => {
    const opened = await open('sweep', { print: true, colorScheme: 'dark' })
    const { page } = opened
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
    expect(await page.locator('button:visible').count()).toBe(0)
    const table = await page.locator('#falloff-panels details table').boundingBox()
    expect(table?.height).toBeGreaterThan(100)
    expect((await page.pdf()).length).toBeGreaterThan(50_000)
    await opened.close()
  })

  test('skip to the answer with the first key', async () => {
    await withReport('sweep', 'light', async ({ page }) => {
      await page.keyboard.press('Tab')
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the answer')
      await page.keyboard.press('Enter')
      expect(page.url()).toMatch(/#main$/)
    })
  })

  test('without scripts: charts stand, data opens, and no dead button shows', async () => {
    await withReport('sweep', 'no scripts', async ({ page }) => {
      expect(await page.locator('button').count()).toBe(0)
      expect(await page.locator('#falloff-panels svg:visible').count()).toBe(1)
      await page.locator('#falloff-panels summary').click()
      expect(await page.locator('#falloff-panels table').isVisible()).toBe(true)
    })
  })
})

describe('hostile text in a browser', () => {
  test('runs nothing', async () => {
    const evil =
      '</script><script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">'
    const input = sweepInput()
    const results = input.results.map((r) => ({
      ...r,
      name: evil,
      findings: {
        ...r.findings,
        points: r.findings.points.map((p) => ({ ...p, failures: [{ code: evil, count: 1, example: evil }] })),
      },
    }))
    const opened = await openHtml(await renderReport({ title: evil, results }))
    expect(await opened.page.title()).toBe(evil)
    expect(await opened.page.locator('img').count()).toBe(0)
    expect(opened.requests).toEqual([])
    expect(opened.messages).toEqual([])
    await opened.close()
  })
})
