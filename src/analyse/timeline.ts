import { NS_PER_MS, NS_PER_S, nsToS } from '../base/index.js'
import type { ServerSample } from '../record/index.js'
import { canaryCourse } from './canary.js'
import { Column } from './column.js'
import type { RunData, Timeline, TimelineBin, Window } from './findings.js'
import type { Gathered } from './gather.js'
import { gatherRun, readRun } from './read-run.js'
import { allRows, mapRows, rowsByIndex } from './rows.js'
import { meanOf, quantileOf, sortValues } from './stats/index.js'
import { machineBin } from './target-machine.js'
import { findWindow } from './window.js'

const MOST_BINS = 150
const MOST_REQUESTS = 2000
const BIN_SIZES_S = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600]

/** The course of a whole run, warm-up and drain included, in at most 150 bins. */
export async function timelineOf(folder: string): Promise<Timeline> {
  const run = await readRun(folder)
  const { gathered } = await gatherRun(folder)
  return courseOf(run, gathered, findWindow(gathered, run.manifest.profile).window)
}

/** The same of a run that has been read. */
export function courseOf(run: RunData, g: Gathered, window: Window): Timeline {
  let endNs = 0
  for (let row = 0; row < g.rows; row++) endNs = Math.max(endNs, g.columns.endNs.at(row))
  const endS = nsToS(endNs)
  const binS = BIN_SIZES_S.find((size) => endS / size <= MOST_BINS) ?? endS / MOST_BINS
  return {
    label: run.manifest.point.label,
    binS,
    windowS: [window.fromS, window.toS],
    bins: binsOf(g, run.serverSamples, binS, Math.max(1, Math.ceil(endS / binS))),
    canary: canaryCourse(run.instrumentSamples, binS),
    requests: requestsOf(g),
  }
}

interface Bin {
  tokens: number
  inFlightNs: number
  readonly ttftMs: Column
  readonly gapsMs: Column
  failures: number
}

function binsOf(
  g: Gathered,
  samples: readonly ServerSample[],
  binS: number,
  count: number,
): readonly TimelineBin[] {
  const bins: Bin[] = Array.from({ length: count }, () => ({
    tokens: 0,
    inFlightNs: 0,
    ttftMs: new Column(),
    gapsMs: new Column(),
    failures: 0,
  }))
  const binNs = binS * NS_PER_S
  const binAt = (atNs: number): Bin | undefined => bins[Math.min(count - 1, Math.floor(atNs / binNs))]
  const addChunk = (atNs: number, tokens: number, gapNs: number): void => {
    const bin = binAt(atNs)
    if (bin === undefined) return
    bin.tokens += tokens
    if (!Number.isNaN(gapNs)) bin.gapsMs.push(gapNs / NS_PER_MS)
  }
  for (let row = 0; row < g.rows; row++) {
    g.visitChunks(row, addChunk)
    addRequest(g, row, binAt)
    addPresence(g.columns.sentNs.at(row), g.columns.endNs.at(row), bins, binNs)
  }
  return bins.map((bin, i) => ({
    atS: i * binS,
    outputTokensPerS: bin.tokens / binS,
    inFlight: bin.inFlightNs / binNs,
    ttftP50Ms: quantileOrNull(bin.ttftMs, 0.5),
    gapP99Ms: quantileOrNull(bin.gapsMs, 0.99),
    failures: bin.failures,
    ...serverBin(samples, i * binNs, (i + 1) * binNs),
  }))
}

const FAILED: ReadonlySet<string> = new Set(['failed', 'timed-out', 'cut-off'])

function addRequest(g: Gathered, row: number, binAt: (atNs: number) => Bin | undefined): void {
  const ttft = g.values.ttft.row(row)[0]
  if (ttft !== undefined) binAt(g.columns.sentNs.at(row))?.ttftMs.push(ttft)
  const atEnd = binAt(g.columns.endNs.at(row))
  if (atEnd !== undefined && FAILED.has(g.state(row))) atEnd.failures++
}

/** Adds the time that a request was in flight to each bin that it touched. */
function addPresence(fromNs: number, toNs: number, bins: Bin[], binNs: number): void {
  if (Number.isNaN(fromNs)) return
  for (let i = Math.max(0, Math.floor(fromNs / binNs)); i < bins.length && i * binNs < toNs; i++) {
    const bin = bins[i]
    if (bin !== undefined)
      bin.inFlightNs += Math.max(0, Math.min(toNs, (i + 1) * binNs) - Math.max(fromNs, i * binNs))
  }
}

/** Sorts the column in place. */
const quantileOrNull = (column: Column, q: number): number | null =>
  column.length === 0 ? null : quantileOf(sortValues(column.values), q)

function serverBin(samples: readonly ServerSample[], fromNs: number, toNs: number) {
  const inside = samples.filter((s) => s.atNs >= fromNs && s.atNs < toNs && s.error === undefined)
  const mean = (values: readonly number[]): number | null => (values.length === 0 ? null : meanOf(values))
  const machine = machineBin(samples, fromNs, toNs)
  return {
    ...(machine && { machine }),
    kvUsage: mean(inside.flatMap((s) => s.gauges?.kvUsage ?? [])),
    running: mean(inside.flatMap((s) => s.gauges?.running ?? [])),
    waiting: mean(inside.flatMap((s) => s.gauges?.waiting ?? [])),
    preemptionsPerS: preemptionRate(samples, inside.at(-1)),
  }
}

/** From the reading before the bin's last one; null without two readings, or across a restart. */
function preemptionRate(samples: readonly ServerSample[], last: ServerSample | undefined): number | null {
  const now = last?.counters?.preemptions
  const before = last && samples.findLast((s) => s.atNs < last.atNs && s.counters?.preemptions !== undefined)
  if (last === undefined || before === undefined || now === undefined) return null
  const grown = now - (before.counters?.preemptions ?? 0)
  return grown < 0 ? null : grown / nsToS(last.atNs - before.atNs)
}

/** Every k-th request of the plan that was sent, in the order of the plan. */
function requestsOf(g: Gathered): Timeline['requests'] {
  const { index, sentNs, endNs } = g.columns
  const planned = rowsByIndex(mapRows(allRows(g.rows), (row) => index.at(row)))
  const sent = planned.filter((row) => !Number.isNaN(sentNs.at(row)))
  const stride = Math.ceil(sent.length / MOST_REQUESTS)
  return Array.from(
    sent.filter((_, place) => place % stride === 0),
    (row) => [
      nsToS(sentNs.at(row)),
      g.values.ttft.row(row)[0] ?? null,
      (endNs.at(row) - sentNs.at(row)) / NS_PER_MS,
      g.state(row),
    ],
  )
}
