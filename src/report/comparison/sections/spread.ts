import { METRICS, type ShiftFunction } from '../../../analyse/index.js'
import { CURVE_QUANTILES } from '../../../record/index.js'
import { figure } from '../../figure.js'
import { ABSENT, num } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { figures, type Table, text } from '../../table.js'
import { curveGrid, curvesOf, type SideCurve, spreadChart } from '../charts/curves.js'
import { type NamedShift, shiftGrid } from '../charts/shift.js'
import type { ComparisonView } from '../view.js'
import { atShort, change, listed, value } from '../words.js'

/** Metrics that a user feels, in the order of showing. */
const SHOWN = ['ttft', 'e2e', 'tpot', 'chunkGap'] as const
/** Of many sides, each with a panel of its own. */
const MOST_OF_MANY = 2

/** Curves of each side over each other, and how far each quantile moved. */
export async function spreadSection(view: ComparisonView): Promise<Html> {
  const known = SHOWN.filter((metric) => curvesOf(view, metric).length > 1)
  const parts: Html[] = []
  for (const metric of view.crowded ? known.slice(0, MOST_OF_MANY) : known)
    parts.push(...(view.crowded ? await gridFigures(view, metric) : [await spreadFigure(view, metric)]))
  if (parts.length === 0) return nothing
  return html`<section id="spread"><h2>Fast and slow requests</h2>
<p class="lead">Read a curve to the right: each decade holds a tenth of the requests of the one before. A curve ends where fewer requests completed than that, or too few reach so far.</p>
${parts}</section>`
}

const labelOf = (metric: string): string => METRICS.find(({ name }) => name === metric)?.label ?? metric
const unitOf = (metric: string): string => METRICS.find(({ name }) => name === metric)?.unit ?? ''

/** Both in one picture: what moved stands beneath where it moved. */
async function spreadFigure(view: ComparisonView, metric: string): Promise<Html> {
  const curves = curvesOf(view, metric)
  const shifts = shiftsOf(view, metric).filter(({ shift }) => shift.at === view.focus)
  const unit = unitOf(metric)
  const told = curves.map((curve) => `${curve.side.name}: ${inWords(curve, unit)}.`)
  return figure({
    id: `spread-${metric}`,
    title: `${labelOf(metric)}${atShort(view.focus)}`,
    summary: [...told, ...shifts.map(shiftText)].join(' '),
    spec: (narrow) => spreadChart(curves, shifts, unit, narrow),
    data: [
      curveTable(curves, labelOf(metric), unit, true),
      ...(shifts.length === 0 ? [] : [shiftTable(shifts, view.base.name)]),
    ],
  })
}

async function gridFigures(view: ComparisonView, metric: string): Promise<readonly Html[]> {
  const curves = curvesOf(view, metric)
  const shifts = shiftsOf(view, metric).filter(({ shift }) => shift.at === view.focus)
  const unit = unitOf(metric)
  const parts = [
    await figure({
      id: `spread-${metric}`,
      title: `${labelOf(metric)}${atShort(view.focus)}`,
      summary: `Each side in full, ${view.base.name} dashed behind it: ${inWords(curves[0], unit)}.`,
      spec: (narrow) => curveGrid(curves, unit, narrow),
      data: curveTable(curves, labelOf(metric), unit, false),
    }),
  ]
  if (shifts.length === 0) return parts
  const moved = await figure({
    id: `shift-${metric}`,
    title: `How far each percentile of ${labelOf(metric).toLowerCase()} moved${atShort(view.focus)}`,
    summary: `Each side against ${view.base.name}; on the dashed line nothing moved.`,
    spec: (narrow) => shiftGrid(shifts, narrow),
    data: shiftTable(shifts, view.base.name),
  })
  return [...parts, moved]
}

/** Those that say anything. */
const shiftsOf = ({ others }: ComparisonView, metric: string): readonly NamedShift[] =>
  others.flatMap(({ side, pair }) =>
    pair.shifts
      .filter((s) => s.metric === metric && s.points.some((p) => p.ratio !== null))
      .map((shift): NamedShift => ({ name: side.name, short: side.short, slot: side.slot, shift })),
  )

function inWords(curve: SideCurve | undefined, unit: string): string {
  if (curve === undefined) return 'not measured'
  const at = (quantile: number): string =>
    value(curve.median[CURVE_QUANTILES.findIndex((q) => q >= quantile)], unit)
  const [middle, tail] = [at(0.5), at(0.99)]
  return `p50 ${middle}, ${tail === ABSENT ? 'p99 not had' : `p99 ${tail}`}`
}

const curveTable = (curves: readonly SideCurve[], label: string, unit: string, each: boolean): Table => ({
  caption: `${label}: median over the runs${each ? ', then each run' : ''}`,
  columns: [text('side'), text('run'), ...figures(...CURVE_QUANTILES.map((q) => `p${num(q * 100)}`))],
  rows: curves.flatMap(({ side, runs, median }) =>
    [median, ...(each && runs.length > 1 ? runs : [])].map((row, i) => [
      side.name,
      i === 0 ? 'median' : String(i),
      ...row.map((v) => ({ show: value(v, unit), raw: v ?? '' })),
    ]),
  ),
})

/** Where the band lies wholly on one side of equal. */
function shiftText({ name, shift }: NamedShift): string {
  const apart = shift.points.filter((p) => (p.bandLow ?? 0) > 1 || (p.bandHigh ?? 2) < 1)
  const of = (quantile: number): string => {
    const point = shift.points.find((p) => p.quantile === quantile)
    return point?.ratio ? change(point.ratio.value, 'ratio') : 'unknown'
  }
  const told = shift.points.filter((p) => p.bandLow !== null && p.bandHigh !== null)
  const shown =
    apart.length === 0
      ? 'no percentile is shown to move'
      : apart.length === told.length
        ? 'all are shown to move'
        : `shown to move: ${listed(apart.map((p) => `p${num(p.quantile * 100)}`))}`
  return `${name}: p50 ${of(0.5)}, p99 ${of(0.99)}; ${shown}.`
}

const shiftTable = (shifts: readonly NamedShift[], base: string): Table => ({
  caption: `Ratio of each quantile to that of ${base}; the band holds for all quantiles together`,
  columns: [
    text('side'),
    ...figures('quantile', base, 'side', 'change', 'from', 'to', 'band from', 'band to'),
  ],
  rows: shifts.flatMap(({ name, shift }: { readonly name: string; readonly shift: ShiftFunction }) =>
    shift.points.map((p) => [
      name,
      { show: `p${num(p.quantile * 100)}`, raw: p.quantile },
      { show: value(p.a, shift.unit), raw: p.a },
      { show: value(p.b, shift.unit), raw: p.b },
      ...[p.ratio?.value, p.ratio?.low, p.ratio?.high, p.bandLow, p.bandHigh].map((v) => ({
        show: change(v, 'ratio'),
        raw: v,
      })),
    ]),
  ),
})
