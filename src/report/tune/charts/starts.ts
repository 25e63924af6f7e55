import type { StartPhaseName } from '../../../record/index.js'
import { distinct, lanesOf } from '../../charts/lanes.js'
import { num } from '../../format.js'
import type { Spec } from '../../render-svg.js'
import { colour } from '../../theme.js'

/** One start of a setting: its phases where they are known, else the whole of it. */
export interface StartCourse {
  readonly name: string
  readonly isUp: boolean
  readonly parts: readonly StartPart[]
}

interface StartPart {
  readonly phase: StartPhaseName | 'start' | 'failed start'
  readonly fromS: number
  readonly toS: number
}

/** By phase: a hue, and how strong. The name stands in the bar where there is room, so that nothing hangs on the hue. */
const HUES: Readonly<Record<StartPart['phase'], readonly [hue: string, opacity: number]>> = {
  process: [colour('c6'), 0.55],
  import: [colour('c4'), 0.35],
  weights: [colour('c1'), 0.4],
  profiling: [colour('c5'), 0.35],
  compile: [colour('c2'), 0.4],
  'kv-cache': [colour('c3'), 0.4],
  serving: [colour('c6'), 0.3],
  start: [colour('c6'), 0.4],
  'failed start': [colour('bad'), 0.35],
}

/** A bar a setting, from the command to ready. */
export function startsChart(courses: readonly StartCourse[], narrow: boolean): Spec {
  const names = distinct(
    courses.map((c) => c.name),
    narrow,
  )
  const lanes = lanesOf(names, narrow, null)
  const end = Math.max(1e-3, ...courses.flatMap((c) => c.parts.map((p) => p.toS))) * 1.02
  const values = courses.flatMap((course, i) =>
    course.parts.map((part) => ({
      lane: lanes.show(names[i] ?? ''),
      from: part.fromS,
      to: part.toS,
      middle: (part.fromS + part.toS) / 2,
      t: part.phase,
      hue: HUES[part.phase][0],
      shade: HUES[part.phase][1],
      say: `${course.name}: ${part.phase} ${num(part.toS - part.fromS)} s, from ${num(part.fromS)} s on`,
    })),
  )
  const named = values.filter(
    (v) => ((v.to - v.from) / end) * lanes.width > v.t.length * lanes.fontSize * 0.56 + 4,
  )
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, end], nice: false },
    axis: {
      title: 'seconds since the command',
      tickCount: narrow ? 4 : 8,
      labelExpr: "format(datum.value, ',~g')",
      aria: false,
    },
  })
  return {
    usermeta: { right: lanes.width },
    width: lanes.width,
    height: lanes.height,
    layer: [
      {
        data: { values },
        mark: { type: 'rect', height: lanes.laneHeight - 8, stroke: colour('paper'), strokeWidth: 1 },
        encoding: {
          x: x('from'),
          x2: { field: 'to' },
          y: lanes.y,
          fill: { field: 'hue', type: 'nominal', scale: null, legend: null },
          fillOpacity: { field: 'shade', type: 'quantitative', scale: null, legend: null },
          description: { field: 'say', type: 'nominal' },
        },
      },
      {
        data: { values: named },
        mark: { type: 'text', fill: colour('ink'), fontSize: lanes.fontSize - 1, aria: false },
        encoding: { x: x('middle'), y: lanes.y, text: { field: 't', type: 'nominal' } },
      },
    ],
  }
}
