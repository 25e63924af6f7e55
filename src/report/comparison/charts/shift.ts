import type { ShiftFunction } from '../../../analyse/index.js'
import { makeFrame } from '../../charts/frame.js'
import { grid } from '../../charts/grid.js'
import { tailPosition, tailScale } from '../../charts/percentiles.js'
import type { Scale } from '../../charts/scale.js'
import type { Line, Panel, Row } from '../../charts/types.js'
import { inUnit, num, shorten } from '../../format.js'
import type { Spec } from '../../render-svg.js'
import { colour, look } from '../../theme.js'
import { change, changeRange } from '../words.js'
import { ratioScale } from './axis.js'

/** The shift of one side against the base. */
export interface NamedShift {
  readonly name: string
  readonly short: string
  readonly slot: number
  readonly shift: ShiftFunction
}

/** By how much each quantile moved: a line over percentiles, its band holds for all of them together; flat at `equal`. */
export function shiftPanel(shifts: readonly NamedShift[], x: Scale, narrow: boolean): Panel {
  const several = shifts.length > 1
  return {
    title: 'Change of each percentile',
    subtitle: 'log scale; the band holds for all of them together',
    y: scaleOf(shifts),
    lines: [
      equalLine(x),
      ...shifts.map((own) => lineOf(own, own.slot, several ? (narrow ? own.short : own.name) : '')),
    ],
    height: narrow ? 120 : 140,
  }
}

/** Of many sides each in a panel of its own, one range for all. */
export function shiftGrid(shifts: readonly NamedShift[], narrow: boolean): Spec {
  const last = Math.max(0.5, ...shifts.flatMap(({ shift }) => shift.points.map(({ quantile }) => quantile)))
  const x = tailScale(tailPosition(last))
  const y = scaleOf(shifts)
  const panels = shifts.map(
    (own): Panel => ({
      title: shorten(own.name, narrow ? 18 : 30),
      subtitle: '',
      y,
      lines: [equalLine(x), lineOf(own, 0, '', false)],
      height: 84,
    }),
  )
  return grid(panels, narrow ? 1 : 3, makeFrame(narrow, x, 'percentile', 1))
}

const scaleOf = (shifts: readonly NamedShift[]): Scale =>
  ratioScale(
    shifts.flatMap(({ shift }) => shift.points.flatMap((p) => [p.ratio?.value, p.bandLow, p.bandHigh])),
  )

const equalLine = (x: Scale): Line => ({
  label: '',
  colour: colour('ink-2'),
  dash: [4, 3],
  shape: 'circle',
  rows: x.domain.map((at) => ({ x: at, y: 1, say: '' })),
  points: false,
  thin: true,
})

/** Quantiles that a reader asks for by name: with a panel a side only these have marks. */
const NAMED: readonly number[] = [0.5, 0.9, 0.95, 0.99]

function lineOf({ name, shift }: NamedShift, slot: number, label: string, detailed = true): Line {
  const rows = shift.points.map(
    (p): Row => ({
      x: tailPosition(p.quantile),
      y: p.ratio?.value ?? null,
      low: p.bandLow,
      high: p.bandHigh,
      say:
        !detailed && !NAMED.includes(p.quantile)
          ? ''
          : `${name} p${num(p.quantile * 100)}: ${inUnit(p.a, shift.unit)} to ${inUnit(p.b, shift.unit)}, ${change(p.ratio?.value, 'ratio')} (${changeRange(p.ratio, 'ratio')})`,
    }),
  )
  return { label, ...look(slot), dash: label === '' ? [] : look(slot).dash, rows, thin: true }
}
