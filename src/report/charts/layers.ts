import { shorten } from '../format.js'
import type { Spec } from '../render-svg.js'
import { colour } from '../theme.js'
import { type Frame, position } from './frame.js'
import { drawable, shareOf, valueAt } from './scale.js'
import type { Line, Panel, Text } from './types.js'

export function lineLayers(line: Line, panel: Panel, frame: Frame): Spec[] {
  const rows = line.rows.map((row) => ({
    x: drawable(frame.x, row.x),
    y: drawable(panel.y, row.y),
    low: drawable(panel.y, row.low),
    high: drawable(panel.y, row.high),
    say: row.say,
    open: row.open === true,
  }))
  const layers: Spec[] = []
  if (rows.some((r) => r.low !== null && r.high !== null)) layers.push(bandLayer(line, rows))
  layers.push(pathLayer(line, rows))
  if (line.points !== false) layers.push(pointLayer(line, rows))
  return layers
}

type Drawn = {
  x: number | null
  y: number | null
  low: number | null
  high: number | null
  say: string
  open: boolean
}

const bandLayer = (line: Line, rows: readonly Drawn[]): Spec => ({
  data: { values: rows.map(({ x, low, high }) => ({ x, low, high })) },
  mark: { type: 'area', color: line.colour, opacity: 0.16, aria: false, invalid: 'break-paths-show-domains' },
  encoding: { x: position.x, y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' } },
})

function pathLayer(line: Line, rows: readonly Drawn[]): Spec {
  const dots = line.draw === 'dots'
  // Dots are a line whose every point is cut off from the next: one short path instead of a thousand elements.
  const values = rows.flatMap(({ x, y }) =>
    dots
      ? [
          { x, y },
          { x, y: null },
        ]
      : [{ x, y }],
  )
  return {
    data: { values },
    mark: {
      type: 'line',
      color: line.colour,
      strokeWidth: dots ? 3.2 : line.faint ? 1 : line.thin ? 1.4 : 2.2,
      strokeCap: dots ? 'round' : 'butt',
      strokeDash: line.dash,
      interpolate: line.draw === 'step' ? 'step-after' : 'linear',
      ...(dots ? { opacity: 0.6 } : line.faint ? { opacity: 0.4 } : {}),
      aria: false,
      invalid: 'break-paths-show-domains',
    },
    encoding: { ...position, ...(dots && { order: { value: null } }) },
  }
}

const pointLayer = (line: Line, rows: readonly Drawn[]): Spec => ({
  data: {
    values: rows
      // What says nothing needs no mark to point at.
      .filter((r) => r.y !== null && r.say !== '')
      .map(({ x, y, say, open }) => ({ x, y, say, ...paint(line, open) })),
  },
  mark: {
    type: 'point',
    filled: false,
    shape: line.shape,
    size: line.thin ? 26 : 46,
    opacity: 1,
    strokeWidth: 1.2,
  },
  encoding: {
    ...position,
    description: { field: 'say', type: 'nominal' },
    fill: { field: 'fill', type: 'nominal', scale: null },
    stroke: { field: 'stroke', type: 'nominal', scale: null },
  },
})

/** Full with a rim of paper, or hollow. */
const paint = (line: Line, open: boolean) =>
  open ? { fill: colour('paper'), stroke: line.colour } : { fill: line.colour, stroke: colour('paper') }

/** Labels at the line ends, pushed apart where lines end close together. */
export function endLabels(panel: Panel, frame: Frame): Spec[] {
  const ends = panel.lines
    .filter((line) => line.label !== '')
    .flatMap((line) => {
      const row = line.rows.findLast((r) => drawable(panel.y, r.y) !== null)
      const y = drawable(panel.y, row?.y)
      return row && y !== null ? [{ line, x: row.x, px: (1 - shareOf(panel.y, y)) * panel.height }] : []
    })
    .toSorted((a, b) => a.px - b.px)
  const placed = spread(
    ends.map((e) => e.px),
    frame.fontSize + 2,
    panel.height,
  )
  return ends.map(({ line }, i) => ({
    data: {
      values: [
        {
          x: frame.x.domain[1],
          y: valueAt(panel.y, 1 - (placed[i] ?? 0) / panel.height),
          t: shorten(line.label, frame.labelLength),
        },
      ],
    },
    mark: {
      type: 'text',
      align: 'left',
      baseline: 'middle',
      dx: 6,
      fill: line.colour,
      fontWeight: 600,
      aria: false,
    },
    encoding: { ...position, text: { field: 't', type: 'nominal' } },
  }))
}

export const textLayer = ({ x, y, label, colour: fill }: Text): Spec => ({
  data: { values: [{ x, y, t: label }] },
  mark: {
    type: 'text',
    align: 'left',
    baseline: 'bottom',
    dx: 6,
    dy: -3,
    fill,
    fontWeight: 600,
    aria: false,
    stroke: colour('paper'),
    strokeWidth: 4,
    strokeJoin: 'round',
  },
  encoding: { ...position, text: { field: 't', type: 'nominal' } },
})

/** Moves sorted positions apart to at least `least`, keeping them within 0 and `height` where they fit. */
function spread(sorted: readonly number[], least: number, height: number): readonly number[] {
  const out: number[] = []
  for (const y of sorted) out.push(Math.max(y, (out.at(-1) ?? Number.NEGATIVE_INFINITY) + least))
  let ceiling = height
  for (let i = out.length - 1; i >= 0; i--) {
    out[i] = Math.max(0, Math.min(out[i] ?? 0, ceiling))
    ceiling = (out[i] ?? 0) - least
  }
  return out
}
