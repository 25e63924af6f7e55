import type { Findings, PointFindings, Validity } from '../analyse/index.js'
import { instrumentError, METRICS } from '../analyse/index.js'
import {
  ABSENT,
  bounded,
  dimensionLabel,
  inUnit,
  median,
  ms,
  num,
  percent,
  quantile,
  sentence,
  whole,
} from './format.js'
import { loadDimension } from './input.js'
import { instrumentText, plusMinus } from './instrument.js'
import { limitLines, retryLines } from './retries.js'
import { visible } from './visible.js'

/** The summary for a terminal: plain text, aligned, no colour. Ends with a line feed. */
export function renderText(findings: Findings): string {
  const clean = visible(findings)
  const body = clean.falloff ? sweepText(clean) : clean.points.flatMap(runText)
  return `${[...body, '', ...validityText(clean.validity)].join('\n')}\n`
}

type Row = readonly string[]

/** Columns two spaces apart; the first flush left, the others flush right. */
export function aligned(rows: readonly Row[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

function sweepText(findings: Findings): readonly string[] {
  const { falloff, confirmation } = findings
  const load = dimensionLabel(loadDimension(findings))
  const lines = [...aligned([headOf(findings), ...findings.points.map((p) => pointRow(p, findings))]), '']
  if (!falloff) return lines
  const { knee, peak, recommendation, runnerUp } = falloff
  lines.push(
    knee
      ? `Knee         ${num(knee.at)} ${load} (95 % interval ${num(knee.low)}–${num(knee.high)})`
      : 'Knee         none in the tested range',
  )
  if (peak) lines.push(`Peak         ${num(peak.outputTokensPerS)} output tokens/s at ${num(peak.at)}`)
  lines.push(`Cause        ${falloff.cause.name}: ${sentence(falloff.cause.sentence)}`)
  lines.push(...falloff.cause.evidence.map((e) => `             ${e.supports ? '+' : '-'} ${e.text}`))
  lines.push(...falloff.cause.notObserved.map((n) => `             o not observed: ${n}`))
  if (runnerUp) lines.push(`Runner-up    ${runnerUp.name}: ${sentence(runnerUp.sentence)}`)
  if (recommendation)
    lines.push(
      `Set          ${recommendation.flag}`,
      ...recommendation.arithmetic.map((a) => `             ${a}`),
      `             ${sentence(recommendation.expectedGain)}`,
    )
  lines.push(...falloff.toSettle.map((t) => `To settle    ${sentence(t)}`))
  if (confirmation) lines.push(`Confirmed    ${sentence(confirmation.sentence)}`)
  return lines
}

const headOf = (findings: Findings): Row => [
  findings.dimensions.map(dimensionLabel).join(' × '),
  'tok/s',
  'per stream',
  'TTFT p50',
  'TTFT p99',
  'gap p99',
  'instrument',
  'req/s',
  'good',
  'KV max',
  'waiting',
  'preempt/req',
  'failed',
]

function pointRow(p: PointFindings, findings: Findings): Row {
  const { ttft, chunkGap, perStreamTokensPerS } = p.metrics
  const orUnseen = (v: number | null | undefined, show: (v: number) => string) =>
    v === null || v === undefined ? 'not obs.' : show(v)
  return [
    findings.dimensions.map((d) => num(p.setting.axes[d])).join(' × '),
    num(p.throughput.outputTokensPerS),
    median(perStreamTokensPerS.p50, num),
    median(ttft.p50, ms),
    short(ttft.p99),
    short(chunkGap.p99),
    orUnseen(instrumentError(p, 'ttft'), (v) => `±${ms(v)}`),
    num(p.throughput.requestsPerS),
    percent(p.throughput.goodShare),
    orUnseen(p.server?.kvUsageMax, percent),
    orUnseen(p.server?.waitingMean, num),
    orUnseen(p.server?.preemptionsPerRequest, num),
    whole(p.planned - p.states.completed),
  ]
}

type Summary = PointFindings['metrics']['ttft']

/** Without the interval: the value if it is bounded, else the bound that there is. */
const short = (q: Summary['p99']): string => (bounded(q) ? ms(q?.value) : quantile(q, 'ms'))

function runText(point: PointFindings): readonly string[] {
  const rows = METRICS.map(({ name, label }): Row => {
    const m = point.metrics[name]
    const error = instrumentError(point, name)
    return [
      `${label}, ${m.unit}`,
      whole(m.n),
      bounded(m.p50) ? withInterval(m.p50) : median(m.p50, num),
      ...[m.p90, m.p95, m.p99].map(withInterval),
      error === null ? ABSENT : `±${num(error)}`,
    ]
  })
  const { throughput: t } = point
  return [
    ...aligned([['', 'n', 'p50', 'p90', 'p95', 'p99', 'instrument'], ...rows]),
    '',
    `Throughput   ${num(t.outputTokensPerS)} output tokens/s, ${num(t.requestsPerS)} requests/s, ${num(t.meanInFlight)} in flight`,
    `Requests     ${Object.entries(point.states)
      .filter(([, n]) => n > 0)
      .map(([state, n]) => `${whole(n)} ${state}`)
      .join(', ')} of ${whole(point.planned)} planned`,
    ...point.failures.map((f) => `             ${f.code}: ${whole(f.count)} (${f.example})`),
    ...headed('Retries', retryLines(point)),
    ...headed('Limits', limitLines(point)),
    `Instrument   ${instrumentText(point)}`,
    ...point.objectives.map(
      (o) =>
        `Objective    ${o.text}: ${o.verdict}${o.value === null ? '' : ` (${inUnit(o.value, o.unit)}${ownError(point, o)})`}`,
    ),
  ]
}

/** The name before the first line alone. */
const headed = (name: string, lines: readonly string[]): readonly string[] =>
  lines.map((line, i) => (i === 0 ? name : '').padEnd(13) + line)

/** `, instrument ±0.02 ms` beside a figure that an objective is held against. */
function ownError(point: PointFindings, { metric }: PointFindings['objectives'][number]): string {
  const known = METRICS.find((m) => m.name === metric)
  return known === undefined || instrumentError(point, known.name) === null
    ? ''
    : `, instrument ${plusMinus(point, known.name)}`
}

/** In the metric's own unit, which the row names. */
function withInterval(q: Summary['p99']): string {
  if (!q) return ABSENT
  if (bounded(q)) return `${num(q.value)} (${num(q.low)}–${num(q.high)})`
  return q.low === null ? ABSENT : `≥ ${num(q.low)}`
}

const validityText = (validity: Validity): readonly string[] => [
  `Validity     ${validity.verdict}`,
  ...validity.findings.map((f) => `             ${f.severity}: ${sentence(f.message)} ${f.advice}`),
]
