import type { Calibration, CalibrationPoint, ErrorFigures } from '../../record/index.js'
import { type Quantity, time } from '../calibration-words.js'
import type { Spec } from '../render-svg.js'
import { look } from '../theme.js'
import { makeFrame } from './frame.js'
import { stack } from './panel.js'
import { loadScale, logarithmic, MS_LABELS } from './scale.js'
import type { Line, Panel } from './types.js'

/** Points of one transport that differ in nothing but the number of their streams, ascending. */
export interface LoadSeries {
  readonly transport: CalibrationPoint['transport']
  readonly points: readonly CalibrationPoint[]
}

/** An error of none at all has no place on a log scale. */
const LEAST_MS = 1e-4

const PANELS: readonly (readonly [Quantity, string, string])[] = [
  ['stamp', 'Stamps', 'our stamp of a chunk − when it was written'],
  ['ttft', 'TTFT', 'ours − true'],
  ['gap', 'Gaps between chunks', 'ours − true'],
]

interface Course {
  readonly name: string
  readonly read: (point: CalibrationPoint, quantity: Quantity) => ErrorFigures | null
  readonly figure: 'p50Ms' | 'p99Ms'
  readonly style: Partial<Line>
}

/** Colour tells the transport, the dash what is drawn. */
const COURSES: readonly Course[] = [
  { name: 'p50', read: (p, q) => p[q], figure: 'p50Ms', style: { dash: [2, 3], thin: true } },
  { name: 'p99', read: (p, q) => p[q], figure: 'p99Ms', style: { dash: [] } },
  { name: 'est.', read: (p, q) => p.canary[q], figure: 'p99Ms', style: { dash: [7, 3], thin: true } },
]

/** Size of the error over the number of streams, both axes logarithmic: what was true, and what the canary said of it. */
export function calibrationChart(
  series: readonly LoadSeries[],
  boundMs: Calibration['boundMs'],
  narrow: boolean,
): Spec {
  const x = loadScale(series.flatMap(({ points }) => points.map(({ streams }) => streams)))
  const panels = PANELS.map(([quantity, title, what]) =>
    panelOf(quantity, title, what, series, boundMs, narrow),
  )
  const longest = Math.max(...panels.flatMap(({ lines }) => lines.map(({ label }) => label.length)))
  return stack(panels, makeFrame(narrow, x, 'streams at once', longest))
}

function panelOf(
  quantity: Quantity,
  title: string,
  what: string,
  series: readonly LoadSeries[],
  boundMs: number,
  narrow: boolean,
): Panel {
  const lines = series.flatMap((one, slot) => COURSES.map((course) => lineOf(one, slot, course, quantity)))
  const y = logarithmic([...lines.flatMap(({ rows }) => rows.map((row) => row.y)), boundMs], MS_LABELS)
  return {
    title,
    subtitle: `${what}; size of the error, log scale`,
    y,
    lines,
    height: narrow ? 170 : 200,
    limit: { y: boundMs, label: 'bound for p99' },
  }
}

function lineOf({ transport, points }: LoadSeries, slot: number, course: Course, quantity: Quantity): Line {
  const label = `${transport} ${course.name}`
  const rows = points.map((point) => {
    const value = course.read(point, quantity)?.[course.figure]
    return {
      x: point.streams,
      y: value === undefined ? null : Math.max(LEAST_MS, value),
      say: `${point.streams} streams: ${label} ${time(value)}`,
    }
  })
  return { label, ...look(slot), ...course.style, rows }
}
