import { nsToS } from '../base/index.js'
import { DEFAULT_THRESHOLDS, type Profile } from '../profile/index.js'
import type { Window } from './findings.js'
import type { Gathered } from './gather.js'
import { allRows, mapRows, rowsByIndex, sortRows } from './rows.js'
import {
  batchMeans,
  mannKendall,
  meanOf,
  medianOf,
  mser5,
  nearestRank,
  sortValues,
  startsApart,
  theilSenSlope,
} from './stats/index.js'

/** The window with what later steps need of it. */
export interface Judged {
  readonly window: Window
  readonly fromNs: number
  readonly toNs: number
  /** Rows sent (or due, if never sent) inside the window, in that order. */
  readonly rows: Int32Array
  readonly kind: 'open' | 'closed'
  /** Open loop: requests in flight rose through the window, so more is offered than the target can take. */
  readonly rising: boolean
}

/** Under so many completed requests a shorter window would say less than the whole. */
const LEAST = 10
/** MSER-5 needs a few batches to choose from. */
const LEAST_FOR_MSER = 50

/** In flight at a send, itself included, in a closed loop past its ramp: this share of the usual level is full load. */
const FULL = 0.9

/** A run of an earlier version has no thresholds of its own. */
const driftShareOf = ({ validity }: Partial<Pick<Profile, 'validity'>>): number =>
  validity?.driftShare ?? DEFAULT_THRESHOLDS.driftShare

const isClosed = (load: Profile['load']): boolean =>
  load.kind === 'closed' || (load.kind === 'stages' && load.stages.some((s) => s.concurrency !== undefined))

const startOf = (g: Gathered, row: number): number => {
  const sentNs = g.columns.sentNs.at(row)
  return Number.isNaN(sentNs) ? g.columns.scheduledNs.at(row) : sentNs
}

/**
 *     warm-up │ ramp, transient │········ window ········│ drain
 *                               ▲ first send past both   ▲ last send at full load
 */
export function findWindow(g: Gathered, profile: Profile): Judged {
  const order = sendOrder(g)
  const kind = isClosed(profile.load) ? 'closed' : 'open'
  const measured = order.filter((row) => g.columns.measured.at(row) === 1)
  const whole = { from: 0, to: measured.length }
  const drained =
    kind === 'closed' && profile.load.kind === 'closed' ? drainStart(g, order, measured) : measured.length
  const transient = findTransient(g, order, measured.subarray(0, drained), profile, kind)
  const notes = [...transient.notes]
  let cut = { from: transient.cut, to: drained }
  let { steady } = transient
  if (tooShort(g, measured.subarray(cut.from, cut.to))) {
    notes.push('too few requests for a window of its own: ramp and drain are included')
    steady = false
    cut = whole
  }
  const rows = measured.subarray(cut.from, cut.to)
  const [fromNs, toNs] = bounds(g, rows, cut === whole)
  const window = {
    fromS: nsToS(fromNs),
    toS: nsToS(toNs),
    requests: rows.length,
    excludedWarmup: g.planned - measured.length,
    excludedTransient: cut.from,
    excludedDrain: measured.length - cut.to,
    steady,
    note: notes.join('; '),
  }
  return {
    window,
    fromNs,
    toNs,
    rows,
    kind,
    rising: kind === 'open' && isRising(g, order, rows, driftShareOf(profile)),
  }
}

/** Rows in the order in which they were sent, or due; ties by their place in the plan. */
function sendOrder(g: Gathered): Int32Array {
  const rows = allRows(g.rows)
  const starts = mapRows(rows, (row) => startOf(g, row))
  const places = mapRows(rows, (row) => g.columns.index.at(row))
  // The order of the plan is nearly that of sending.
  return sortRows(rowsByIndex(places), starts, places)
}

/** From the first send to the last; to the last end where the whole run had to serve as the window. */
function bounds(g: Gathered, rows: Int32Array, whole: boolean): [number, number] {
  const first = rows[0]
  const last = rows.at(-1)
  if (first === undefined || last === undefined) return [0, 0]
  if (!whole) return [startOf(g, first), startOf(g, last)]
  return [startOf(g, first), rows.reduce((latest, row) => Math.max(latest, g.columns.endNs.at(row)), 0)]
}

/** Fewer than ten completed requests, or a window shorter than the median life of a request. */
function tooShort(g: Gathered, rows: Int32Array): boolean {
  const completed = rows.filter((row) => g.state(row) === 'completed')
  const [fromNs, toNs] = bounds(g, rows, false)
  // Counting those that are not longer than the window spares the sorting for a median.
  const within = completed.filter((row) => g.columns.endNs.at(row) - startOf(g, row) <= toNs - fromNs)
  return completed.length < LEAST || within.length < nearestRank(completed.length, 0.5)
}

/**
 * How many of the measured requests were sent while the closed loop was still full. Conversations that are over leave
 * slots empty before the last send; everything sent after the last full moment belongs to the drain.
 */
function drainStart(g: Gathered, order: Int32Array, measured: Int32Array): number {
  const level = inFlightAtSends(g, order)
  const usual = medianOf(mapRows(measured, (row) => level[row] ?? 0))
  let end = measured.length
  while (end > 0 && (level[measured[end - 1] ?? 0] ?? 0) < FULL * usual) end--
  return end
}

/** By row: requests in flight just after it was sent. */
function inFlightAtSends(g: Gathered, order: Int32Array): Float64Array {
  const sent = order.filter((row) => !Number.isNaN(g.columns.sentNs.at(row)))
  const ends = sortValues(mapRows(sent, (row) => g.columns.endNs.at(row)))
  const level = new Float64Array(g.rows)
  let ended = 0
  sent.forEach((row, position) => {
    while (ended < ends.length && (ends[ended] ?? 0) <= g.columns.sentNs.at(row)) ended++
    level[row] = position + 1 - ended
  })
  return level
}

function isRising(g: Gathered, order: Int32Array, rows: Int32Array, driftShare: number): boolean {
  const level = inFlightAtSends(g, order)
  const course = mapRows(rows, (row) => level[row] ?? 0)
  const third = Math.floor(course.length / 3)
  return (
    course.length >= LEAST_FOR_MSER &&
    drifts(course, driftShare) &&
    meanOf(course.slice(-third)) > meanOf(course.slice(0, third))
  )
}

interface Transient {
  readonly cut: number
  readonly steady: boolean
  readonly notes: readonly string[]
}

function findTransient(
  g: Gathered,
  order: Int32Array,
  measured: Int32Array,
  profile: Profile,
  kind: string,
): Transient {
  if (profile.load.kind === 'stages')
    return { cut: 0, steady: true, notes: ['the load changes by plan: one window over all stages'] }
  const wave =
    profile.load.kind === 'closed'
      ? firstWave(g, order, measured, profile.load.concurrency)
      : { cut: 0, note: '' }
  const rest = measured.subarray(wave.cut)
  const truncations = [seriesOf(g, rest, 'ttft'), seriesOf(g, rest, 'e2e')].map((s) =>
    transientOf(s, driftShareOf(profile)),
  )
  const late = truncations.some((t) => t.late)
  const cut = late ? 0 : Math.max(...truncations.map((t) => t.cut))
  const notes = [
    ...(wave.note === '' ? [] : [wave.note]),
    ...(cut > 0 ? [`MSER-5 cut ${cut} requests`] : []),
    ...(late ? ['latency was still changing in the second half'] : []),
    ...(kind === 'open' ? ['the window ends with the last arrival'] : []),
  ]
  return { cut: wave.cut + cut, steady: !late && !wave.note.startsWith('too'), notes }
}

/** All slots start together, and their prefills queue behind each other: a burst that no steady load would make. */
function firstWave(g: Gathered, order: Int32Array, measured: Int32Array, concurrency: number) {
  const wave = order.subarray(0, concurrency)
  const overNs = wave.reduce((latest, row) => Math.max(latest, g.columns.endNs.at(row)), 0)
  let cut = measured.findIndex((row) => startOf(g, row) >= overNs)
  if (cut < 0) cut = measured.length
  if (cut <= measured.length / 2)
    return { cut, note: cut > 0 ? `first wave of ${concurrency}: ${cut} requests left out` : '' }
  return { cut: 0, note: `too few requests to leave out the first wave of ${concurrency}` }
}

/** A metric of the completed requests in send order, with the place of each in `rows`. */
function seriesOf(g: Gathered, rows: Int32Array, metric: 'ttft' | 'e2e') {
  const places: number[] = []
  const values: number[] = []
  rows.forEach((row, place) => {
    const value = g.state(row) === 'completed' ? g.values[metric].row(row)[0] : undefined
    if (value === undefined) return
    places.push(place)
    values.push(value)
  })
  return { places, values }
}

/**
 * MSER-5, in places of the row list. A minimum in the second half speaks against a steady state only together with a
 * trend: of pure noise, too, one tail is the quietest now and then.
 */
function transientOf(
  { places, values }: ReturnType<typeof seriesOf>,
  driftShare: number,
): { cut: number; late: boolean } {
  if (values.length < LEAST_FOR_MSER) return { cut: 0, late: false }
  const { cut, late } = mser5(values)
  const drifting = drifts(late ? values : values.slice(cut), driftShare)
  if (late || drifting) return { cut: 0, late: drifting }
  return { cut: startsApart(values, cut) ? (places[cut] ?? 0) : 0, late: false }
}

const TREND_BATCHES = 20

/** A trend that is no chance (p < 1 %) and that matters: over the whole stretch more than a share of the median. */
function drifts(values: ArrayLike<number>, share: number): boolean {
  const means = batchMeans(values, Math.max(1, Math.floor(values.length / TREND_BATCHES)))
  if (mannKendall(means).p >= 0.01) return false
  return Math.abs(theilSenSlope(means)) * means.length > share * medianOf(means)
}
