import type { PointFindings } from '../../analyse/index.js'
import { num, percent } from '../format.js'
import { type ReportResult, seriesOf } from '../input.js'
import type { Spec } from '../render-svg.js'
import { colour, look } from '../theme.js'
import { falloffFrame, lineFor, panel } from './falloff.js'
import { stack } from './panel.js'
import { zeroBased } from './scale.js'
import type { Line, Panel } from './types.js'

/** All streams together: output tokens per second, and the requests per second that met every objective. */
export function throughputChart(results: readonly ReportResult[], narrow: boolean): Spec {
  const series = seriesOf(results)
  const single = series.length === 1
  const tokens = series.map((s) =>
    lineFor(
      s,
      single,
      '',
      (p) => p.throughput.outputTokensPerS,
      (v) => `${num(v)} output tokens/s`,
    ),
  )
  const done = single
    ? series.map((s) =>
        lineFor(
          s,
          true,
          'completed',
          (p) => p.throughput.requestsPerS,
          (v) => `${num(v)} completed requests/s`,
          { dash: [2, 3], thin: true },
        ),
      )
    : []
  const good = series.map((s) =>
    lineFor(s, single, 'good', (p) => p.throughput.goodputPerS, saysGood, single ? look(2) : {}),
  )
  const longest = single ? 9 : Math.max(7, ...series.map((s) => s.label.length))
  const requests = [...done, ...good]
  const panels = [
    withPeak(
      panel('Output tokens per second, all streams', '', tokens, scaleOf(tokens), 190),
      results,
      single,
    ),
    panel(
      'Goodput',
      `requests/s that met every objective${single ? ', beside all that completed' : ''}`,
      requests,
      scaleOf(requests),
      120,
    ),
  ]
  return stack(panels, falloffFrame(results, series, narrow, longest))
}

const saysGood = (v: number | null) => `${num(v)} good requests/s`
const scaleOf = (lines: readonly Line[]) => zeroBased(lines.flatMap((l) => l.rows.map((r) => r.y)))

/** Names the peak with its figures, at the point itself. */
function withPeak(base: Panel, results: readonly ReportResult[], single: boolean): Panel {
  const peak = results[0]?.findings.falloff?.peak
  if (!single || !peak) return base
  return {
    ...base,
    subtitle: `peak ${num(peak.outputTokensPerS)} tokens/s at ${num(peak.at)}`,
    flag: { x: peak.at, y: peak.outputTokensPerS, label: 'peak' },
  }
}

/** Before and after the recommended setting, over the loads of both. */
export function confirmationChart(result: ReportResult, narrow: boolean): Spec {
  const { confirmation, falloff } = result.findings
  const series = seriesOf([result])
  const before = series[0]
  const after = seriesOf([
    { ...result, findings: { ...result.findings, points: confirmation?.points ?? [] } },
  ])[0]
  const pair = [
    ...(before
      ? [{ line: { ...before, label: 'before' }, style: { ...look(0), colour: colour('c6'), dash: [5, 3] } }]
      : []),
    ...(after
      ? [{ line: { ...after, label: `${confirmation?.value ?? ''} set` }, style: { ...look(2), dash: [] } }]
      : []),
  ]
  const lines = (read: (p: PointFindings) => number | null | undefined, unit: string) =>
    pair.map(({ line, style }) => lineFor(line, false, line.label, read, (v) => `${num(v)} ${unit}`, style))
  const total = lines((p) => p.throughput.outputTokensPerS, 'output tokens/s')
  const speed = lines((p) => p.metrics.perStreamTokensPerS.p50?.value, 'tokens/s per stream')
  const retained = confirmation?.retainedAtTwiceKnee
  const kept = retained ? `${percent(retained.share)} of the earlier peak kept at ${num(retained.at)}` : ''
  const frame = falloffFrame([result], [...series, ...(after ? [after] : [])], narrow, 8)
  return stack(
    [
      panel(
        'Output tokens per second, all streams',
        kept,
        total,
        scaleOf([...total, peakLine(falloff?.peak)]),
        170,
      ),
      panel('Speed of one stream', 'tokens/s, median', speed, scaleOf(speed), 130),
    ],
    frame,
  )
}

const peakLine = (peak: { readonly outputTokensPerS: number } | null | undefined): Line => ({
  label: '',
  ...look(0),
  rows: peak ? [{ x: 1, y: peak.outputTokensPerS, say: '' }] : [],
})
