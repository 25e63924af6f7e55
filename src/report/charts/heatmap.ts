import type { Findings, PointFindings } from '../../analyse/index.js'
import { atDimension, dimensionLabel, num, shorten } from '../format.js'
import { loadDimension } from '../input.js'
import type { Spec } from '../render-svg.js'
import { colour } from '../theme.js'
import { makeFrame } from './frame.js'
import { loadScale } from './scale.js'

/** One figure of every point of a two-dimensional sweep. */
export interface HeatReading {
  readonly title: string
  readonly read: (point: PointFindings) => number | null
  readonly show: (value: number | null) => string
  /** Ranks are shaded by the logarithm where values span decades. */
  readonly log: boolean
}

/** The dimensions of a heat map: load across, the other one (batch size) down; null with fewer or more than two. */
export function heatDimensions(
  findings: Findings,
): { readonly across: string; readonly down: string } | null {
  const across = loadDimension(findings)
  const others = findings.dimensions.filter((d) => d !== across)
  const [down] = others
  return down !== undefined && others.length === 1 ? { across, down } : null
}

interface Cell {
  readonly across: string
  readonly down: string
  readonly t: string
  readonly shade: number
  readonly say: string
}

/** Cells shaded from the paper's colour (least) to full (most), every one with its figure. Not measured: a dash, no shade. */
export function heatMap(findings: Findings, reading: HeatReading, narrow: boolean): Spec {
  const dims = heatDimensions(findings)
  const columns = values(findings, dims?.across)
  const rows = values(findings, dims?.down)
  const frame = makeFrame(narrow, loadScale(columns), '', 1)
  const cells = cellsOf(findings, reading, columns, rows)
  const size = {
    width: Math.min(frame.width, columns.length * 110),
    height: rows.length * (narrow ? 34 : 40),
  }
  const axis = { labelAngle: 0, ticks: false, domain: false, aria: false, titlePadding: 8 }
  const x = {
    field: 'across',
    type: 'ordinal',
    sort: columns.map(num),
    axis: { ...axis, title: dimensionLabel(dims?.across ?? '') },
  }
  const y = {
    field: 'down',
    type: 'ordinal',
    sort: rows.map(num).toReversed(),
    axis: { ...axis, title: shorten(dimensionLabel(dims?.down ?? ''), 24) },
  }
  return {
    usermeta: { right: frame.width },
    ...size,
    data: { values: cells },
    layer: [
      {
        mark: {
          type: 'rect',
          color: colour('heat'),
          stroke: colour('paper'),
          strokeWidth: 2,
          cornerRadius: 3,
        },
        encoding: {
          x,
          y,
          description: { field: 'say', type: 'nominal' },
          fillOpacity: { field: 'shade', type: 'quantitative', scale: null, legend: null },
        },
      },
      {
        mark: { type: 'text', fill: colour('ink'), fontSize: frame.fontSize, aria: false },
        encoding: { x, y, text: { field: 't', type: 'nominal' } },
      },
    ],
  }
}

const values = (findings: Findings, dimension: string | undefined): readonly number[] =>
  [...new Set(findings.points.flatMap((p) => p.setting.axes[dimension ?? ''] ?? []))].toSorted(
    (a, b) => a - b,
  )

function cellsOf(
  findings: Findings,
  reading: HeatReading,
  columns: readonly number[],
  rows: readonly number[],
): readonly Cell[] {
  const dims = heatDimensions(findings)
  const scale = reading.log ? (v: number) => Math.log(Math.max(v, 1e-9)) : (v: number) => v
  const seen = findings.points.flatMap((p) => reading.read(p) ?? []).map(scale)
  const [least, most] = [Math.min(...seen), Math.max(...seen)]
  return rows.flatMap((row) =>
    columns.map((column) => {
      const point = findings.points.find(
        (p) => p.setting.axes[dims?.across ?? ''] === column && p.setting.axes[dims?.down ?? ''] === row,
      )
      const value = point ? reading.read(point) : null
      const share = value === null ? 0 : most > least ? (scale(value) - least) / (most - least) : 0.5
      const say = `${atDimension(dims?.down ?? '', row)}, ${atDimension(dims?.across ?? '', column)}: ${reading.show(value)}`
      return {
        across: num(column),
        down: num(row),
        t: value === null ? '–' : reading.show(value),
        shade: value === null ? 0 : 0.06 + 0.4 * share,
        say,
      }
    }),
  )
}
