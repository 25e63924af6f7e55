import type { Timeline, TimelineBin } from '../../analyse/index.js'
import { num, percent } from '../format.js'
import type { Spec } from '../render-svg.js'
import { colour, look } from '../theme.js'
import { panel } from './falloff.js'
import { makeFrame, type Shade } from './frame.js'
import { machinePanels } from './machine.js'
import { stack } from './panel.js'
import { logarithmic, MS_LABELS, PERCENT_LABELS, type Scale, shareOf, valueAt, zeroBased } from './scale.js'
import type { Line, Panel, Row } from './types.js'

/** The course of one point: what the client saw above, what the engine said below, one time axis. */
export function timelineChart(timeline: Timeline, narrow: boolean): Spec {
  const x = timeScale(timeline)
  const frame = makeFrame(narrow, x, 'seconds since the run’s zero', 9, { shades: shadesOf(timeline, x) })
  const panels = [
    throughputPanel(timeline),
    flightPanel(timeline),
    ttftPanel(timeline, x, frame.width),
    kvPanel(timeline),
    preemptionPanel(timeline),
    ...machinePanels(timeline, course),
  ]
  return stack(panels, frame)
}

export function timeScale(timeline: Timeline): Scale {
  const last = Math.max(timeline.windowS[1], (timeline.bins.at(-1)?.atS ?? 1) + timeline.binS)
  const scale = zeroBased([last])
  return { ...scale, domain: [Math.min(0, timeline.bins[0]?.atS ?? 0), last] }
}

/** Outside the window the metrics do not look. */
export function shadesOf(timeline: Timeline, x: Scale): readonly Shade[] {
  const [from, to] = timeline.windowS
  return [
    { from: x.domain[0], to: from, label: 'warm-up' },
    { from: to, to: x.domain[1], label: 'drain' },
  ].filter((s) => s.to > s.from)
}

const HEIGHT = 92

export function course(
  timeline: Timeline,
  slot: number,
  label: string,
  read: (bin: TimelineBin) => number | null,
): Line {
  const rows = bridged(
    timeline.bins.map((bin) => ({ x: bin.atS + timeline.binS / 2, y: read(bin), say: '' })),
  )
  return { label, ...look(slot), dash: slot === 0 ? [] : look(slot).dash, rows, points: false, thin: true }
}

/** Gauges are read more seldom than bins pass: bins without a reading are no gap until this many follow each other. */
const BRIDGE = 10

function bridged(rows: readonly Row[]): readonly Row[] {
  let since = Number.POSITIVE_INFINITY
  return rows.filter((row, i) => {
    since = row.y === null ? since + 1 : 0
    if (row.y !== null) return true
    const next = rows.findIndex((r, j) => j > i && r.y !== null)
    return next === -1 || since + next - i > BRIDGE
  })
}

const ys = (lines: readonly Line[]) => lines.flatMap((l) => l.rows.map((r) => r.y))

function throughputPanel(timeline: Timeline): Panel {
  const lines = [course(timeline, 0, '', (b) => b.outputTokensPerS)]
  return panel(
    'Output tokens per second',
    `bins of ${num(timeline.binS)} s`,
    lines,
    zeroBased(ys(lines)),
    HEIGHT,
  )
}

function flightPanel(timeline: Timeline): Panel {
  const lines = [
    { ...course(timeline, 5, 'in flight', (b) => b.inFlight), dash: [4, 2] },
    { ...course(timeline, 0, 'running', (b) => b.running) },
    { ...course(timeline, 1, 'waiting', (b) => b.waiting) },
  ]
  const engine = timeline.bins.some((b) => b.running !== null || b.waiting !== null)
  const subtitle = engine
    ? 'sent and not ended; of these running and waiting inside the engine'
    : 'sent and not ended; the engine’s queue was not observed'
  return panel('Requests', subtitle, lines, zeroBased(ys(lines)), HEIGHT)
}

/** One dot per request at the moment it was sent; those without a first token stand on the upper edge as crosses. */
function ttftPanel(timeline: Timeline, x: Scale, width: number): Panel {
  const done = timeline.requests.filter((r) => r[1] !== null && r[1] > 0)
  const lost = timeline.requests.filter((r) => r[1] === null && r[3] !== 'completed')
  const y = logarithmic(
    done.map((r) => r[1]),
    MS_LABELS,
  )
  const dots: Line = {
    label: '',
    ...look(0),
    dash: [],
    draw: 'dots',
    points: false,
    rows: onGrid(
      done.map((r) => [r[0], r[1] ?? 0]),
      x,
      y,
      width,
    ),
  }
  const crosses: Line = {
    label: lost.length > 0 ? 'none' : '',
    ...look(1),
    draw: 'dots',
    dash: [],
    points: false,
    rows: onGrid(
      lost.map((r) => [r[0], y.domain[1]]),
      x,
      y,
      width,
    ),
  }
  const note =
    lost.length > 0 ? `; ${lost.length} of those drawn ended without a first token (upper edge)` : ''
  return panel(
    'Time to first token',
    `one dot per request, log scale${note}`,
    [dots, crosses],
    y,
    HEIGHT + 34,
  )
}

/** Dots that would fall on the same pixels are drawn once. */
function onGrid(
  dots: readonly (readonly [number, number])[],
  x: Scale,
  y: Scale,
  width: number,
): readonly Row[] {
  const [columns, lines] = [Math.round(width / 2), 50]
  const cells = new Set(
    dots.map(([at, v]) => Math.round(shareOf(x, at) * columns) * 1000 + Math.round(shareOf(y, v) * lines)),
  )
  return [...cells].map((cell) => ({
    x: valueAt(x, Math.floor(cell / 1000) / columns),
    y: valueAt(y, (cell % 1000) / lines),
    say: '',
  }))
}

function kvPanel(timeline: Timeline): Panel {
  const lines = [course(timeline, 0, '', (b) => b.kvUsage)]
  const max = Math.max(0, ...ys(lines).map((v) => v ?? 0))
  const scale = { ...zeroBased([1], PERCENT_LABELS), ticks: [0, 0.5, 1] }
  return panel('KV cache in use', max > 0 ? `highest ${percent(max)}` : '', lines, scale, HEIGHT - 20)
}

function preemptionPanel(timeline: Timeline): Panel {
  const preempted = { ...course(timeline, 1, '', (b) => b.preemptionsPerS), colour: colour('c2') }
  return panel('Preemptions per second', '', [preempted], zeroBased(ys([preempted])), HEIGHT - 20)
}
