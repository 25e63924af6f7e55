import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderTune } from '../../src/report/index.js'
import { killed, left, tuned, tuneInput, undecided } from '../report/tune-fixture.js'
import { type Opened, openBrowser, openReport, saveReport } from './open.js'

const SEARCHES = { tuned, killed, left, undecided }
const MODES = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  narrow: { viewport: { width: 400, height: 800 } },
  print: { print: true },
  'no scripts': { javaScriptEnabled: false },
} as const

let browser: Browser
const urls: Record<string, string> = {}

beforeAll(async () => {
  browser = await openBrowser()
  for (const [name, make] of Object.entries(SEARCHES))
    urls[name] = saveReport(await renderTune(tuneInput(make())))
}, 120_000)
afterAll(() => browser?.close())

async function withPage(
  name: keyof typeof SEARCHES,
  mode: keyof typeof MODES,
  check: (opened: Opened) => Promise<void>,
): Promise<void> {
  const opened = await openReport(browser, urls[name] ?? '', MODES[mode])
  try {
    await check(opened)
  } finally {
    await opened.close()
  }
}

const cases = Object.keys(SEARCHES).flatMap((name) => Object.keys(MODES).map((mode) => [name, mode])) as [
  keyof typeof SEARCHES,
  keyof typeof MODES,
][]

/** Letters of a chart that lie over each other by more than a hair: pairs of their texts. */
const OVERLAPS = `(() => {
  const found = []
  for (const chart of document.querySelectorAll('.chart')) {
    const svg = [...chart.querySelectorAll('svg')].find((s) => s.getClientRects().length > 0)
    const texts = [...svg.querySelectorAll('text')].filter((t) => t.textContent.trim() !== '')
    const boxes = texts.map((t) => t.getBoundingClientRect())
    for (let i = 0; i < texts.length; i++) for (let j = i + 1; j < texts.length; j++) {
      const a = boxes[i], b = boxes[j]
      const w = Math.min(a.right, b.right) - Math.max(a.left, b.left), h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
      if (w > 2 && h > 6) found.push(chart.closest('figure').id + ': ' + texts[i].textContent + ' | ' + texts[j].textContent)
    }
  }
  return found
})()`

describe('the page about a search, opened from disk', () => {
  test.each(cases)(
    '%s, %s: asks for nothing, says nothing, does not scroll sideways, and draws every chart once',
    async (name, mode) => {
      await withPage(name, mode, async ({ page, requests, messages }) => {
        expect(requests).toEqual([])
        expect(messages).toEqual([])
        const width = mode === 'narrow' ? 400 : 1100
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
