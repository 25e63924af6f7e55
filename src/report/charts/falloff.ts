import type { PointFindings, Quantile } from '../../analyse/index.js'
import { bounded, boundedValue, dimensionLabel, ms, num, percent } from '../format.js'
import { loadDimension, type ReportResult, type Series, seriesOf } from '../input.js'
import type { Spec } from '../render-svg.js'
import { colour, look } from '../theme.js'
import { type Frame, type Mark, makeFrame } from './frame.js'
import { stack } from './panel.js'
import { loadScale, logarithmic, MS_LABELS, PERCENT_LABELS, zeroBased } from './scale.js'
import { limitOf, type Tail, tailOf } from './tail.js'
import type { Line, Panel, Row } from './types.js'

type Reading = (point: PointFindings) => number | null | undefined
type Say = (value: number | null) => string

/** The five panels: speed of one stream, TTFT, KV cache, queue, preemptions, over one load axis. */
export function falloffChart(results: readonly ReportResult[], narrow: boolean): Spec {
  const series = seriesOf(results)
  const single = series.length === 1
  const tail = tailOf(
    series.flatMap((s) => s.points.map((p) => p.point)),
    'ttft',
  )
  const panels = [
    speedPanel(series),
    ttftPanel(series, tail),
    kvPanel(series),
    queuePanel(series),
    preemptionPanel(series),
  ]
  const longest = single ? 7 : Math.max(7, ...series.map((s) => s.label.length))
  return stack(panels, falloffFrame(results, series, narrow, longest))
}

export function falloffFrame(
  results: readonly ReportResult[],
  series: readonly Series[],
  narrow: boolean,
  longest: number,
): Frame {
  const x = loadScale(series.flatMap((s) => s.points.map((p) => p.x)))
  const first = results[0]
  const dimension = dimensionLabel(first ? loadDimension(first.findings) : 'concurrency')
  return makeFrame(narrow, x, `${dimension} (log scale)`, longest, { marks: kneeMarks(results) })
}

/** One line per result that has a knee; named by the result where there are several. */
function kneeMarks(results: readonly ReportResult[]): readonly Mark[] {
  return results.flatMap((result, slot) => {
    const knee = result.findings.falloff?.knee
    if (!knee) return []
    const range = knee.low === knee.high ? '' : ` (${num(knee.low)}–${num(knee.high)})`
    const name = results.length > 1 ? `${result.name.slice(0, 16)}: ` : ''
    const hue = results.length > 1 ? look(slot).colour : colour('ink')
    return [
      {
        at: knee.at,
        low: knee.low,
        high: knee.high,
        label: `${name}knee ${num(knee.at)}${range}`,
        colour: hue,
      },
    ]
  })
}

const HEIGHT = 104

/** A line per series when there are several; else one line under its own name. */
export function lineFor(
  series: Series,
  single: boolean,
  label: string,
  read: Reading,
  say: Say,
  rest: Partial<Line> = {},
): Line {
  const style = look(single ? 0 : series.slot)
  const rows: Row[] = series.points.map(({ x, point }) => {
    const y = read(point) ?? null
    return { x, y, say: `${single ? '' : `${series.label}: `}${num(x)} → ${say(y)}` }
  })
  return { label: single ? label : series.label, ...style, rows, ...rest }
}

function speedPanel(series: readonly Series[]): Panel {
  const single = series.length === 1
  const lines = series.map((s): Line => {
    const base = lineFor(
      s,
      single,
      'median',
      (p) => p.metrics.perStreamTokensPerS.p50?.value,
      (v) => `${num(v)} tokens/s per stream`,
    )
    const rows = s.points.map(({ point }, i): Row => {
      const { p5, p50, p95 } = point.metrics.perStreamTokensPerS
      const [low, high] = [boundedValue(p5), boundedValue(p95)]
      const row = base.rows[i] ?? { x: 0, y: null, say: '' }
      return { ...opened(row, p50), low, high, say: `${row.say} (p5 ${num(low)}, p95 ${num(high)})` }
    })
    return { ...base, rows }
  })
  const values = lines.flatMap((l) => l.rows.flatMap((r) => [r.y, r.high ?? null]))
  const subtitle = `tokens/s; median, band from p5 to p95${hollowNote(lines)}`
  return panel('Speed of one stream', subtitle, lines, zeroBased(values))
}

/** A median whose interval the sample does not bound is drawn hollow. */
const opened = (row: Row, median: Quantile | null): Row =>
  row.y !== null && bounded(median) === null ? { ...row, open: true } : row

const hollowNote = (lines: readonly Line[]): string =>
  lines.some((l) => l.rows.some((r) => r.open)) ? '; hollow: too few requests' : ''

function medianLine(series: Series): Line {
  const read = (p: PointFindings) => p.metrics.ttft.p50?.value
  const line = lineFor(series, true, 'p50', read, (v) => `TTFT p50 ${ms(v)}`, { dash: [2, 3], thin: true })
  return {
    ...line,
    rows: line.rows.map((row, i) => opened(row, series.points[i]?.point.metrics.ttft.p50 ?? null)),
  }
}

function ttftPanel(series: readonly Series[], tail: Tail): Panel {
  const single = series.length === 1
  const tails = series.map((s) =>
    lineFor(
      s,
      single,
      tail.name,
      (p) => boundedValue(p.metrics.ttft[tail.key]),
      (v) => `TTFT ${tail.name} ${ms(v)}`,
    ),
  )
  const medians = single && tail.key !== 'p50' ? series.map(medianLine) : []
  const limit = limitOf(
    series.flatMap((s) => s.points.map((p) => p.point)),
    'ttft',
    tail.key,
  )
  const lines = [...tails, ...medians]
  const y = logarithmic([...lines.flatMap((l) => l.rows.map((r) => r.y)), limit?.y], MS_LABELS)
  const subtitle = `${tail.name}${medians.length > 0 ? ' and median' : ''}, log scale${tail.note}`
  return { ...panel('Time to first token', subtitle, lines, y), limit }
}

function kvPanel(series: readonly Series[]): Panel {
  const single = series.length === 1
  const most = series.map((s) =>
    lineFor(
      s,
      single,
      'max',
      (p) => p.server?.kvUsageMax,
      (v) => `KV cache at most ${percent(v)} in use`,
    ),
  )
  const means = single
    ? series.map((s) =>
        lineFor(
          s,
          true,
          'mean',
          (p) => p.server?.kvUsageMean,
          (v) => `KV cache ${percent(v)} in use on average`,
          { dash: [2, 3], thin: true },
        ),
      )
    : []
  const y = { ...zeroBased([1], PERCENT_LABELS), ticks: [0, 0.5, 1] }
  return panel(
    'KV cache in use',
    single ? 'highest and mean reading' : 'highest reading',
    [...most, ...means],
    y,
  )
}

function queuePanel(series: readonly Series[]): Panel {
  const single = series.length === 1
  const waiting = series.map((s) =>
    lineFor(
      s,
      single,
      'waiting',
      (p) => p.server?.waitingMean,
      (v) => `${num(v)} requests waiting`,
      single ? { ...look(1) } : {},
    ),
  )
  const running = single
    ? series.map((s) =>
        lineFor(
          s,
          true,
          'running',
          (p) => p.server?.runningMean,
          (v) => `${num(v)} requests running`,
        ),
      )
    : []
  const lines = [...running, ...waiting]
  const subtitle = single ? 'requests running and waiting, mean' : 'requests waiting, mean'
  return panel('Inside the engine', subtitle, lines, zeroBased(lines.flatMap((l) => l.rows.map((r) => r.y))))
}

function preemptionPanel(series: readonly Series[]): Panel {
  const single = series.length === 1
  const lines = series.map((s) =>
    lineFor(
      s,
      single,
      '',
      (p) => p.server?.preemptionsPerRequest,
      (v) => `${num(v)} preemptions per request`,
    ),
  )
  return panel(
    'Preemptions per request',
    'work thrown away and done again',
    lines,
    zeroBased(
      lines.flatMap((l) => l.rows.map((r) => r.y)),
      undefined,
      0.1,
    ),
  )
}

/** A panel with no reading at all says so. */
export function panel(
  title: string,
  subtitle: string,
  lines: readonly Line[],
  y: Panel['y'],
  height = HEIGHT,
): Panel {
  const seen = lines.some((l) => l.rows.some((r) => r.y !== null))
  return { title, subtitle, lines, y, height, missing: seen ? null : 'not observed' }
}
