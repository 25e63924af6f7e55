import type { Scale } from './scale.js'

/** What the panels of one figure share. Widths in pixels of the SVG. */
export interface Frame {
  readonly narrow: boolean
  /** Width of the plot area. */
  readonly width: number
  readonly fontSize: number
  readonly x: Scale
  readonly xTitle: string
  /** Room for labels at the line ends, in pixels and in characters. */
  readonly labelRoom: number
  readonly labelLength: number
  /** Vertical lines through every panel, such as the knee. */
  readonly marks: readonly Mark[]
  /** Stretches shaded in every panel, such as the warm-up. */
  readonly shades: readonly Shade[]
  /** Pixels that the first panel's last title line takes, from the left. */
  readonly titleWidth: number
  /** Pixels between panels, titles included. */
  readonly gap: number
}

export interface Mark {
  readonly at: number
  readonly low: number | null
  readonly high: number | null
  /** Written beside the line in the first panel. */
  readonly label: string
  readonly colour: string
}

export interface Shade {
  readonly from: number
  readonly to: number
  readonly label: string
}

export const AXIS_ROOM = 58
const WIDE = 900
const NARROW = 360

/** Rough width of letters: close enough to keep words apart. */
export const textWidth = (text: string, fontSize: number): number => text.length * fontSize * 0.58

/** @param longest length of the longest label at a line's end, in characters */
export function makeFrame(
  narrow: boolean,
  x: Scale,
  xTitle: string,
  longest: number,
  rest: Partial<Frame> = {},
): Frame {
  const fontSize = narrow ? 11 : 12
  const labelLength = Math.min(longest, narrow ? 11 : 24)
  const labelRoom = Math.max(12, Math.ceil(labelLength * fontSize * 0.64) + 12)
  const width = (narrow ? NARROW : WIDE) - AXIS_ROOM - labelRoom - 4
  return {
    narrow,
    width,
    fontSize,
    x,
    xTitle,
    labelRoom,
    labelLength,
    marks: [],
    shades: [],
    gap: 0,
    titleWidth: 0,
    ...rest,
  }
}

/** Both coordinates of a row, on the axes of the panel. */
export const position = {
  x: { field: 'x', type: 'quantitative' },
  y: { field: 'y', type: 'quantitative' },
} as const
