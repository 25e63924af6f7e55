import type { Findings, MetricName, PointFindings } from '../analyse/index.js'
import { formatBytes } from '../base/index.js'
import { comparisonCharts, renderComparison } from './comparison/page.js'
import { plural, utc } from './format.js'
import { type Chart, html, nothing } from './html.js'
import type { ReportInput, ReportResult } from './input.js'
import { type Page, page } from './page.js'
import { answerOf, verdictOf } from './sections/answer.js'
import { definitionsSection, environmentSection, reproduceSection } from './sections/background.js'
import { causeSection, confirmationSection, recommendationSection } from './sections/cause.js'
import { falloffSection, percentileSection, throughputSection } from './sections/charts.js'
import { courseSection, errorSection, heatSection } from './sections/course.js'
import { instrumentSection, metricsSection } from './sections/instrument.js'
import { limitsSection, retriesSection } from './sections/retries.js'
import { validitySection } from './sections/validity.js'
import { visible } from './visible.js'

/** From this size on a report opens slowly and should be split. */
const WARN_BYTES = 3e6

/** What to tell the user about a report that is too large to open well; null when it is not. */
export function sizeWarning(report: string): string | null {
  const bytes = Buffer.byteLength(report)
  if (bytes <= WARN_BYTES) return null
  return `the report has ${formatBytes(bytes)} and will open slowly; report on fewer results or points at a time`
}

/**
 * One self-contained HTML file about a run or a sweep, or, of several, about how they compare. The same input gives the same
 * bytes; text from outside is escaped, and characters that would hide or reorder it are spelt out.
 *
 * @throws ChartError when a chart could not be drawn without a warning
 */
export async function renderReport(input: ReportInput): Promise<string> {
  const { comparison, results } = input
  return comparison ? renderComparison(comparison, { results }) : page(await contentOf(input))
}

/** The charts of that file, in its order. */
export async function reportCharts(input: ReportInput): Promise<readonly Chart[]> {
  const { comparison, results } = input
  if (comparison) return comparisonCharts(comparison, { results })
  const { sections } = await contentOf(input)
  return sections.flatMap(({ body }) => body.charts)
}

async function contentOf(input: ReportInput): Promise<Page> {
  const { title, results } = visible(input)
  const swept = results.filter((r) => r.findings.kind === 'sweep')
  return {
    title,
    description: results.map(verdictOf).join(' '),
    meta: metaOf(results),
    tool: results[0]?.findings.tool ?? 'falloff',
    data: results.map((r) => ({ name: r.name, findings: forReaders(r.findings) })),
    sections: [
      {
        id: 'answer',
        name: 'Answer',
        body: html`<section id="answer" aria-label="Answer">${results.map(answerOf)}</section>`,
      },
      { id: 'validity', name: 'Validity', body: validitySection(results) },
      { id: 'falloff', name: 'Falloff', body: swept.length > 0 ? await falloffSection(swept) : nothing },
      { id: 'cause', name: 'Cause', body: causeSection(swept) },
      { id: 'recommendation', name: 'Setting', body: recommendationSection(swept) },
      { id: 'confirmation', name: 'Confirmation', body: await confirmationSection(swept) },
      {
        id: 'throughput',
        name: 'Throughput',
        body: swept.length > 0 ? await throughputSection(swept) : nothing,
      },
      { id: 'heat', name: 'Batch size', body: await heatSection(swept) },
      { id: 'percentiles', name: 'Latency', body: await percentileSection(results) },
      { id: 'course', name: 'Over time', body: await courseSection(results) },
      { id: 'errors', name: 'Requests', body: await errorSection(results) },
      { id: 'retries', name: 'Retries', body: await retriesSection(results) },
      { id: 'limits', name: 'Limits', body: limitsSection(results) },
      { id: 'metrics', name: 'Figures', body: metricsSection(results) },
      { id: 'instrument', name: 'Trust', body: await instrumentSection(results) },
      { id: 'environment', name: 'Environment', body: environmentSection(results) },
      { id: 'definitions', name: 'Definitions', body: definitionsSection() },
      { id: 'reproduce', name: 'Reproduce', body: reproduceSection(results) },
    ],
  }
}

function metaOf(results: readonly ReportResult[]): string {
  return results
    .map(({ findings, manifests: [manifest] }) => {
      const target = manifest
        ? `${manifest.target.model} on ${manifest.target.engine ?? manifest.target.url}`
        : findings.name
      const what =
        findings.kind === 'sweep' ? `sweep of ${plural(findings.points.length, 'point')}` : 'single run'
      return `${target} · ${what} · ${utc(manifest?.startedAtUtc ?? findings.points[0]?.startedAtUtc)}`
    })
    .join(' — ')
}

const DRAWN: readonly MetricName[] = ['ttft', 'chunkGap', 'e2e']

/** The findings as embedded: percentile curves only of the metrics that are drawn, figures to six digits. */
function forReaders(findings: Findings): unknown {
  const points = findings.points.map(slim)
  const confirmation = findings.confirmation && {
    ...findings.confirmation,
    points: findings.confirmation.points.map(slim),
  }
  return rounded({ ...findings, points, confirmation })
}

const slim = (point: PointFindings) => ({
  ...point,
  metrics: Object.fromEntries(
    Object.entries(point.metrics).map(([name, m]) => [
      name,
      (DRAWN as readonly string[]).includes(name) ? m : { ...m, curve: [] },
    ]),
  ),
})

function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(6))
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, rounded(v)]))
}
