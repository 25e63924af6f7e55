import type { CalibrationPoint, ErrorFigures } from '../record/index.js'
import { estimateRatio, loadName, QUANTITIES, ratioText, signedTime, time } from './calibration-words.js'
import { ABSENT, percent, whole } from './format.js'
import { type Cell, fig, figures, type Table, text } from './table.js'

/** What was found at each point: the errors, then the canary's view of them, then what it cost. Exported in ms. */
export const calibrationTables = (points: readonly CalibrationPoint[]): readonly Table[] => [
  errorTable(points),
  canaryTable(points),
  loadTable(points),
]

const errorTable = (points: readonly CalibrationPoint[]): Table => ({
  caption: 'Error of our times, ours − true',
  columns: [
    text('load'),
    ...figures(
      ...QUANTITIES.flatMap(([, name]) => ['p50', 'p99', 'max', 'bias'].map((what) => `${name} ${what}`)),
    ),
  ],
  rows: points.map((point) => [
    loadName(point),
    ...QUANTITIES.flatMap(([quantity]) => errorCells(point[quantity])),
  ]),
})

const errorCells = (e: ErrorFigures | null): readonly Cell[] => [
  fig(e?.p50Ms, time),
  fig(e?.p99Ms, time),
  fig(e?.maxMs, time),
  fig(e?.biasMs, signedTime),
]

const canaryTable = (points: readonly CalibrationPoint[]): Table => ({
  caption: 'What the run’s own canary streams told of it, at p99',
  columns: [
    text('load'),
    ...figures('canary events', ...QUANTITIES.flatMap(([, name]) => [`${name}`, `${name}, / true`])),
  ],
  rows: points.map((point) => [
    loadName(point),
    fig(point.canary.stamp?.n, whole),
    ...QUANTITIES.flatMap(([quantity]) => [
      fig(point.canary[quantity]?.p99Ms, time),
      fig(estimateRatio(point, quantity), (v) => ratioText(v ?? null)),
    ]),
  ]),
})

const loadTable = (points: readonly CalibrationPoint[]): Table => ({
  caption: 'Chunks, and what the workers did',
  columns: [
    text('load'),
    ...figures(
      ...['requests', 'failed', 'chunks joined', 'unjoined', 'coalesced', 'by us', 'events/s', 'CPU'],
      ...['core wait', 'CPU an event', 'lateness p99'],
    ),
  ],
  rows: points.map((point) => [
    loadName(point),
    fig(point.requests, whole),
    fig(point.failed, whole),
    fig(point.joined, whole),
    fig(point.unjoined, whole),
    fig(point.coalescedShare, percent),
    fig(point.lateCoalescedShare, percent),
    fig(point.load?.deliveredPerS, whole),
    fig(point.load?.cpuShare, percent),
    fig(point.load?.coreWaitShare, percent),
    fig(point.load?.cpuPerEventNs, (ns) => (typeof ns === 'number' ? time(ns / 1e6) : ABSENT)),
    fig(point.latenessP99Ms, time),
  ]),
})
