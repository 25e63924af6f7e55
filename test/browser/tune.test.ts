import { describe, expect, test } from 'vitest'
import { renderTune } from '../../src/report/index.js'
import { killed, left, tuned, tuneInput, undecided } from '../report/tune-fixture.js'
import { OVERLAPS, savedPages, widthOf } from './pages.js'

const { cases, withPage } = savedPages({
  tuned: () => renderTune(tuneInput(tuned())),
  killed: () => renderTune(tuneInput(killed())),
  left: () => renderTune(tuneInput(left())),
  undecided: () => renderTune(tuneInput(undecided())),
})

describe('the page about a search, opened from disk', () => {
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
        expect(await charts.count()).toBeGreaterThan(3)
        for (const chart of await charts.all()) {
          const shown = chart.locator('svg:visible')
          expect(await shown.count()).toBe(1)
          const box = await shown.boundingBox()
          // Letters are 11 or 12 px in the chart's own pixels: at this scale at least 9 px on the page.
          expect((box?.width ?? 0) / Number(await shown.getAttribute('width'))).toBeGreaterThan(0.8)
        }
      })
    },
  )

  test.each(['light', 'narrow'] as const)('%s: no letters of a chart lie over each other', async (mode) => {
    await withPage('tuned', mode, async ({ page }) => {
      expect(await page.evaluate(OVERLAPS)).toEqual([])
    })
  })

  test('the answer and the flags stand on the first screen, and can be copied', async () => {
    await withPage('tuned', 'light', async ({ page }) => {
      for (const selector of ['.verdict', '.tiles', '#answer pre >> nth=0']) {
        const box = await page.locator(selector).boundingBox()
        expect((box?.y ?? 1e9) + (box?.height ?? 0), selector).toBeLessThan(900)
      }
      expect(await page.locator('#answer pre code').first().textContent()).toBe('--max-num-seqs 48')
    })
  })

  test('arrow keys step through the trials of the search in their order', async () => {
    await withPage('tuned', 'light', async ({ page }) => {
      await page.locator('#search-course .chart').focus()
      await page.keyboard.press('ArrowRight')
      expect(await page.locator('.tip').textContent()).toBe('256 (default) started in 42.4 s')
    })
  })
})
