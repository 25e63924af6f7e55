import type { PointFindings } from '../../analyse/index.js'
import { num } from '../format.js'
import type { Spec } from '../render-svg.js'
import { colour, look } from '../theme.js'
import { makeFrame } from './frame.js'
import { stack } from './panel.js'
import { type Scale, zeroBased } from './scale.js'
import type { Line } from './types.js'

type Retries = NonNullable<PointFindings['retries']>
type Bin = Retries['course'][number]

/** Length of the intervals, in seconds; 0 where there are too few to draw a course. */
export const courseStepS = ({ course: [first, second] }: Retries): number =>
  first === undefined || second === undefined ? 0 : second.atS - first.atS

/** The load as users bring it, and what their clients' retries make of it. */
export function retryChart(retries: Retries, narrow: boolean): Spec {
  const { course, storm } = retries
  const stepS = courseStepS(retries)
  const x = timeOf(course, stepS)
  const marks =
    storm === null ? [] : [{ at: storm.atS, low: null, high: null, label: 'storm', colour: colour('c6') }]
  const frame = makeFrame(narrow, x, 'seconds since the run’s zero', 8, { marks })
  const lines = [
    lineOf(course, stepS, 'attempts', 1, (bin) => bin.attemptsPerS),
    lineOf(course, stepS, 'requests', 0, (bin) => bin.requestsPerS),
  ]
  const y = zeroBased(lines.flatMap((line) => line.rows.map((row) => row.y)))
  const subtitle = `as users bring them, and attempts as the target sees them; intervals of ${num(stepS)} s`
  return stack([{ title: 'Requests per second', subtitle, y, lines, height: narrow ? 150 : 170 }], frame)
}

function timeOf(course: readonly Bin[], stepS: number): Scale {
  const last = (course.at(-1)?.atS ?? 0) + stepS
  return { ...zeroBased([last]), domain: [0, last] }
}

/** Held until the end of its interval, the last one too. */
function lineOf(
  course: readonly Bin[],
  stepS: number,
  label: string,
  slot: number,
  read: (bin: Bin) => number,
): Line {
  const rows = course.map((bin) => ({ x: bin.atS, y: read(bin), say: '' }))
  const last = rows.at(-1)
  const end = last === undefined ? [] : [{ ...last, x: last.x + stepS }]
  return { label, ...look(slot), rows: [...rows, ...end], draw: 'step', points: false, thin: true }
}
