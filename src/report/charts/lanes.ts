import { shorten } from '../format.js'
import { AXIS_ROOM, makeFrame } from './frame.js'
import { loadScale } from './scale.js'

/** What charts with one lane a setting share: its name at the left, in its own room. */
export interface Lanes {
  readonly narrow: boolean
  readonly fontSize: number
  /** Of the plot area, in pixels. */
  readonly width: number
  readonly height: number
  readonly laneHeight: number
  /** A name as the axis shows it. */
  show(name: string): string
  /** The y axis, to be put into an encoding. */
  readonly y: Readonly<Record<string, unknown>>
}

interface LaneRoom {
  /** Pixels. */
  readonly height?: number
  /** Kept free at the right, in pixels. */
  readonly right?: number
  /** Of the longest name of all panels, in characters, so that their plots stand under each other. */
  readonly longest?: number
}

/** @param names of the lanes from top to bottom, each once */
export function lanesOf(
  names: readonly string[],
  narrow: boolean,
  title: string | null,
  own: LaneRoom = {},
): Lanes {
  const { width, fontSize } = makeFrame(narrow, loadScale([1]), '', 1)
  const length = narrow ? 16 : 30
  const show = (name: string): string => shorten(name, length)
  const longest = Math.max(6, Math.min(length, own.longest ?? 0), ...names.map((n) => show(n).length))
  const room = Math.ceil(longest * fontSize * 0.6) + 14 + (title === null ? 0 : fontSize + 8)
  const laneHeight = own.height ?? (narrow ? 28 : 30)
  return {
    narrow,
    fontSize,
    width: width + AXIS_ROOM - room - (own.right ?? 0),
    height: Math.max(1, names.length) * laneHeight,
    laneHeight,
    show,
    y: {
      field: 'lane',
      type: 'ordinal',
      sort: names.map(show),
      scale: { type: 'band', domain: names.map(show), paddingInner: 0, paddingOuter: 0 },
      axis: {
        title: title === null ? null : shorten(title, narrow ? 30 : 60),
        domain: false,
        ticks: false,
        grid: false,
        // Vega takes letters for half as wide again as they are.
        labelLimit: room * 1.5,
        minExtent: room,
        maxExtent: room,
        titlePadding: 6,
        aria: false,
      },
    },
  }
}

/** Sets apart names that the axis would show alike: a lane a setting, whatever it is called. */
export function distinct(names: readonly string[], narrow: boolean): readonly string[] {
  const length = narrow ? 16 : 30
  const seen = new Map<string, number>()
  return names.map((name) => {
    const short = shorten(name, length)
    const count = (seen.get(short) ?? 0) + 1
    seen.set(short, count)
    return count === 1 ? name : `${shorten(name, length - 4)} (${count})`
  })
}
