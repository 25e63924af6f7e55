import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'
import packed from '@sparticuz/chromium'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** Not the package's own list: its `--single-process` ends the browser with the first context that closes. */
const ARGS = ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none']

/** Chromium from the npm package. Where the system lacks its libraries, those in the package are used. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await packed.executablePath()
  try {
    return await chromium.launch({ executablePath, args: ARGS })
  } catch (thrown) {
    if (!/shared librar/.test(String(thrown))) throw thrown
    return chromium.launch({
      executablePath,
      args: ARGS,
      env: { ...process.env, LD_LIBRARY_PATH: packedLibraries() },
    })
  }
}

function packedLibraries(): string {
  const bin = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', '..', 'bin')
  const folder = join(tmpdir(), 'falloff-chromium-libraries')
  mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['-x', '-C', folder], {
    input: brotliDecompressSync(readFileSync(join(bin, 'al2023.tar.br'))),
  })
  return join(folder, 'lib')
}

/** A page from disk with everything it said and asked for. */
export interface Opened {
  readonly page: Page
  /** URLs asked for beyond the file itself. */
  readonly requests: readonly string[]
  /** Console messages and uncaught errors. */
  readonly messages: readonly string[]
  close(): Promise<void>
}

export function saveReport(html: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'falloff-report-')), 'report.html')
  writeFileSync(file, html)
  return pathToFileURL(file).href
}

export async function openReport(
  browser: Browser,
  url: string,
  options: BrowserContextOptions & { print?: boolean } = {},
): Promise<Opened> {
  const { print, ...rest } = options
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...rest })
  const page = await context.newPage()
  const requests: string[] = []
  const messages: string[] = []
  page.on('request', (r) => {
    if (r.url() !== url && !r.url().startsWith('blob:')) requests.push(r.url())
  })
  page.on('console', (m) => messages.push(m.text()))
  page.on('pageerror', (e) => messages.push(e.message))
  if (print) await page.emulateMedia({ media: 'print' })
  await page.goto(url)
  return { page, requests, messages, close: () => context.close() }
}
