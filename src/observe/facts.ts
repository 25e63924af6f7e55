import type { TargetFacts } from '../record/index.js'
import { callFollowing } from './http.js'
import { FIRST_PAGES, furtherPages, knowEngine } from './know.js'
import { type PageAnswer, pagesOf } from './pages.js'

export interface FactsOptions {
  readonly baseUrl: string
  readonly metricsUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly api: string
  readonly model: string | undefined
}

/** A page that takes longer is left alone: a gateway may keep silent on what it does not serve. */
const PAGE_TIMEOUT_MS = 5_000

/** Asks the target what it is, in two rounds at most. What it does not tell stays absent. */
export async function readFacts({
  baseUrl,
  metricsUrl,
  headers,
  api,
  model,
}: FactsOptions): Promise<TargetFacts> {
  const answers = new Map<string, PageAnswer | undefined>()
  const askAll = (paths: readonly string[]): Promise<unknown> =>
    Promise.all(paths.map(async (path) => answers.set(path, await ask(`${baseUrl}${path}`, headers))))
  const [metrics] = await Promise.all([ask(metricsUrl, headers), askAll(FIRST_PAGES)])
  // Who has no answer at all to these, not even a 404, is not asked on: every page would be waited for in vain.
  const answered = [metrics, ...answers.values()].some((answer) => answer !== undefined)
  if (answered) {
    await askAll(furtherPages(pagesOf(answers), metrics).filter((path) => !answers.has(path)))
  }
  const { models, ...facts } = knowEngine(pagesOf(answers), metrics, model)
  return { url: withoutCredentials(baseUrl), api, model: model ?? models[0] ?? '', ...facts }
}

const ask = (url: string, headers: Readonly<Record<string, string>>): Promise<PageAnswer | undefined> =>
  callFollowing(url, { headers, timeoutMs: PAGE_TIMEOUT_MS }).catch(() => undefined)

export function withoutCredentials(url: string): string {
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  parsed.search = ''
  return parsed.toString().replace(/\/$/, '')
}
