import { shorten } from '../format.js'
import type { Spec } from '../render-svg.js'
import { colour } from '../theme.js'
import {
  flagLayer,
  type Limit,
  limitLabel,
  limitRule,
  lineHeight,
  markLayers,
  missingLayer,
  shadeLayers,
  titleLayers,
} from './annotations.js'
import { AXIS_ROOM, type Frame, position } from './frame.js'
import { drawable, type Scale, shareOf, valueAt, vegaScale } from './scale.js'

export interface Row {
  readonly x: number
  /** Null: not observed; the line has a gap there. */
  readonly y: number | null
  readonly low?: number | null
  readonly high?: number | null
  /** What a reader hears or sees in the tooltip. */
  readonly say: string
}

export interface Line {
  /** Written at the line's end. */
  readonly label: string
  readonly colour: string
  readonly dash: readonly number[]
  readonly shape: string
  readonly rows: readonly Row[]
  /** `step` holds its value until the next row; `dots` draws no connecting line. */
  readonly draw?: 'line' | 'step' | 'dots'
  /** Points with tooltips; off for dense courses. */
  readonly points?: boolean
  readonly thin?: boolean
}

interface Text {
  readonly x: number
  readonly y: number
  readonly label: string
  readonly colour: string
}

export interface Panel {
  readonly title: string
  readonly subtitle: string
  readonly y: Scale
  readonly lines: readonly Line[]
  readonly height: number
  /** A limit that the reader set, drawn across. */
  readonly limit?: Limit | null
  /** One point singled out by name. */
  readonly flag?: { readonly x: number; readonly y: number; readonly label: string } | null
  /** Words beside points. */
  readonly texts?: readonly Text[]
  /** Why there is nothing to draw. */
  readonly missing?: string | null
}

/** Panels stacked over one x axis, which the last panel shows. Titles stand in the gaps; marks reach across them. */
export function stack(panels: readonly Panel[], frame: Frame): Spec {
  const titleLines = Math.max(...panels.map((panel) => titleText(panel, frame).length))
  const gap = titleLines * lineHeight(frame) + 26
  return {
    spacing: gap,
    bounds: 'flush',
    usermeta: { right: frame.width + frame.labelRoom },
    vconcat: panels.map((panel, i) => panelSpec(panel, { ...frame, gap }, i === 0, i === panels.length - 1)),
  }
}

function panelSpec(panel: Panel, frame: Frame, first: boolean, last: boolean): Spec {
  const limit =
    !panel.missing && panel.limit && drawable(panel.y, panel.limit.y) === panel.limit.y ? panel.limit : null
  const body = panel.missing ? [] : panel.lines.flatMap((line) => lineLayers(line, panel, frame))
  return {
    width: frame.width,
    height: panel.height,
    layer: [
      anchorLayer(panel, frame, last),
      ...shadeLayers(frame, panel.height, first),
      ...markLayers(frame, panel.height, first),
      ...titleLayers(titleText(panel, frame), frame),
      ...(panel.missing ? [missingLayer(panel.missing, panel.height, frame)] : []),
      ...(limit ? [limitRule(limit)] : []),
      ...body,
      ...(panel.texts ?? []).map(textLayer),
      ...(panel.flag && !panel.missing ? [flagLayer(panel.flag)] : []),
      ...(limit ? [limitLabel(limit, panel.y, frame)] : []),
      ...(panel.missing ? [] : endLabels(panel, frame)),
    ],
  }
}

/** The title, then the subtitle in as many lines as it needs. */
const titleText = (panel: Panel, frame: Frame): readonly string[] =>
  panel.title === '' ? [] : [panel.title, ...(panel.subtitle === '' ? [] : wrap(panel.subtitle, frame))]

function wrap(text: string, frame: Frame): readonly string[] {
  const room = Math.floor((frame.width + frame.labelRoom) / (frame.fontSize * 0.53))
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line === undefined || line.length + word.length + 1 > room) lines.push(word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines
}

/** Draws nothing; carries the axes, so that every other layer can leave them out. */
function anchorLayer(panel: Panel, frame: Frame, last: boolean): Spec {
  const [x, y] = [frame.x.domain[0], panel.y.domain[0]]
  return {
    data: { values: [{ x, y }] },
    mark: { type: 'point', opacity: 0, aria: false, size: 0 },
    encoding: {
      x: { field: 'x', type: 'quantitative', scale: vegaScale(frame.x), axis: xAxis(frame, last) },
      y: {
        field: 'y',
        type: 'quantitative',
        scale: vegaScale(panel.y),
        axis: panel.missing ? blankAxis : yAxis(panel.y),
      },
    },
  }
}

/** Vega thins given ticks down to its own count unless told a larger one. */
const ALL = 1000

const xAxis = (frame: Frame, last: boolean) => ({
  values: frame.x.ticks,
  tickCount: ALL,
  labelExpr: frame.x.labels,
  labels: last,
  ticks: last,
  title: last ? frame.xTitle : null,
  labelOverlap: 'greedy',
  labelSeparation: 6,
  labelFlush: false,
  aria: false,
})

const yAxis = (scale: Scale) => ({
  values: scale.ticks,
  tickCount: ALL,
  labelExpr: scale.labels,
  title: null,
  domain: false,
  ticks: false,
  labelOverlap: 'parity',
  minExtent: AXIS_ROOM - 8,
  maxExtent: AXIS_ROOM - 8,
  aria: false,
})

const blankAxis = {
  title: null,
  labels: false,
  ticks: false,
  grid: false,
  domain: false,
  minExtent: AXIS_ROOM - 8,
  maxExtent: AXIS_ROOM - 8,
  aria: false,
}

function lineLayers(line: Line, panel: Panel, frame: Frame): Spec[] {
  const rows = line.rows.map((row) => ({
    x: drawable(frame.x, row.x),
    y: drawable(panel.y, row.y),
    low: drawable(panel.y, row.low),
    high: drawable(panel.y, row.high),
    say: row.say,
  }))
  const layers: Spec[] = []
  if (rows.some((r) => r.low !== null && r.high !== null)) layers.push(bandLayer(line, rows))
  layers.push(pathLayer(line, rows))
  if (line.points !== false) layers.push(pointLayer(line, rows))
  return layers
}

type Drawn = { x: number | null; y: number | null; low: number | null; high: number | null; say: string }

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
      strokeWidth: dots ? 3.2 : line.thin ? 1.4 : 2.2,
      strokeCap: dots ? 'round' : 'butt',
      strokeDash: line.dash,
      interpolate: line.draw === 'step' ? 'step-after' : 'linear',
      ...(dots && { opacity: 0.6 }),
      aria: false,
      invalid: 'break-paths-show-domains',
    },
    encoding: { ...position, ...(dots && { order: { value: null } }) },
  }
}

const pointLayer = (line: Line, rows: readonly Drawn[]): Spec => ({
  data: { values: rows.filter((r) => r.y !== null).map(({ x, y, say }) => ({ x, y, say })) },
  mark: {
    type: 'point',
    filled: true,
    shape: line.shape,
    size: line.thin ? 26 : 46,
    opacity: 1,
    color: line.colour,
    stroke: colour('paper'),
    strokeWidth: 1,
  },
  encoding: { ...position, description: { field: 'say', type: 'nominal' } },
})

/** Labels at the line ends, pushed apart where lines end close together. */
function endLabels(panel: Panel, frame: Frame): Spec[] {
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

const textLayer = ({ x, y, label, colour: fill }: Text): Spec => ({
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
