import type { PointFindings } from '../../analyse/index.js'
import { instrumentError, METRICS, type MetricName } from '../../analyse/index.js'
import { falloffChart } from '../charts/falloff.js'
import { paretoChart } from '../charts/pareto.js'
import { curvesOf, percentileChart } from '../charts/percentiles.js'
import { limitOf } from '../charts/tail.js'
import { throughputChart } from '../charts/throughput.js'
import { figure } from '../figure.js'
import {
  ABSENT,
  boundedValue,
  dimensionLabel,
  inUnit,
  median,
  ms,
  num,
  percent,
  quantile,
} from '../format.js'
import { type Html, html, nothing } from '../html.js'
import { loadDimension, type ReportResult } from '../input.js'
import { NOT_MEASURED, plusMinus } from '../instrument.js'
import { type Cell, fig, figures, type Table, text } from '../table.js'
import { pointName, rowsOf } from './rows.js'

/** The falloff panels with the sentence that reads them. */
export async function falloffSection(results: readonly ReportResult[]): Promise<Html> {
  return html`<section id="falloff"><h2>Where it falls off</h2>
<p class="lead">Five views of the same points, over one axis. The dashed line is the knee, the band its 95 % interval.</p>
${await figure({
  id: 'falloff-panels',
  title: 'Five signals, one axis',
  summary: results.map(falloffSummary).join(' '),
  spec: (narrow) => falloffChart(results, narrow),
  data: falloffTable(results),
})}</section>`
}

function falloffSummary(result: ReportResult, _i: number, all: readonly ReportResult[]): string {
  const { points, falloff } = result.findings
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return 'No point was measured.'
  const name = all.length > 1 ? `${result.name}: ` : ''
  const speed = (p: PointFindings) => median(p.metrics.perStreamTokensPerS.p50, num)
  const kv = Math.max(...points.map((p) => p.server?.kvUsageMax ?? -1))
  const cache = kv < 0 ? 'The KV cache was not observed.' : `The KV cache reaches ${percent(kv)}.`
  const knee = falloff?.knee
    ? ` The knee is at ${num(falloff.knee.at)} ${dimensionLabel(loadDimension(result.findings))}.`
    : ''
  return `${name}${name === '' ? 'From' : 'from'} ${pointName(first)} to ${pointName(last)}, one stream slows from ${speed(first)} to ${speed(last)} tokens/s and the median TTFT goes from ${median(first.metrics.ttft.p50, ms)} to ${median(last.metrics.ttft.p50, ms)}. ${cache}${knee}`
}

const seen = (v: number | null | undefined, show: (v: number | null | undefined) => string) =>
  fig(v, (x) => (x === null || x === undefined ? 'not observed' : show(x)))

const falloffTable = (results: readonly ReportResult[]): Table => ({
  caption: 'Falloff panels; a median in brackets has too few requests to bound it',
  columns: [
    text('point'),
    ...figures(
      'tokens/s of one stream, p5',
      'p50',
      'p95',
      'TTFT p50',
      'TTFT p99 (95 % interval)',
      'KV max',
      'KV mean',
      'running',
      'waiting',
      'preemptions per request',
    ),
  ],
  rows: rowsOf(results, (p) => {
    const { perStreamTokensPerS: speed, ttft } = p.metrics
    return [
      fig(boundedValue(speed.p5), num),
      { show: median(speed.p50, num), raw: speed.p50?.value },
      fig(boundedValue(speed.p95), num),
      { show: median(ttft.p50, ms), raw: ttft.p50?.value },
      { show: quantile(ttft.p99, 'ms'), raw: boundedValue(ttft.p99) },
      seen(p.server?.kvUsageMax, percent),
      seen(p.server?.kvUsageMean, percent),
      seen(p.server?.runningMean, num),
      seen(p.server?.waitingMean, num),
      seen(p.server?.preemptionsPerRequest, num),
    ]
  }),
})

/** Total throughput and goodput over load, and throughput against what one user gets. */
export async function throughputSection(results: readonly ReportResult[]): Promise<Html> {
  const peaks = results.flatMap((r) => {
    const peak = r.findings.falloff?.peak
    return peak
      ? [
          `${results.length > 1 ? `${r.name}: at` : 'At'} most ${num(peak.outputTokensPerS)} output tokens/s, at ${num(peak.at)} ${dimensionLabel(loadDimension(r.findings))}.`,
        ]
      : []
  })
  return html`<section id="throughput"><h2>What all streams get together</h2>
${await figure({ id: 'throughput-by-load', title: 'Throughput and goodput by load', summary: peaks.join(' ') || 'Throughput at every load.', spec: (narrow) => throughputChart(results, narrow), data: throughputTable(results) })}
${await figure({ id: 'throughput-latency', title: 'Throughput against the speed of one stream', summary: 'One point per load, named by it. Up is more for all, right is more for each; where the line turns back, more load serves nobody.', spec: (narrow) => paretoChart(results, narrow), data: throughputTable(results) })}</section>`
}

const throughputTable = (results: readonly ReportResult[]): Table => ({
  caption: 'Throughput',
  columns: [
    text('point'),
    ...figures(
      'output tokens/s',
      'input tokens/s',
      'requests/s',
      'good requests/s',
      'good share',
      'mean in flight',
      'offered/s',
      'tokens/s of one stream',
    ),
  ],
  rows: rowsOf(results, ({ throughput: t, metrics }) => [
    fig(t.outputTokensPerS, num),
    fig(t.inputTokensPerS, num),
    fig(t.requestsPerS, num),
    fig(t.goodputPerS, num),
    fig(t.goodShare, percent),
    fig(t.meanInFlight, num),
    fig(t.offeredPerS, num),
    { show: median(metrics.perStreamTokensPerS.p50, num), raw: metrics.perStreamTokensPerS.p50?.value },
  ]),
})

const SHOWN: readonly { metric: MetricName; id: string }[] = [
  { metric: 'ttft', id: 'ttft-percentiles' },
  { metric: 'chunkGap', id: 'gap-percentiles' },
  { metric: 'e2e', id: 'e2e-percentiles' },
]

/** Percentile curves of the metrics that a user feels. */
export async function percentileSection(results: readonly ReportResult[]): Promise<Html> {
  const charts: Html[] = []
  for (const { metric, id } of SHOWN) charts.push(await percentileFigure(results, metric, id))
  return html`<section id="percentiles"><h2>How latency is spread</h2>
<p class="lead">Read a curve to the right: each decade holds a tenth of the requests of the one before. The band is the 95 % interval; a curve ends where the sample no longer bounds it, and has no band where the sample bounds nothing.</p>${charts}</section>`
}

async function percentileFigure(
  results: readonly ReportResult[],
  metric: MetricName,
  id: string,
): Promise<Html> {
  const curves = curvesOf(results, metric)
  if (curves.every((c) => c.summary.curve.length === 0)) return nothing
  const label = METRICS.find((m) => m.name === metric)?.label ?? metric
  const points = results.flatMap((r) => r.findings.points)
  const limit = limitOf(points, metric, 'p99')
  const summary = curves
    .map(
      (c) =>
        `${curves.length > 1 ? `${c.label.replace(/^at /, 'At ')}: ` : ''}p50 ${median(c.summary.p50, ms)}, p99 ${quantile(c.summary.p99, 'ms')}, instrument ${c.error}, n = ${c.summary.n.toLocaleString('en-US')}.`,
    )
    .join(' ')
  return figure({
    id,
    title: label,
    summary,
    spec: (narrow) => percentileChart(curves, limit, narrow),
    data: curveTable(curves, label),
  })
}

const curveTable = (curves: ReturnType<typeof curvesOf>, label: string): Table => ({
  caption: `${label}, ms; mean beside the percentiles, never instead of them`,
  columns: [text('curve'), ...figures('n', 'min', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max', 'mean')],
  rows: curves.map(({ label: name, summary: s }) => [
    name || 'all requests',
    fig(s.n, num),
    fig(s.min, ms),
    ...[s.p50, s.p90, s.p95, s.p99, s.p999].map((q) => ({ show: quantile(q, 'ms'), raw: boundedValue(q) })),
    fig(s.max, ms),
    fig(s.mean, ms),
  ]),
})

/** Metrics that no stamp enters have no such error. */
function errorCell(point: PointFindings, metric: MetricName): Cell {
  const error = instrumentError(point, metric)
  const stamped = point.instrument.canary === null && STAMPED.has(metric)
  return { show: stamped ? NOT_MEASURED : error === null ? ABSENT : plusMinus(point, metric), raw: error }
}

const STAMPED: ReadonlySet<string> = new Set(
  METRICS.map((m) => m.name).filter((name) => !['lateness', 'inputTokens', 'outputTokens'].includes(name)),
)

/** Every metric of one point. */
export const metricsTable = (point: PointFindings, name: string): Table => ({
  caption: `All metrics${name}; 95 % interval in brackets; ≥ where the sample bounds a percentile from below only; instrument: by how much our own stamps may err, at p99`,
  columns: [text('metric'), ...figures('n', 'p50', 'p90', 'p95', 'p99', 'instrument', 'mean', 'min', 'max')],
  rows: METRICS.map(({ name: metric, label }) => {
    const s = point.metrics[metric]
    const show = (v: number | null | undefined) => inUnit(v, s.unit)
    return [
      label,
      fig(s.n, num),
      ...[s.p50, s.p90, s.p95, s.p99].map((q) => ({ show: quantile(q, s.unit), raw: boundedValue(q) })),
      errorCell(point, metric),
      fig(s.mean, show),
      fig(s.min, show),
      fig(s.max, show),
    ]
  }),
})
