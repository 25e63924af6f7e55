import type { Spec } from '../render-svg.js'
import {
  flagLayer,
  limitLabel,
  limitRule,
  lineHeight,
  markLayers,
  missingLayer,
  shadeLayers,
  titleLayers,
} from './annotations.js'
import { AXIS_ROOM, type Frame, textWidth } from './frame.js'
import { endLabels, lineLayers, textLayer } from './layers.js'
import { drawable, type Scale, vegaScale } from './scale.js'
import type { Panel } from './types.js'

/** Panels stacked over one x axis, which the last panel shows. Titles stand in the gaps; marks reach across them. */
export function stack(panels: readonly Panel[], frame: Frame): Spec {
  const titleLines = Math.max(...panels.map((panel) => titleText(panel, frame).length))
  const gap = titleLines * lineHeight(frame) + 26
  const [first] = panels
  const titleWidth = textWidth((first && titleText(first, frame).at(-1)) ?? '', frame.fontSize)
  return {
    spacing: gap,
    bounds: 'flush',
    usermeta: { right: frame.width + frame.labelRoom },
    vconcat: panels.map((panel, i) =>
      panelSpec(panel, { ...frame, gap, titleWidth }, i === 0, i === panels.length - 1),
    ),
  }
}

/** @param last whether it shows the x axis */
export function panelSpec(panel: Panel, frame: Frame, first: boolean, last: boolean): Spec {
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
