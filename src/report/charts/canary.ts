import type { CanaryBin, Timeline } from '../../analyse/index.js'
import { ms, num } from '../format.js'
import type { Spec } from '../render-svg.js'
import { look } from '../theme.js'
import { makeFrame } from './frame.js'
import { stack } from './panel.js'
import { logarithmic, MS_LABELS } from './scale.js'
import { shadesOf, timeScale } from './timeseries.js'
import type { Line } from './types.js'

/** Stamps are whole nanoseconds apart at best; an error of none at all has no place on a log scale. */
const LEAST_MS = 1e-3

const COURSES: readonly { label: string; slot: number; read: (bin: CanaryBin) => number }[] = [
  { label: 'max', slot: 5, read: (bin) => bin.maxMs },
  { label: 'p99', slot: 1, read: (bin) => bin.p99Ms },
  { label: 'p50', slot: 0, read: (bin) => bin.p50Ms },
]

/** How far our own stamps were off through the run, by the canary streams: a rise here is ours, not the target's. */
export function canaryChart(timeline: Timeline, narrow: boolean): Spec {
  const x = timeScale(timeline)
  const frame = makeFrame(narrow, x, 'seconds since the run’s zero', 4, { shades: shadesOf(timeline, x) })
  const lines = COURSES.map(({ label, slot, read }) => courseOf(timeline, label, slot, read))
  const y = logarithmic(
    toDecades(lines.flatMap((line) => line.rows.map((row) => row.y ?? LEAST_MS))),
    MS_LABELS,
  )
  const subtitle = 'size of the error of canary stamps, worst worker, log scale'
  return stack([{ title: 'Error of our stamps', subtitle, y, lines, height: narrow ? 150 : 170 }], frame)
}

/** Whole powers of ten around the values: how small an error is shows only against a scale that names its decades. */
const toDecades = (values: readonly number[]): readonly number[] => [
  10 ** Math.floor(Math.log10(Math.min(...values))),
  10 ** Math.ceil(Math.log10(Math.max(...values))),
]

/** At most so many points of a line carry a tooltip. */
const TOLD = 40

function courseOf(
  { canary, binS }: Timeline,
  label: string,
  slot: number,
  read: (bin: CanaryBin) => number,
): Line {
  const rows = canary.map((bin) => ({
    x: bin.atS + binS / 2,
    y: Math.max(LEAST_MS, read(bin)),
    say: `${num(bin.atS)} s: ${label} ${ms(read(bin))}`,
  }))
  return { label, ...look(slot), rows, points: rows.length <= TOLD, thin: true }
}
