import type { MetricComparison } from '../../../analyse/index.js'
import { distinct, lanesOf } from '../../charts/lanes.js'
import { drawable, vegaScale } from '../../charts/scale.js'
import type { Spec } from '../../render-svg.js'
import { colour, look } from '../../theme.js'
import { effectScale, equalAt } from './axis.js'
import { effectLayers, verdictLayers } from './forest-marks.js'
import { type Axis, type ForestRow, type Geometry, type Laned, placesOf } from './forest-rows.js'

const VERDICT_ROOM = 100
const SIGN_ROOM = 20

/**
 * Effects with their intervals around a line at `equal`, one row each: above it in grey the runs of the base, below it those
 * of the other side, each over the base's centre; behind it the margin; at the end the verdict. Ratios on a log axis; shares
 * in a panel of their own, in points.
 */
export function forestChart(rows: readonly ForestRow[], narrow: boolean): Spec {
  const longest = Math.max(0, ...rows.map((row) => nameOf(row, narrow).length))
  const panels = (['ratio', 'difference'] as const).flatMap((scale) => {
    const own = rows.filter(({ metric }) => metric.scale === scale)
    return own.length === 0 ? [] : [panelOf(own, scale, narrow, longest)]
  })
  const right = Math.max(0, ...panels.map(({ width }) => width)) + (narrow ? SIGN_ROOM : VERDICT_ROOM)
  return {
    usermeta: { right },
    // Room for the title of the axis above.
    spacing: 52,
    bounds: 'flush',
    vconcat: panels.map(({ spec }) => spec),
  }
}

function panelOf(
  rows: readonly ForestRow[],
  scale: MetricComparison['scale'],
  narrow: boolean,
  longest: number,
): { readonly spec: Spec; readonly width: number } {
  const names = distinct(
    rows.map((row) => nameOf(row, narrow)),
    narrow,
  )
  const right = narrow ? SIGN_ROOM : VERDICT_ROOM
  const lanes = lanesOf(names, narrow, null, { height: laneHeight(rows), right, longest })
  const x = effectScale(scale, rows.flatMap(extentOf), narrow)
  const laned = rows.map((row, i) => ({ ...row, lane: lanes.show(names[i] ?? row.label) }))
  const layer = layersOf(laned, { lanes, x, scale, narrow })
  return { width: lanes.width, spec: { width: lanes.width, height: lanes.height, layer } }
}

const nameOf = ({ label, short }: ForestRow, narrow: boolean): string => (narrow ? short : label)

const laneHeight = (rows: readonly ForestRow[]): number => (rows.length > 14 ? 24 : 34)

/** What the axis has to show: the interval, the margin and every run. */
function extentOf({ metric }: ForestRow): readonly (number | null | undefined)[] {
  const { effect, margin, scale } = metric
  const band = scale === 'ratio' ? 1 + margin : margin
  return [effect?.value, effect?.low, effect?.high, band, ...placesOf(metric, 'a'), ...placesOf(metric, 'b')]
}

function layersOf(rows: readonly Laned[], geometry: Geometry): readonly Spec[] {
  const { lanes, scale } = geometry
  const axis = axisOf(geometry)
  return [
    bandLayer(rows, axis, geometry),
    {
      data: { values: [{ v: equalAt(scale) }] },
      mark: { type: 'rule', color: colour('ink-2'), strokeDash: [4, 3], aria: false },
      encoding: { x: axis },
    },
    dotLayer(rows, 'a', axis, geometry),
    dotLayer(rows, 'b', axis, geometry),
    ...effectLayers(rows, axis, geometry),
    ...verdictLayers(rows, lanes, geometry.narrow),
  ]
}

const axisOf = ({ x, scale }: Geometry): Axis => ({
  field: 'v',
  type: 'quantitative',
  scale: vegaScale(x),
  axis: {
    values: x.ticks,
    tickCount: 1000,
    labelExpr: x.labels,
    title: scale === 'ratio' ? 'change against the base (log scale)' : 'difference, percentage points',
    labelOverlap: 'greedy',
    labelFlush: false,
    aria: false,
  },
})

/** The margin around `equal`, in every lane its own. */
function bandLayer(rows: readonly Laned[], x: Axis, { x: domain, scale, lanes }: Geometry): Spec {
  const values = rows.map(({ lane, metric: { margin } }) => ({
    lane,
    v: drawable(domain, scale === 'ratio' ? 1 / (1 + margin) : -margin),
    v2: drawable(domain, scale === 'ratio' ? 1 + margin : margin),
  }))
  return {
    data: { values },
    mark: { type: 'rect', color: colour('c6'), opacity: 0.14, height: lanes.laneHeight - 2, aria: false },
    encoding: { x, x2: { field: 'v2' }, y: lanes.y },
  }
}

/** Every run, without words: the table has its figures. One that did not complete stands as a cross on the edge. */
function dotLayer(rows: readonly Laned[], side: 'a' | 'b', x: Axis, { x: domain, lanes }: Geometry): Spec {
  const values = rows.flatMap(({ lane, metric, slotB }) =>
    metric[side].flatMap((v, i) => {
      const place = v === 'endless' ? domain.domain[1] : drawable(domain, placesOf(metric, side)[i])
      const hue = side === 'a' ? colour('c6') : look(slotB).colour
      return place === null ? [] : [{ lane, v: place, hue, shape: v === 'endless' ? 'cross' : 'circle' }]
    }),
  )
  return {
    data: { values },
    mark: {
      type: 'point',
      filled: true,
      size: 22,
      opacity: 0.75,
      yOffset: (side === 'a' ? -1 : 1) * (lanes.laneHeight / 2 - 6),
      aria: false,
    },
    encoding: {
      x,
      y: lanes.y,
      color: { field: 'hue', type: 'nominal', scale: null },
      shape: { field: 'shape', type: 'nominal', scale: null },
    },
  }
}
