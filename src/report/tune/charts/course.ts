import type { Timeline, TimelineBin } from '../../../analyse/index.js'
import { makeFrame } from '../../charts/frame.js'
import { stack } from '../../charts/panel.js'
import { PERCENT_LABELS, type Scale, zeroBased } from '../../charts/scale.js'
import { course } from '../../charts/timeseries.js'
import type { Panel } from '../../charts/types.js'
import type { Spec } from '../../render-svg.js'
import { look } from '../../theme.js'

/** One run in the picture: the default, or the best. */
export interface Course {
  readonly label: string
  readonly slot: number
  readonly timeline: Timeline
}

type Read = (bin: TimelineBin) => number | null

/** What the engine told over the time of a run each, over one time axis. */
export function engineCourseChart(courses: readonly Course[], narrow: boolean): Spec {
  const ends = courses.map(({ timeline }) => (timeline.bins.at(-1)?.atS ?? 1) + timeline.binS)
  const x: Scale = { ...zeroBased(ends), domain: [0, Math.max(1, ...ends)] }
  const longest = Math.max(...courses.map((c) => c.label.length))
  const frame = makeFrame(narrow, x, 'seconds since the run’s zero', longest)
  const height = narrow ? 100 : 110
  return stack(
    [
      panelOf(courses, 'KV cache in use', 'mean of the bin', (b) => b.kvUsage, height, [1], PERCENT_LABELS),
      panelOf(courses, 'Preemptions per second', '', (b) => b.preemptionsPerS, height),
      panelOf(courses, 'Running', 'requests in the batch', (b) => b.running, height),
      panelOf(courses, 'Waiting', 'requests in the engine’s queue', (b) => b.waiting, height),
    ],
    frame,
  )
}

function panelOf(
  courses: readonly Course[],
  title: string,
  subtitle: string,
  read: Read,
  height: number,
  reach: readonly number[] = [],
  labels?: string,
): Panel {
  const lines = courses.map(({ label, slot, timeline }) => ({
    ...course(timeline, slot, label, read),
    ...look(slot),
  }))
  const values = lines.flatMap((line) => line.rows.map((row) => row.y))
  const missing = values.every((v) => v === null) ? 'not observed' : null
  return { title, subtitle, y: zeroBased([...values, ...reach], labels), lines, height, missing }
}
