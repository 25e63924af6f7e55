import type { PointFindings } from '../../analyse/index.js'
import { ms, num, percent } from '../format.js'
import { type Html, html, nothing } from '../html.js'
import type { ReportResult } from '../input.js'
import { limitLines, retryLines } from '../retries.js'
import { fig, figures, table, text } from '../table.js'
import { pointName, rowsOf } from './rows.js'

/** What the application's retries made of the failures, where a policy was replayed. */
export function retriesSection(results: readonly ReportResult[]): Html {
  const points = results.flatMap((r) => r.findings.points).filter((p) => p.retries !== null)
  const [only, ...others] = points
  if (only === undefined) return nothing
  return html`<section id="retries"><h2>Retries</h2>
<p class="lead">${others.length === 0 ? `${retryLines(only).join('. ')}.` : stormSentence(points)}</p>
${table({
  caption: 'Requests as users see them, and attempts as the target sees them',
  columns: [
    text('point'),
    ...figures(
      'ended well',
      'at the first attempt',
      'gave up',
      'p50',
      'p99',
      'rescued p50',
      'rescued p99',
      'attempts per request',
      'requests/s',
      'attempts/s',
      'storm from, s',
    ),
  ],
  rows: rowsOf(results, ({ retries: r }) => [
    fig(r?.endedWellShare, percent),
    fig(r?.firstTryShare, percent),
    fig(r?.gaveUpShare, percent),
    fig(r?.e2eMs.p50, ms),
    fig(r?.e2eMs.p99, ms),
    fig(r?.rescuedE2eMs.p50, ms),
    fig(r?.rescuedE2eMs.p99, ms),
    fig(r?.amplification, num),
    fig(r?.requestsPerS, num),
    fig(r?.attemptsPerS, num),
    fig(r?.storm?.atS, num),
  ]),
})}</section>`
}

/** Of a sweep: the least load at which retries feed on themselves. */
function stormSentence(points: readonly PointFindings[]): string {
  const stormy = points
    .flatMap(({ retries }) => (retries?.storm && retries.requestsPerS !== null ? [retries.requestsPerS] : []))
    .sort((a, b) => a - b)
  const [least] = stormy
  return least === undefined
    ? 'At no load did retries add half as much again to it for long.'
    : `From ${num(least)} requests a second on, retries add half as much again to the load, or more: a storm.`
}

/** What the provider told of its limits, and when it refused. */
export function limitsSection(results: readonly ReportResult[]): Html {
  const parts = results.flatMap(({ name, findings }) =>
    findings.points.flatMap((point) => {
      const lines = limitLines(point)
      const of = [...(results.length > 1 ? [name] : []), pointName(point)].join(': ')
      return lines.length === 0
        ? []
        : [html`<h4><bdi>${of}</bdi></h4><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`]
    }),
  )
  return parts.length === 0
    ? nothing
    : html`<section id="limits"><h2>Rate limits</h2>
<p class="lead">As the headers of the answers told them, and as they were enforced.</p>${parts}</section>`
}
