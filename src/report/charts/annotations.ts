import type { Spec } from '../render-svg.js'
import { colour } from '../theme.js'
import { type Frame, type Mark, position, textWidth } from './frame.js'
import { drawable, type Scale, shareOf } from './scale.js'

export const lineHeight = (frame: Frame): number => frame.fontSize + 4

/** Where a mark starts and ends in pixels of its panel: it runs up to the panel above, except in the first. */
const span = (height: number, frame: Frame, first: boolean) => ({
  y: { value: first ? 0 : -frame.gap },
  y2: { value: height },
})

/** A rim in the paper's colour behind letters keeps them readable where a line crosses. */
const rim = { stroke: colour('paper'), strokeWidth: 4, strokeJoin: 'round' } as const

/** Title and subtitle, line by line, above the panel. */
export const titleLayers = (lines: readonly string[], frame: Frame): Spec[] =>
  lines.map((t, i) => ({
    data: { values: [{ t }] },
    mark: {
      type: 'text',
      align: 'left',
      baseline: 'bottom',
      fontWeight: i === 0 ? 600 : 400,
      fontSize: frame.fontSize + (i === 0 ? 1 : 0),
      fill: colour(i === 0 ? 'ink' : 'ink-2'),
      ...rim,
      aria: false,
    },
    encoding: {
      x: { value: 0 },
      y: { value: -8 - (lines.length - 1 - i) * lineHeight(frame) },
      text: { field: 't', type: 'nominal' },
    },
  }))

/** The knee: its interval as a band, itself as a line, across all panels. */
export function markLayers(frame: Frame, height: number, first: boolean): Spec[] {
  return frame.marks.flatMap((mark, i) => {
    const at = drawable(frame.x, mark.at)
    if (at === null) return []
    return [
      ...bandOf(mark, frame, height, first),
      {
        data: { values: [{ x: at }] },
        mark: { type: 'rule', color: mark.colour, strokeWidth: 1.6, strokeDash: [5, 3], aria: false },
        encoding: { x: position.x, ...span(height, frame, first) },
      },
      ...(first ? [markLabel(mark, at, frame, i)] : []),
    ]
  })
}

function bandOf(mark: Mark, frame: Frame, height: number, first: boolean): Spec[] {
  const [low, high] = [drawable(frame.x, mark.low), drawable(frame.x, mark.high)]
  if (low === null || high === null || low === high) return []
  return [
    {
      data: { values: [{ x: low, x2: high }] },
      mark: { type: 'rect', color: mark.colour, opacity: 0.12, aria: false },
      encoding: { x: position.x, x2: { field: 'x2' }, ...span(height, frame, first) },
    },
  ]
}

/** Above the first panel where its title leaves room, else inside it; beside the line, on the side with more room. */
function markLabel(mark: Mark, at: number, frame: Frame, order: number): Spec {
  const width = textWidth(mark.label, frame.fontSize) * 1.1
  const px = shareOf(frame.x, at) * frame.width
  const above = frame.marks.length === 1 && px - width > frame.titleWidth
  const right = px + width + 10 < frame.width && shareOf(frame.x, at) < 0.6
  return {
    data: { values: [{ x: at, t: mark.label }] },
    mark: {
      type: 'text',
      align: right ? 'left' : 'right',
      dx: above ? 0 : right ? 7 : -7,
      baseline: above ? 'bottom' : 'top',
      fontWeight: 600,
      fill: mark.colour,
      ...rim,
      aria: false,
    },
    encoding: {
      x: position.x,
      y: { value: above ? -8 : 3 + order * lineHeight(frame) },
      text: { field: 't', type: 'nominal' },
    },
  }
}

/** Stretches outside the measured window. */
export function shadeLayers(frame: Frame, height: number, first: boolean): Spec[] {
  return frame.shades.flatMap((shade) => {
    const [x, x2] = [drawable(frame.x, shade.from), drawable(frame.x, shade.to)]
    if (x === null || x2 === null || x2 <= x) return []
    const rect = {
      data: { values: [{ x, x2 }] },
      mark: { type: 'rect', color: colour('ink-2'), opacity: 0.13, aria: false },
      encoding: { x: position.x, x2: { field: 'x2' }, ...span(height, frame, first) },
    }
    if (!first || shareOf(frame.x, x2) - shareOf(frame.x, x) < 0.08) return [rect]
    const label = {
      data: { values: [{ x, t: shade.label }] },
      mark: { type: 'text', align: 'left', baseline: 'top', dx: 4, fill: colour('ink-2'), aria: false },
      encoding: { x: position.x, y: { value: 3 }, text: { field: 't', type: 'nominal' } },
    }
    return [rect, label]
  })
}

/** A limit across the panel; its name at the left, above the line unless the line is at the very top. */
export const limitRule = (limit: Limit): Spec => ({
  data: { values: [{ y: limit.y }] },
  mark: { type: 'rule', color: colour('bad'), strokeWidth: 1.4, strokeDash: [2, 2], aria: false },
  encoding: { y: position.y },
})

export interface Limit {
  readonly y: number
  readonly label: string
}

export function limitLabel(limit: Limit, y: Scale, frame: Frame): Spec {
  const above = shareOf(y, limit.y) < 0.8
  return {
    data: { values: [{ x: frame.x.domain[0], y: limit.y, t: limit.label }] },
    mark: {
      type: 'text',
      align: 'left',
      baseline: above ? 'bottom' : 'top',
      dx: 4,
      dy: above ? -3 : 4,
      fill: colour('bad'),
      ...rim,
      aria: false,
    },
    encoding: { ...position, text: { field: 't', type: 'nominal' } },
  }
}

/** Says that a signal was not observed, where a line at zero would claim that it was. */
export const missingLayer = (words: string, height: number, frame: Frame): Spec => ({
  data: { values: [{ t: words }] },
  mark: {
    type: 'text',
    align: 'left',
    baseline: 'middle',
    fontStyle: 'italic',
    fill: colour('ink-2'),
    aria: false,
    limit: frame.width - 12,
  },
  encoding: { x: { value: 10 }, y: { value: height / 2 }, text: { field: 't', type: 'nominal' } },
})

/** The name of a point, below it. */
export const flagLayer = (flag: {
  readonly x: number
  readonly y: number
  readonly label: string
}): Spec => ({
  data: { values: [{ x: flag.x, y: flag.y, t: flag.label }] },
  mark: { type: 'text', baseline: 'top', dy: 8, fontWeight: 600, fill: colour('c1'), ...rim, aria: false },
  encoding: { ...position, text: { field: 't', type: 'nominal' } },
})
