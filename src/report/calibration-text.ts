import type { Calibration, CalibrationPoint, ErrorFigures } from '../record/index.js'
import {
  boundsIn,
  boundText,
  estimateRatio,
  loadName,
  QUANTITIES,
  ratioText,
  reservations,
  signedTime,
  time,
} from './calibration-words.js'
import { ABSENT, ms, percent, whole } from './format.js'
import { aligned } from './text.js'
import { visible } from './visible.js'

/** The calibration for a terminal: plain text, aligned, no colour. Ends with a line feed. */
export function renderCalibrationText(calibration: Calibration): string {
  const { points, bounds, boundMs } = visible(calibration)
  const lines = [
    'Error of our times, ours − true: p50, p99 and largest of its size, bias',
    ...aligned([ERROR_HEAD, ...points.map(errorRow)]),
    '',
    'The canary’s p99 beside them, and the load',
    ...aligned([LOAD_HEAD, ...points.map(loadRow)]),
    '',
    ...boundsIn(bounds).map(([name, bound]) => {
      const cpu = bound.cpuPerEventNs === null ? '' : `; ${time(bound.cpuPerEventNs / 1e6)} of CPU an event`
      return `${name.padEnd(8)} ${boundText(bound)} a worker within ${ms(boundMs)} at p99${cpu}`
    }),
    ...reservations(calibration).map((text) => `note     ${text}`),
  ]
  return `${lines.join('\n')}\n`
}

const ERROR_HEAD = [
  '',
  ...QUANTITIES.flatMap(([, name]) => [`${name} p50`, 'p99', 'max', 'bias']),
  'chunks',
  'unjoined',
]

const errorRow = (point: CalibrationPoint): readonly string[] => [
  loadName(point),
  ...QUANTITIES.flatMap(([quantity]) => errorCells(point[quantity])),
  whole(point.joined),
  whole(point.unjoined),
]

const errorCells = (e: ErrorFigures | null): readonly string[] => [
  time(e?.p50Ms),
  time(e?.p99Ms),
  time(e?.maxMs),
  signedTime(e?.biasMs),
]

const LOAD_HEAD = [
  '',
  ...QUANTITIES.flatMap(([, name]) => [`${name} canary`, '/ true']),
  ...['coalesced', 'by us', 'events/s', 'CPU', 'core wait', 'CPU/event', 'lateness p99'],
]

const loadRow = (point: CalibrationPoint): readonly string[] => [
  loadName(point),
  ...QUANTITIES.flatMap(([quantity]) => [
    time(point.canary[quantity]?.p99Ms),
    ratioText(estimateRatio(point, quantity)),
  ]),
  percent(point.coalescedShare),
  percent(point.lateCoalescedShare),
  whole(point.load?.deliveredPerS),
  percent(point.load?.cpuShare),
  percent(point.load?.coreWaitShare),
  point.load ? time(point.load.cpuPerEventNs / 1e6) : ABSENT,
  time(point.latenessP99Ms),
]
