import { nsToS } from '../base/index.js'
import type { Gathered } from './gather.js'
import { batchMeans, medianOf, theilSenSlope } from './stats/index.js'
import type { Judged } from './window.js'

/** Batches that a stretch is cut into before a trend is looked for, as the window does. */
const BATCHES = 20

/** By how much TTFT or end-to-end time moved through the window, whichever did so more, as a share of its median. */
export function driftOf(g: Gathered, rows: Int32Array): number | null {
  const drifts = (['ttft', 'e2e'] as const).flatMap((metric) => {
    const values = Array.from(rows)
      .filter((row) => g.state(row) === 'completed')
      .flatMap((row) => g.values[metric].row(row)[0] ?? [])
    if (values.length < BATCHES) return []
    const means = batchMeans(values, Math.floor(values.length / BATCHES))
    const median = medianOf(means)
    return median > 0 ? [(Math.abs(theilSenSlope(means)) * means.length) / median] : []
  })
  return drifts.length === 0 ? null : Math.max(...drifts)
}

interface Rates {
  readonly plannedPerS: number | null
  readonly sentPerS: number | null
}

/** Of the same requests: as due, and as sent. Those that were never sent count for the first alone. */
export function ratesOf({ columns }: Gathered, { rows, kind }: Judged): Rates {
  if (kind === 'closed') return { plannedPerS: null, sentPerS: null }
  return { plannedPerS: ratePerS(columns.scheduledNs, rows), sentPerS: ratePerS(columns.sentNs, rows) }
}

/** Of those that have a time; null when fewer than two do. */
function ratePerS(times: { at(row: number): number }, rows: Int32Array): number | null {
  let count = 0
  let firstNs = Number.POSITIVE_INFINITY
  let lastNs = Number.NEGATIVE_INFINITY
  for (const row of rows) {
    const atNs = times.at(row)
    if (Number.isNaN(atNs)) continue
    count++
    firstNs = Math.min(firstNs, atNs)
    lastNs = Math.max(lastNs, atNs)
  }
  return lastNs > firstNs ? (count - 1) / nsToS(lastNs - firstNs) : null
}

/** Output tokens missing of those asked for, over completed requests whose tokens were counted. */
export function outputShortfall(g: Gathered, rows: Int32Array): number | null {
  let asked = 0
  let got = 0
  for (const row of rows) {
    const output = g.columns.output.at(row)
    if (g.state(row) !== 'completed' || Number.isNaN(output)) continue
    asked += g.columns.outputAsked.at(row)
    got += output
  }
  return asked === 0 ? null : (asked - got) / asked
}
