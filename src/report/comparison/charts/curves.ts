import { CURVE_QUANTILES, type FigureValue } from '../../../record/index.js'
import { makeFrame } from '../../charts/frame.js'
import { grid } from '../../charts/grid.js'
import { stack } from '../../charts/panel.js'
import { tailPosition, tailScale } from '../../charts/percentiles.js'
import { logarithmic, MS_LABELS, type Scale } from '../../charts/scale.js'
import type { Line, Panel, Row } from '../../charts/types.js'
import { inUnit, num, shorten } from '../../format.js'
import type { Spec } from '../../render-svg.js'
import { colour, look } from '../../theme.js'
import type { ComparisonView, Side } from '../view.js'
import { type NamedShift, shiftPanel } from './shift.js'

/** A side's curve: of every run, and the median over the runs, at each of `CURVE_QUANTILES`. Null: not had, or endless. */
export interface SideCurve {
  readonly side: Side
  readonly runs: readonly (readonly (number | null)[])[]
  readonly median: readonly (number | null)[]
}

export function curvesOf({ sides, focus }: ComparisonView, metric: string): readonly SideCurve[] {
  return sides.flatMap((side) => {
    const runs = side.runs.flatMap((run) => {
      const curve = run.points.find(({ label }) => label === focus)?.curves[metric]
      return curve === undefined ? [] : [curve]
    })
    if (runs.length === 0) return []
    const median = CURVE_QUANTILES.map((_, i) => medianOf(runs.flatMap((run) => run[i] ?? [])))
    return [{ side, runs: runs.map((run) => run.map(drawn)), median }]
  })
}

const drawn = (value: FigureValue | null): number | null => (value === 'endless' ? null : value)

/** Requests that did not complete rank above every value: a median among them has no value. */
function medianOf(values: readonly FigureValue[]): number | null {
  const ranked = values.map((v) => (v === 'endless' ? Number.POSITIVE_INFINITY : v)).toSorted((a, b) => a - b)
  const [low, high] = [
    ranked[Math.floor((ranked.length - 1) / 2)],
    ranked[Math.ceil((ranked.length - 1) / 2)],
  ]
  if (low === undefined || high === undefined) return null
  const middle = (low + high) / 2
  return Number.isFinite(middle) ? middle : null
}

const X_TITLE = 'percentile (log scale of 1 / (1 − p))'

/** Percentile curves over each other, and beneath them how far each percentile moved. */
export function spreadChart(
  curves: readonly SideCurve[],
  shifts: readonly NamedShift[],
  unit: string,
  narrow: boolean,
): Spec {
  const x = xScale(curves)
  const lines = curves.flatMap((curve) =>
    linesOf(curve, look(curve.side.slot), unit, narrow ? curve.side.short : curve.side.name),
  )
  const longest = Math.max(1, ...lines.map(({ label }) => label.length))
  const panels = [
    panelOf(
      'Percentiles',
      'log scale; full: median over the runs, light: each run',
      lines,
      yScale(curves, unit),
      narrow ? 190 : 250,
    ),
    ...(shifts.length === 0 ? [] : [shiftPanel(shifts, x, narrow)]),
  ]
  return stack(panels, makeFrame(narrow, x, X_TITLE, longest))
}

/** As far as any median reaches. */
function xScale(curves: readonly SideCurve[]): Scale {
  const reached = CURVE_QUANTILES.filter((_, i) => curves.some(({ median }) => typeof median[i] === 'number'))
  return tailScale(tailPosition(Math.max(0.9, reached.at(-1) ?? 0)))
}

const yScale = (curves: readonly SideCurve[], unit: string): Scale =>
  logarithmic(
    curves.flatMap(({ runs, median }) => [...runs.flat(), ...median]),
    unit === 'ms' ? MS_LABELS : undefined,
  )

const panelOf = (
  title: string,
  subtitle: string,
  lines: readonly Line[],
  y: Scale,
  height: number,
): Panel => ({
  title,
  subtitle,
  y,
  lines,
  height,
  missing: lines.some(({ rows }) => rows.some((row) => row.y !== null)) ? null : 'not observed',
})

/** Of many sides each against the base in a panel of its own; one range for all, so that panels can be held against each other. */
export function curveGrid(curves: readonly SideCurve[], unit: string, narrow: boolean): Spec {
  const [base, ...others] = curves
  const [x, y] = [xScale(curves), yScale(curves, unit)]
  const panels = others.map((curve) => {
    const behind = base === undefined ? [] : linesOf(base, BASE, unit, '').filter((line) => !line.faint)
    const lines = [
      ...behind.map((line) => ({ ...line, points: false })),
      ...linesOf(curve, look(0), unit, ''),
    ]
    return panelOf(shorten(curve.side.name, narrow ? 18 : 30), '', lines, y, 92)
  })
  return grid(panels, narrow ? 1 : 3, makeFrame(narrow, x, 'percentile', 1))
}

const BASE = { colour: colour('c6'), dash: [4, 3], shape: 'circle' }

/** Quantiles that a reader asks for by name. */
const NAMED: readonly number[] = [0.5, 0.9, 0.95, 0.99]

/** The runs light, their median in full. With a panel a side only the named quantiles have marks. */
function linesOf(
  { side, runs, median }: SideCurve,
  style: ReturnType<typeof look>,
  unit: string,
  label: string,
): readonly Line[] {
  const rows = (values: readonly (number | null)[], told: boolean): readonly Row[] =>
    CURVE_QUANTILES.map((q, i) => ({
      x: tailPosition(q),
      y: values[i] ?? null,
      say:
        told && (label !== '' || NAMED.includes(q))
          ? `${side.name} p${num(q * 100)}: ${inUnit(values[i], unit)}`
          : '',
    }))
  const faint =
    runs.length < 2
      ? []
      : runs.map((run): Line => ({ label: '', ...style, rows: rows(run, false), points: false, faint: true }))
  return [...faint, { label, ...style, rows: rows(median, true), thin: true }]
}
