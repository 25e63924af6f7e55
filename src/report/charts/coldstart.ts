import { COLD_PHASE_WORDS } from '../../analyse/index.js'
import { formatNs, nsToS } from '../../base/index.js'
import type { ColdPhaseName, ColdRequest, ColdStart, ScaleOut } from '../../record/index.js'
import type { Spec } from '../render-svg.js'
import { colour, look } from '../theme.js'
import { AXIS_ROOM, makeFrame } from './frame.js'
import { stack } from './panel.js'
import { loadScale, MS_LABELS, type Scale, zeroBased } from './scale.js'
import type { Line } from './types.js'

/** Hue and strength: phases that follow each other differ in both. */
const FILLS: Readonly<Record<ColdPhaseName, readonly [hue: string, opacity: number]>> = {
  process: [colour('c6'), 0.9],
  import: [colour('c1'), 0.9],
  weights: [colour('c3'), 0.9],
  profiling: [colour('c5'), 0.9],
  compile: [colour('c2'), 0.9],
  'kv-cache': [colour('c4'), 0.9],
  serving: [colour('c6'), 0.45],
  'first-request': [colour('c2'), 0.45],
}

const BAR = 26
const ROOM = 70

/** One bar a start, cut into its phases, over the seconds since the command; the names stand above in the same colours. */
export function phaseChart(starts: readonly ColdStart[], narrow: boolean): Spec {
  const frame = makeFrame(narrow, loadScale([1]), '', 1)
  const width = frame.width + AXIS_ROOM - ROOM
  const values = starts.flatMap(({ phases }, i) =>
    phases.map(({ name, fromNs, toNs }) => ({
      row: `start ${i + 1}`,
      from: nsToS(fromNs),
      to: nsToS(toNs),
      hue: FILLS[name][0],
      strength: FILLS[name][1],
      say: `start ${i + 1}, ${COLD_PHASE_WORDS[name]}: ${formatNs(toNs - fromNs)}`,
    })),
  )
  const x = zeroBased(
    values.map(({ to }) => to),
    "format(datum.value, '~g') + ' s'",
    0.001,
  )
  const y = {
    field: 'row',
    type: 'nominal',
    sort: null,
    axis: { title: null, domain: false, ticks: false, minExtent: ROOM, maxExtent: ROOM, aria: false },
  }
  return {
    usermeta: { right: width },
    spacing: 8,
    vconcat: [
      legend(starts, width, narrow),
      {
        width,
        height: Math.max(1, starts.length) * BAR,
        data: { values },
        mark: { type: 'bar', height: BAR - 8 },
        encoding: {
          x: { ...timeAxis(x), field: 'from' },
          x2: { field: 'to' },
          y,
          fill: { field: 'hue', type: 'nominal', scale: null },
          fillOpacity: { field: 'strength', type: 'quantitative', scale: null },
          description: { field: 'say', type: 'nominal' },
        },
      },
    ],
  }
}

const timeAxis = (x: Scale) => ({
  type: 'quantitative',
  scale: { domain: x.domain, nice: false, zero: false },
  axis: { title: 'since the command', values: x.ticks, labelExpr: x.labels, aria: false },
})

const LINE = 18

/** In rows of as many as there is room for. */
function legend(starts: readonly ColdStart[], width: number, narrow: boolean): Spec {
  const names = [...new Set(starts.flatMap(({ phases }) => phases.map(({ name }) => name)))]
  const perRow = narrow ? 3 : 8
  const rows = Math.max(1, Math.ceil(names.length / perRow))
  const values = names.map((name, i) => ({
    lx: (i % perRow) * (width / perRow),
    ly: Math.floor(i / perRow) * LINE + LINE / 2,
    t: COLD_PHASE_WORDS[name],
    hue: FILLS[name][0],
    strength: FILLS[name][1],
  }))
  const at = {
    x: { field: 'lx', type: 'quantitative', scale: null, axis: null },
    y: { field: 'ly', type: 'quantitative', scale: null, axis: null },
  }
  return {
    width,
    height: rows * LINE,
    data: { values },
    layer: [
      {
        mark: { type: 'point', shape: 'square', filled: true, size: 90, aria: false },
        encoding: {
          ...at,
          fill: { field: 'hue', type: 'nominal', scale: null },
          fillOpacity: { field: 'strength', type: 'quantitative', scale: null },
        },
      },
      {
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 9, fill: colour('ink'), aria: false },
        encoding: { ...at, text: { field: 't', type: 'nominal' } },
      },
    ],
  }
}

/** Requests by the moment at which they arrived, and how long they took to their first token, or to their failure. */
export function arrivalChart(start: ColdStart, narrow: boolean): Spec {
  const { requests, healthyNs, steady } = start
  const mark = (ns: number, label: string, hue: string) => ({
    at: nsToS(ns),
    low: null,
    high: null,
    label,
    colour: hue,
  })
  const marks = [
    mark(healthyNs, 'healthy', colour('c6')),
    ...(steady?.atNs === null || steady === null ? [] : [mark(steady.atNs, 'steady', colour('c3'))]),
  ]
  const last = Math.max(nsToS(start.firstTokenNs), ...requests.map(({ atNs }) => nsToS(atNs)))
  const x = { ...zeroBased([last]), domain: [0, last * 1.02] as const }
  const frame = makeFrame(narrow, x, 'seconds since the command, when the request arrived', 9, { marks })
  const lines = [
    dots(
      'answered',
      0,
      requests.filter((r) => r.answered),
    ),
    dots(
      'failed',
      1,
      requests.filter((r) => !r.answered),
    ),
  ]
  const y = zeroBased(
    requests.map(({ tookNs }) => tookNs / 1e6),
    MS_LABELS,
  )
  const title = 'Time to the first token, or to the failure'
  return stack(
    [
      {
        title,
        subtitle: 'from the moment of arrival, retries included',
        y,
        lines,
        height: narrow ? 170 : 210,
      },
    ],
    frame,
  )
}

function dots(label: string, slot: number, requests: readonly ColdRequest[]): Line {
  const rows = requests.map(({ atNs, tookNs }) => ({ x: nsToS(atNs), y: tookNs / 1e6, say: '' }))
  return { label: requests.length === 0 ? '' : label, ...look(slot), rows, draw: 'dots', points: false }
}

/** The p95 that slides over a scale-out, and the moments of the second replica. */
export function scaleChart({ course, commandS, joinedS }: ScaleOut, narrow: boolean): Spec {
  const last = Math.max(joinedS, ...course.map(({ atS }) => atS))
  const x = { ...zeroBased([last]), domain: [0, last * 1.02] as const }
  const marks = [
    { at: commandS, low: null, high: null, label: 'command', colour: colour('c6') },
    { at: joinedS, low: null, high: null, label: 'joined', colour: colour('c3') },
  ]
  const frame = makeFrame(narrow, x, 'seconds under load', 4, { marks })
  const rows = course.map(({ atS, p95Ms, n }) => ({ x: atS, y: p95Ms, say: `${n} requests` }))
  const y = zeroBased(
    course.map(({ p95Ms }) => p95Ms),
    MS_LABELS,
  )
  const line: Line = { label: 'p95', ...look(0), rows, draw: 'line', points: false }
  return stack(
    [
      {
        title: 'TTFT p95',
        subtitle: 'of windows that slide over the arrivals',
        y,
        lines: [line],
        height: narrow ? 160 : 190,
      },
    ],
    frame,
  )
}
