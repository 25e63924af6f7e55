import type { Timeline } from '../../analyse/index.js'
import { failureChart } from '../charts/errors.js'
import { type HeatReading, heatDimensions, heatMap } from '../charts/heatmap.js'
import { machineColumns } from '../charts/machine.js'
import { tailOf } from '../charts/tail.js'
import { timelineChart } from '../charts/timeseries.js'
import { figure } from '../figure.js'
import { boundedValue, dimensionLabel, ms, num, percent, plural, whole } from '../format.js'
import { type Html, html, nothing } from '../html.js'
import type { ReportResult } from '../input.js'
import { fig, figures, type Table, table, text } from '../table.js'
import { pointName, rowsOf } from './rows.js'

/** Batch size by load, where two dimensions were swept. */
export async function heatSection(results: readonly ReportResult[]): Promise<Html> {
  const parts: Html[] = []
  for (const [i, { findings, name }] of results.entries()) {
    const dims = heatDimensions(findings)
    if (!dims) continue
    for (const [j, reading] of readingsOf(findings.points).entries()) {
      parts.push(
        await figure({
          id: `heat-${i + 1}-${j + 1}`,
          title: `${results.length > 1 ? `${name}: ` : ''}${reading.title}`,
          summary: `${dimensionLabel(dims.down)} down, ${dimensionLabel(dims.across)} across; a deeper shade is a larger figure. ${extremes(findings.points, reading)}`,
          spec: (narrow) => heatMap(findings, reading, narrow),
          data: {
            caption: reading.title,
            columns: [text('point'), ...figures(reading.title)],
            rows: findings.points.map((p) => [
              pointName(p),
              fig(reading.read(p), (v) => reading.show(v ?? null)),
            ]),
          },
        }),
      )
    }
  }
  return parts.length === 0
    ? nothing
    : html`<section id="heat"><h2>Batch size and load</h2>${parts}</section>`
}

type Points = ReportResult['findings']['points']

function readingsOf(points: Points): readonly HeatReading[] {
  const tail = tailOf(points, 'ttft')
  return [
    { title: 'Output tokens per second', read: (p) => p.throughput.outputTokensPerS, show: num, log: false },
    {
      title: `TTFT ${tail.name}${tail.note}`,
      read: (p) => boundedValue(p.metrics.ttft[tail.key]),
      show: ms,
      log: true,
    },
    { title: 'Goodput, requests per second', read: (p) => p.throughput.goodputPerS, show: num, log: false },
  ]
}

function extremes(points: Points, reading: HeatReading): string {
  const seen = points
    .flatMap((p) => {
      const v = reading.read(p)
      return v === null ? [] : [{ p, v }]
    })
    .toSorted((a, b) => a.v - b.v)
  const [least, most] = [seen[0], seen.at(-1)]
  return least && most
    ? `From ${reading.show(least.v)} (${pointName(least.p)}) to ${reading.show(most.v)} (${pointName(most.p)}).`
    : 'Nothing was measured.'
}

/** The course of the point at the knee, or of the run. */
export async function courseSection(results: readonly ReportResult[]): Promise<Html> {
  const parts: Html[] = []
  for (const [i, result] of results.entries()) {
    const label = result.findings.falloff?.kneePoint
    const timeline = result.timelines.find((t) => t.label === label) ?? result.timelines[0]
    if (!timeline || timeline.bins.length === 0) continue
    parts.push(
      await figure({
        id: `course-${i + 1}`,
        title: `${results.length > 1 ? `${result.name}: ` : ''}${nameOf(result, timeline.label)} over time`,
        summary: `Measured from ${num(timeline.windowS[0])} s to ${num(timeline.windowS[1])} s; shaded stretches are left out of every figure.`,
        spec: (narrow) => timelineChart(timeline, narrow),
        data: courseTable(timeline),
      }),
    )
  }
  return parts.length === 0
    ? nothing
    : html`<section id="course"><h2>Over time${results[0]?.findings.falloff && ', at the knee'}</h2>${parts}</section>`
}

const nameOf = (result: ReportResult, label: string): string => {
  const point = result.findings.points.find((p) => p.setting.label === label)
  return point && point.setting.label !== 'run' ? capital(pointName(point)) : 'The run'
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const courseTable = (t: Timeline): Table => ({
  caption: `Course in bins of ${num(t.binS)} s`,
  columns: figures(
    's',
    'output tokens/s',
    'in flight',
    'running',
    'waiting',
    'KV cache',
    'preemptions/s',
    'TTFT p50',
    'gap p99',
    'failures',
    ...machineColumns(t).map(([name]) => name),
  ),
  rows: t.bins.map((b) => [
    fig(b.atS, num),
    fig(b.outputTokensPerS, num),
    fig(b.inFlight, num),
    fig(b.running, num),
    fig(b.waiting, num),
    fig(b.kvUsage, percent),
    fig(b.preemptionsPerS, num),
    fig(b.ttftP50Ms, ms),
    fig(b.gapP99Ms, ms),
    fig(b.failures, num),
    ...machineColumns(t).map(([, read, show]) => fig(read(b), show)),
  ]),
})

/** What became of every planned request. */
export async function errorSection(results: readonly ReportResult[]): Promise<Html> {
  const points = results.flatMap((r) => r.findings.points)
  const failures = totals(points)
  const planned = points.reduce((sum, p) => sum + p.planned, 0)
  const completed = points.reduce((sum, p) => sum + p.states.completed, 0)
  const sentence = `${whole(completed)} of ${plural(planned, 'planned request')} completed (${percent(planned > 0 ? completed / planned : null)}), warm-up included. Percentiles of latency are of completed requests; objectives count the others as worst.`
  return html`<section id="errors"><h2>What became of the requests</h2><p class="lead">${sentence}</p>
${failures.length > 0 && (await figure({ id: 'failures', title: 'Failures by kind', summary: `${failures.map((f) => `${f.code} ${whole(f.count)}`).join(', ')}.`, spec: (narrow) => failureChart(failures, narrow), data: failureTable(failures) }))}
${table(statesTable(results))}</section>`
}

interface Failure {
  readonly code: string
  readonly count: number
  readonly example: string
}

function totals(points: Points): readonly Failure[] {
  const byCode = new Map<string, Failure>()
  for (const failure of points.flatMap((p) => p.failures)) {
    const before = byCode.get(failure.code)
    byCode.set(failure.code, { ...failure, ...before, count: (before?.count ?? 0) + failure.count })
  }
  return [...byCode.values()].toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))
}

const failureTable = (failures: readonly Failure[]): Table => ({
  caption: 'Failures by kind, with one message of each as the server or the system gave it',
  columns: [text('kind'), ...figures('count'), text('example')],
  rows: failures.map((f) => [
    f.code,
    fig(f.count, whole),
    { show: html`<bdi class="wrap">${f.example}</bdi>`, raw: f.example },
  ]),
})

const STATES = ['completed', 'failed', 'timed-out', 'cut-off', 'cancelled', 'unsent'] as const

const statesTable = (results: readonly ReportResult[]): Table => ({
  caption: 'Planned requests by how they ended; every row sums to its plan',
  columns: [text('point'), ...figures('planned', ...STATES)],
  rows: rowsOf(results, (p) => [fig(p.planned, whole), ...STATES.map((s) => fig(p.states[s], whole))]),
})
