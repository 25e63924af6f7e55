import { describe, expect, test } from 'vitest'
import { renderComparison } from '../../src/report/index.js'
import {
  comparison,
  pairRecipe,
  refusedRecipe,
  sweepRecipe,
  twentyRecipe,
} from '../report/comparison/fixture.js'
import { OVERLAPS, savedPages, widthOf } from './pages.js'

const pageOf = (recipe: Parameters<typeof comparison>[0]) => (): Promise<string> =>
  renderComparison(comparison(recipe))
const { cases, open, withPage } = savedPages({
  pair: pageOf(pairRecipe),
  sweep: pageOf(sweepRecipe),
  refused: pageOf(refusedRecipe),
  twenty: pageOf(twentyRecipe('sweep')),
})

/** Contrast of every visible text outside charts with its ground: those below 4.5. */
const LOW_CONTRAST = `(() => {
  const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgb = (colour) => { probe.clearRect(0, 0, 1, 1); probe.fillStyle = colour; probe.fillRect(0, 0, 1, 1); return [...probe.getImageData(0, 0, 1, 1).data] }
  const light = (c) => { const [r, g, b] = c.map((v) => { const s = v / 255; return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4 }); return 0.2126 * r + 0.7152 * g + 0.0722 * b }
  const ground = (e) => { for (let n = e; n; n = n.parentElement) { const c = rgb(getComputedStyle(n).backgroundColor); if (c[3] > 250) return c } return [255, 255, 255, 255] }
  const low = []
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== '')
    if (!own || e.getClientRects().length === 0 || e.closest('script,style')) continue
    const style = getComputedStyle(e)
    const a = light(rgb(e instanceof SVGElement ? style.fill : style.color)), b = light(ground(e))
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < 4.5) low.push(e.textContent.trim().slice(0, 40) + ' ' + ratio.toFixed(2))
  }
  return low
})()`

describe('the page of a comparison, opened from disk', () => {
  test.each(cases)(
    '%s, %s: asks for nothing, says nothing, does not scroll sideways, and draws every chart once',
    async (name, mode) => {
      await withPage(name, mode, async ({ page, requests, messages }) => {
        expect(requests).toEqual([])
        expect(messages).toEqual([])
        const width = widthOf(mode)
        if (mode !== 'no scripts')
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
        const charts = page.locator('.chart')
        expect(await charts.count()).toBeGreaterThan(6)
        for (const chart of await charts.all()) {
          const shown = chart.locator('svg:visible')
          expect(await shown.count()).toBe(1)
          const box = await shown.boundingBox()
          // Letters are 11 or 12 px in the chart's own pixels: at this scale at least 9 px on the page.
          expect((box?.width ?? 0) / Number(await shown.getAttribute('width'))).toBeGreaterThan(0.8)
        }
      })
    },
    60_000,
  )

  test.each([
    ['pair', 'light'],
    ['pair', 'narrow'],
    ['sweep', 'light'],
    ['sweep', 'narrow'],
    ['twenty', 'light'],
    ['twenty', 'narrow'],
  ] as const)('%s, %s: no letters of a chart lie over each other', async (name, mode) => {
    await withPage(name, mode, async ({ page }) => {
      expect(await page.evaluate(OVERLAPS)).toEqual([])
    })
  })

  test.each(['light', 'dark', 'print'] as const)(
    'all text can be read against its ground: %s',
    async (mode) => {
      await withPage('pair', mode, async ({ page }) => {
        expect(await page.evaluate(LOW_CONTRAST)).toEqual([])
      })
    },
  )

  test('the answer, how sure it is, and its verdicts stand on the first screen', async () => {
    await withPage('pair', 'light', async ({ page }) => {
      for (const selector of ['.verdict', '.sub >> nth=-1', '.tiles', '#answer tbody tr >> nth=0']) {
        const box = await page.locator(selector).first().boundingBox()
        expect((box?.y ?? 1e9) + (box?.height ?? 0), selector).toBeLessThan(900)
      }
    })
  })

  test('what refuses the comparison stands on the first screen, above any figure', async () => {
    await withPage('refused', 'light', async ({ page }) => {
      const box = await page.locator('#answer .box.bad').boundingBox()
      const table = await page.locator('#answer table').first().boundingBox()
      expect((box?.y ?? 1e9) + (box?.height ?? 0)).toBeLessThan(Math.min(900, table?.y ?? 0))
    })
  })

  test('everything that can be done is reached by the Tab key, and arrow keys step through the figures', async () => {
    await withPage('pair', 'light', async ({ page }) => {
      const stops = (await page.evaluate(
        `document.querySelectorAll('a[href], button, summary, [tabindex="0"]').length`,
      )) as number
      const seen = new Set<string>()
      for (let i = 0; i < stops + 5; i++) {
        await page.keyboard.press('Tab')
        seen.add(
          (await page.evaluate(
            `(() => { const e = document.activeElement; return e.tagName + '|' + (e.getAttribute('aria-label') ?? e.textContent).slice(0, 60) + '|' + (e.closest('figure') ?? {}).id })()`,
          )) as string,
        )
      }
      for (const stop of ['A|Skip to the answer', 'SUMMARY|Data behind', 'BUTTON|Download the chart as PNG'])
        expect(
          [...seen].some((s) => s.startsWith(stop)),
          stop,
        ).toBe(true)
      await page.locator('#effects-key .chart').focus()
      await page.keyboard.press('ArrowRight')
      expect(await page.locator('.tip').textContent()).toMatch(
        /^TTFT p50: vllm-0\.10 181 ms, vllm-0\.11 148 ms/,
      )
    })
  })

  test.each(['pair', 'twenty'] as const)(
    '%s prints to PDF on white, every table open, without buttons',
    async (name) => {
      const opened = await open(name, { print: true, colorScheme: 'dark' })
      const { page } = opened
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
        'rgb(255, 255, 255)',
      )
      expect(await page.locator('button:visible').count()).toBe(0)
      const table = await page.locator('#order details table').boundingBox()
      expect(table?.height).toBeGreaterThan(100)
      expect((await page.pdf()).length).toBeGreaterThan(100_000)
      await opened.close()
    },
    60_000,
  )
})
