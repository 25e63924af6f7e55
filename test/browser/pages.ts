import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { type Opened, openBrowser, openReport, saveReport } from './open.js'

export const WIDTHS = { wide: 1100, narrow: 390 } as const

/** How a page is looked at. */
const MODES = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  narrow: { viewport: { width: WIDTHS.narrow, height: 844 } },
  print: { print: true },
  'no scripts': { javaScriptEnabled: false },
} as const
type Mode = keyof typeof MODES

export const widthOf = (mode: Mode): number => (mode === 'narrow' ? WIDTHS.narrow : WIDTHS.wide)

/** Pages that are made and saved before the tests of a file, each to be opened in every mode. */
export function savedPages<Name extends string>(make: Readonly<Record<Name, () => Promise<string>>>) {
  const names = Object.keys(make) as Name[]
  const urls = new Map<Name, string>()
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
    for (const name of names) urls.set(name, saveReport(await make[name]()))
  }, 180_000)
  afterAll(() => browser?.close())

  type Options = Parameters<typeof openReport>[2]
  const open = (name: Name, options: Options): Promise<Opened> =>
    openReport(browser, urls.get(name) ?? '', options)

  return {
    open,
    openHtml: (html: string): Promise<Opened> => openReport(browser, saveReport(html)),
    /** Every page in every mode, for `test.each`. */
    cases: names.flatMap((name) => (Object.keys(MODES) as Mode[]).map((mode) => [name, mode] as const)),
    async withPage(name: Name, mode: Mode, check: (opened: Opened) => Promise<void>): Promise<void> {
      const opened = await open(name, MODES[mode])
      try {
        await check(opened)
      } finally {
        await opened.close()
      }
    },
  }
}

/** Letters of a chart that lie over each other by more than a hair: pairs of their texts. */
export const OVERLAPS = `(() => {
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
