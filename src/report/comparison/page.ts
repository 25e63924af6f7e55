import type { ComparisonFindings } from '../../analyse/index.js'
import { plural, utc } from '../format.js'
import type { Chart } from '../html.js'
import type { ReportResult } from '../input.js'
import { type Page, page } from '../page.js'
import { visible } from '../visible.js'
import { embedded } from './embedded.js'
import { answerSection } from './sections/answer.js'
import { definitionsSection, differenceSection, reproduceSection, runSection } from './sections/background.js'
import { besideSection } from './sections/beside.js'
import { effectsSection } from './sections/effects.js'
import { loadSection } from './sections/load.js'
import { overlays } from './sections/overlays.js'
import { promptSection } from './sections/prompts.js'
import { requestSection } from './sections/requests.js'
import { spreadSection } from './sections/spread.js'
import { trustSection } from './sections/trust.js'
import { type ComparisonView, viewOf } from './view.js'
import { headline, listed } from './words.js'

/** What a page may have beside the findings. */
interface ComparisonExtra {
  /** Results as a report has them: what each found by itself, and its course. */
  readonly results?: readonly ReportResult[]
}

/**
 * One self-contained HTML file about 2 to 20 results. The first screen answers the question in words. The same input gives
 * the same bytes; text from outside is escaped, and characters that would hide or reorder it are spelt out.
 * @throws ChartError when a chart could not be drawn without a warning
 */
export async function renderComparison(
  findings: ComparisonFindings,
  extra: ComparisonExtra = {},
): Promise<string> {
  return page(await contentOf(findings, extra))
}

/** The charts of that page, in its order. */
export async function comparisonCharts(
  findings: ComparisonFindings,
  extra: ComparisonExtra = {},
): Promise<readonly Chart[]> {
  const { sections } = await contentOf(findings, extra)
  return sections.flatMap(({ body }) => body.charts)
}

async function contentOf(findings: ComparisonFindings, extra: ComparisonExtra): Promise<Page> {
  const clean = visible({ findings, results: extra.results ?? [] })
  const view = viewOf(clean.findings, clean.results)
  const own = await overlays(view)
  return {
    title: titleOf(view),
    description: headline(view),
    meta: metaOf(view),
    tool: view.findings.tool,
    data: embedded(view.findings),
    sections: [
      { id: 'answer', name: 'Answer', body: answerSection(view) },
      { id: 'trust', name: 'Trust', body: await trustSection(view) },
      { id: 'effects', name: 'Changes', body: await effectsSection(view) },
      { id: 'spread', name: 'Latency', body: await spreadSection(view) },
      { id: 'load', name: 'Load', body: await loadSection(view) },
      ...own.charts,
      { id: 'prompts', name: 'Prompts', body: await promptSection(view) },
      { id: 'requests', name: 'Failures', body: await requestSection(view) },
      { id: 'beside', name: 'Side by side', body: besideSection(view) },
      { id: 'differences', name: 'Configuration', body: differenceSection(view) },
      ...own.details,
      { id: 'runs', name: 'Runs', body: runSection(view) },
      { id: 'definitions', name: 'Definitions', body: definitionsSection() },
      { id: 'reproduce', name: 'Reproduce', body: reproduceSection(view) },
    ],
  }
}

/** Names while there are few. */
const NAMED = 4

function titleOf({ sides, base, findings }: ComparisonView): string {
  if (sides.length <= NAMED) return `${listed(sides.slice(1).map(({ name }) => name))} against ${base.name}`
  return `${findings.name}: ${sides.length - 1} sides against ${base.name}`
}

function metaOf({ findings, sides }: ComparisonView): string {
  const runs = sides.flatMap((side) => side.runs)
  const models = [...new Set(runs.map(({ target }) => target.model))].filter((name) => name !== '')
  const began = runs
    .map(({ startedAtUtc }) => startedAtUtc)
    .filter((at) => at !== '')
    .toSorted()[0]
  return [
    models.length > 2 ? plural(models.length, 'model') : models.join(' and '),
    `${plural(runs.length, findings.design.unit)} of ${sides.length} sides`,
    began === undefined ? '' : utc(began),
  ]
    .filter((part) => part !== '')
    .join(' · ')
}
