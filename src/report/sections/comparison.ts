import { forestChart } from '../charts/forest.js'
import { figure } from '../figure.js'
import { inUnit, percent, signedPercent } from '../format.js'
import { type Html, html, nothing } from '../html.js'
import type { Comparison, ReportResult } from '../input.js'
import { fig, figures, type Table, table, text } from '../table.js'
import { pointName } from './rows.js'

/** What differs between the results, and by how much the figures do. */
export async function comparisonSection(
  results: readonly ReportResult[],
  comparison: Comparison | null,
): Promise<Html> {
  if (!comparison) return nothing
  const { label, differences, changes } = comparison
  const charts: Html[] = []
  for (const [i, { name }] of results.slice(1).entries())
    charts.push(await changeFigure(comparison, name, results[0], i))
  return html`<section id="comparison"><h2>Side by side <span class="lead">(${label})</span></h2>
${label === 'indicative' && html`<p class="lead">One measurement of each: the intervals hold the scatter inside a run, not that between runs. Repeat and interleave before deciding.</p>`}
<h3>What differs in the configuration</h3>
${differences.length === 0 ? html`<p>Nothing that the manifests record.</p>` : table(differencesTable(results, differences))}
${changes.length === 0 ? html`<p>No setting was measured in both.</p>` : charts}</section>`
}

const differencesTable = (
  results: readonly ReportResult[],
  differences: Comparison['differences'],
): Table => ({
  caption: 'Settings that are not the same in all results',
  columns: [text('setting'), ...results.map((r) => text(r.name))],
  rows: differences.map((d) => [
    d.key,
    ...d.values.map((v) => ({ show: html`<bdi class="wrap">${v}</bdi>` })),
  ]),
})

/** Of the many figures that are compared, those that the chart shows; the table has them all. */
const DRAWN: Readonly<Record<string, string>> = {
  outputTokensPerS: 'tokens/s, all',
  'perStreamTokensPerS p50': 'tokens/s, one',
  'ttft p50': 'TTFT p50',
  'ttft p99': 'TTFT p99',
}

async function changeFigure(
  comparison: Comparison,
  name: string,
  base: ReportResult | undefined,
  i: number,
): Promise<Html> {
  // A percentile whose interval is unbounded is not printed, and so neither is its change.
  const all = comparison.changes.filter((c) => c.result === name && c.low !== null && c.high !== null)
  const changes = Object.entries(DRAWN).flatMap(([metric, label]) =>
    all.filter((c) => c.metric === metric).map((c) => ({ ...c, metric: label })),
  )
  if (!base || changes.length === 0) return nothing
  const shown = (side: (low: number, high: number) => boolean) =>
    changes.filter((c) => c.low !== null && c.high !== null && side(c.low, c.high)).length
  const apart = shown((low, high) => low > 0 || high < 0)
  const total = shown(() => true)
  return figure({
    id: `changes-${i + 1}`,
    title: `${name} against ${base.name}`,
    summary: `Relative change with its 95 % interval; ${apart} of ${total} intervals lie wholly on one side of zero. Grey: no difference shown.`,
    spec: (narrow) => forestChart(changes, narrow),
    data: changesTable(all, base, name),
  })
}

const changesTable = (changes: Comparison['changes'], base: ReportResult, second: string): Table => ({
  caption: `${second} against ${base.name}; of shares the plain difference`,
  columns: [text('metric'), text('at'), ...figures(base.name, second, 'change', 'from', 'to')],
  rows: changes.map((c) => [
    c.metric,
    { show: placeOf(base, c.at) },
    fig(c.before, showIn(c.unit)),
    fig(c.after, showIn(c.unit)),
    fig(c.relative, signedPercent),
    fig(c.low, signedPercent),
    fig(c.high, signedPercent),
  ]),
})

const showIn = (unit: string) => (v: number | null | undefined) =>
  unit === 'share' ? percent(v) : inUnit(v, unit)

/** The setting in words. */
function placeOf(base: ReportResult, label: string): string {
  const point = base.findings.points.find((p) => p.setting.label === label)
  return point ? pointName(point) : label
}
