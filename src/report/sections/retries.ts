import type { PointFindings } from '../../analyse/index.js'
import { courseStepS, retryChart } from '../charts/retries.js'
import { figure } from '../figure.js'
import { inUnit, ms, num, percent, sentence } from '../format.js'
import { type Html, html, nothing } from '../html.js'
import type { ReportResult } from '../input.js'
import { limitLines, retryLines, tailText } from '../retries.js'
import { type Cell, fig, figures, type Table, table, text } from '../table.js'
import { pointName, rowsOf } from './rows.js'

/** What the application's retries made of the failures, where a policy was replayed. */
export async function retriesSection(results: readonly ReportResult[]): Promise<Html> {
  const points = results.flatMap((r) => r.findings.points).filter((p) => p.retries !== null)
  const [only, ...others] = points
  if (only === undefined) return nothing
  const charts: Html[] = []
  for (const [i, result] of results.entries())
    charts.push(...(await retryFigures(result, i, results.length > 1)))
  return html`<section id="retries"><h2>Retries</h2>
${others.length > 0 ? html`<p class="lead">${stormSentence(points)}</p>` : html`<ul>${retryLines(only).map((line) => html`<li>${sentence(line)}</li>`)}</ul>`}
${charts}
${table(usersTable(results))}
${table(targetTable(results))}</section>`
}

const usersTable = (results: readonly ReportResult[]): Table => ({
  caption: 'As users see it: requests, and end to end from the first attempt where it ended well',
  columns: [
    text('point'),
    ...figures('ended well', 'at the first attempt', 'gave up', 'p50', 'p99', 'p50 after a retry'),
    ...figures('p99 after a retry'),
  ],
  rows: rowsOf(results, ({ retries: r }) => [
    fig(r?.endedWellShare, percent),
    fig(r?.firstTryShare, percent),
    fig(r?.gaveUpShare, percent),
    fig(r?.e2eMs.p50, ms),
    tail(r?.e2eMs),
    fig(r?.rescuedE2eMs.p50, ms),
    tail(r?.rescuedE2eMs),
  ]),
})

type Retries = NonNullable<PointFindings['retries']>
type Latency = Retries['e2eMs']

const tail = (latency: Latency | undefined): Cell =>
  latency === undefined ? fig(null, ms) : fig(latency.p99, () => tailText(latency))

const targetTable = (results: readonly ReportResult[]): Table => ({
  caption: 'As the target sees it: attempts',
  columns: [
    text('point'),
    ...figures('attempts per request', 'requests/s', 'attempts/s', 'retry storm from'),
  ],
  rows: rowsOf(results, ({ retries: r }) => [
    fig(r?.amplification, num),
    fig(r?.requestsPerS, num),
    fig(r?.attemptsPerS, num),
    fig(r?.storm?.atS, inS),
  ]),
})

const inS = (value: number | null | undefined): string => inUnit(value, 's')

/** The course of the run, of the knee, or of the point whose target had most to bear. */
async function retryFigures(
  { findings, name }: ReportResult,
  index: number,
  isNamed: boolean,
): Promise<readonly Html[]> {
  const drawable = findings.points.filter(({ retries: r }) => r !== null && courseStepS(r) > 0)
  const most = drawable.toSorted((a, b) => attempts(b) - attempts(a))[0]
  const point = drawable.find((p) => p.setting.label === findings.falloff?.kneePoint) ?? most
  const retries = point?.retries
  if (!point || !retries) return []
  const of = [...(isNamed ? [name] : []), ...(findings.points.length > 1 ? [pointName(point)] : [])]
  const chart = await figure({
    id: `retries-${index + 1}`,
    title: `${of.length === 0 ? '' : `${of.join(', ')}: `}requests and attempts over time`.replace(/^r/, 'R'),
    summary: courseSentence(retries),
    spec: (narrow) => retryChart(retries, narrow),
    data: {
      caption: `Requests and attempts in intervals of ${num(courseStepS(retries))} s`,
      columns: figures('from, s', 'requests/s', 'attempts/s'),
      rows: retries.course.map((bin) => [
        fig(bin.atS, num),
        fig(bin.requestsPerS, num),
        fig(bin.attemptsPerS, num),
      ]),
    },
  })
  return [chart]
}

const attempts = ({ retries }: PointFindings): number => retries?.amplification ?? 0

function courseSentence({ course, storm, requestsPerS, attemptsPerS }: Retries): string {
  const peak = course.reduce((most, bin) => (bin.attemptsPerS > most.attemptsPerS ? bin : most))
  const when =
    storm === null
      ? 'Retries never added half as much again for long'
      : `From ${num(storm.atS)} s on retries add half as much again to the load, or more: a storm`
  return `Users bring ${num(requestsPerS)} requests/s, the target sees ${num(attemptsPerS)} attempts/s, and ${num(peak.attemptsPerS)} at the peak, at ${num(peak.atS)} s. ${when}.`
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
        : [html`<h4><bdi>${of}</bdi></h4><ul>${lines.map((line) => html`<li>${sentence(line)}</li>`)}</ul>`]
    }),
  )
  return parts.length === 0
    ? nothing
    : html`<section id="limits"><h2>Rate limits</h2>
<p class="lead">As the answers’ headers told them, and as they were enforced.</p>${parts}</section>`
}
