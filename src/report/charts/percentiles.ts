import type { MetricName, MetricSummary } from '../../analyse/index.js'
import { interval, ms, num } from '../format.js'
import { loadDimension, type ReportResult } from '../input.js'
import { plusMinus } from '../instrument.js'
import type { Spec } from '../render-svg.js'
import { look } from '../theme.js'
import { makeFrame } from './frame.js'
import { stack } from './panel.js'
import { logarithmic, MS_LABELS, type Scale } from './scale.js'
import type { Line, Panel, Row } from './types.js'

/** A percentile curve with its name. */
export interface Curve {
  readonly label: string
  readonly summary: MetricSummary
  /** `±0.02 ms`: what the instrument itself may add. */
  readonly error: string
}

/** 1/(1 − p): p50 stands at 2, p90 at 10, p99 at 100; each decade of the tail gets the same room. */
const TICKS = [1, 2, 10, 20, 100, 1000, 10_000]
const LABELS = "datum.value == 1 ? 'min' : 'p' + format(100 - 100 / datum.value, '~g')"

export const tailPosition = (p: number): number => 1 / (1 - p)

/**
 * Curves of one metric, in ms. The part whose interval has no upper bound is left out. Of a sample that bounds nothing the
 * body is drawn without a band.
 */
export function percentileChart(curves: readonly Curve[], limit: Panel['limit'], narrow: boolean): Spec {
  const lines = curves.map((curve, slot) => lineOf(curve, slot, curves.length === 1))
  const xs = lines.flatMap((l) => l.rows.filter((r) => r.y !== null).map((r) => r.x))
  const x = tailScale(Math.max(10, ...xs))
  const rows = lines.flatMap((l) => l.rows)
  const y = logarithmic([...rows.flatMap((r) => [r.y, r.low ?? null, r.high ?? null]), limit?.y], MS_LABELS)
  const longest = Math.max(1, ...lines.map((l) => l.label.length))
  const frame = makeFrame(narrow, x, 'percentile (log scale of 1 / (1 − p))', longest)
  const missing = rows.some((r) => r.y !== null) ? null : 'not observed'
  return stack(
    [{ title: '', subtitle: '', y, lines, height: narrow ? 200 : 260, limit: limit ?? null, missing }],
    frame,
  )
}

/** @param last position of the highest percentile that is drawn */
export const tailScale = (last: number): Scale => ({
  type: 'log',
  base: 10,
  domain: [1, last * 1.03],
  ticks: TICKS.filter((t) => t <= last * 1.03),
  labels: LABELS,
})

/** Fewer values than this beyond a percentile, and it is chance. */
const BEYOND = 10

function lineOf(curve: Curve, slot: number, alone: boolean): Line {
  const { curve: points, n } = curve.summary
  const drawn = points.filter(([p, value]) => p < 1 && value > 0)
  const bounded = drawn.filter(([, , low, high]) => low !== null && high !== null)
  const shown = bounded.length > 0 ? bounded : drawn.filter(([p]) => n * (1 - p) >= BEYOND)
  const rows = shown.map(
    ([p, value, low, high]): Row => ({
      x: tailPosition(p),
      y: value,
      low,
      high,
      say: `${curve.label} p${num(p * 100)}: ${ms(value)} (${low === null ? 'no interval: too few requests' : interval(low, high, 'ms')})`,
    }),
  )
  return { label: alone ? '' : curve.label, ...look(slot), rows: thin(rows), thin: true }
}

/** At most 24 points carry a tooltip and the line needs no more. */
const thin = (rows: readonly Row[]): readonly Row[] => {
  const step = Math.max(1, Math.ceil(rows.length / 24))
  return rows.filter((_, i) => i % step === 0 || i === rows.length - 1)
}

/**
 * Which curves to lay over each other: of one sweep the lowest load, the knee and the highest; of several results the
 * load at the first one's knee (or the highest) in each; of a run its only one.
 */
export function curvesOf(results: readonly ReportResult[], metric: MetricName): readonly Curve[] {
  const [first] = results
  if (!first) return []
  if (results.length > 1) {
    const at = kneeLoad(first)
    return results.flatMap((result) => {
      const point = pointNear(result, at)
      return point ? [curveOf(`${result.name} ${shortLabel(point)}`, point, metric)] : []
    })
  }
  const { points, falloff } = first.findings
  const knee = points.find((p) => p.setting.label === falloff?.kneePoint)
  const chosen = [...new Set([points[0], knee, points.at(-1)])]
  return chosen.flatMap((point) => (point ? [curveOf(shortLabel(point), point, metric)] : []))
}

type Point = ReportResult['findings']['points'][number]

const curveOf = (label: string, point: Point, metric: MetricName): Curve => ({
  label,
  summary: point.metrics[metric],
  error: plusMinus(point, metric),
})

const shortLabel = (point: Point): string => {
  const values = Object.values(point.setting.axes)
  return values.length === 0 ? point.setting.label : `at ${values.map(num).join(' × ')}`
}

function kneeLoad(result: ReportResult): number | undefined {
  const { falloff, points } = result.findings
  const dimension = loadDimension(result.findings)
  const knee = points.find((p) => p.setting.label === falloff?.kneePoint) ?? points.at(-1)
  return knee?.setting.axes[dimension]
}

function pointNear(result: ReportResult, at: number | undefined): Point | undefined {
  const { points } = result.findings
  const dimension = loadDimension(result.findings)
  if (at === undefined) return points[0]
  return points.toSorted(
    (a, b) => distance(a.setting.axes[dimension], at) - distance(b.setting.axes[dimension], at),
  )[0]
}

const distance = (x: number | undefined, at: number): number =>
  x === undefined || x <= 0 ? Number.POSITIVE_INFINITY : Math.abs(Math.log(x / at))
