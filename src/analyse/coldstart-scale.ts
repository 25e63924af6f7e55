import { nsToMs, nsToS } from '../base/index.js'
import type { RequestRecord, ScaleOut, ScaleStretch } from '../record/index.js'
import { arrivalOf, coldTtftNs, didArrive } from './coldstart-arrivals.js'
import { settledFrom, slide } from './coldstart-steady.js'
import { quantileOf, sortValues } from './stats/index.js'

/** In ns since the zero of the run. */
interface ScaleMoments {
  /** From here on the load counts as under way. */
  readonly fromNs: number
  readonly commandNs: number
  readonly joinedNs: number
  readonly untilNs: number
  readonly windowNs: number
}

/** A p95 below so much of what it was before is a help; what is above may be chance. */
const HELPS = 0.9

export function scaleFigures(
  all: readonly RequestRecord[],
  { fromNs, commandNs, joinedNs, untilNs, windowNs }: ScaleMoments,
): Pick<ScaleOut, 'before' | 'during' | 'after' | 'helpedAfterS' | 'course' | 'windowS'> {
  const records = all.filter(didArrive)
  const stretch = (from: number, to: number) => stretchOf(records, from, to, fromNs)
  const before = stretch(fromNs, commandNs)
  const arrivals = records.map(arrivalOf)
  const whole = slide(arrivals, { fromNs, untilNs, windowNs })
  const levelNs = HELPS * (before.ttftP95Ms ?? Number.NaN) * 1e6
  // Before it joins, a second replica helps nobody, whatever chance does to the p95.
  const sinceJoined = slide(arrivals, { fromNs: joinedNs, untilNs, windowNs })
  const helpedNs = settledFrom(sinceJoined, ({ p95Ns }) => p95Ns < levelNs)
  return {
    before,
    during: stretch(commandNs, joinedNs),
    after: stretch(joinedNs, untilNs),
    helpedAfterS: helpedNs === null ? null : nsToS(helpedNs - commandNs),
    windowS: nsToS(windowNs),
    course: whole.map((w) => ({
      atS: nsToS(w.fromNs + windowNs / 2 - fromNs),
      p95Ms: Number.isFinite(w.p95Ns) ? nsToMs(w.p95Ns) : null,
      n: w.n,
    })),
  }
}

function stretchOf(
  records: readonly RequestRecord[],
  fromNs: number,
  toNs: number,
  zeroNs: number,
): ScaleStretch {
  const arrived = records.filter(({ scheduledNs }) => scheduledNs >= fromNs && scheduledNs < toNs)
  const ended = records.filter((r) => r.state === 'completed' && r.endNs >= fromNs && r.endNs < toNs)
  const waits = sortValues(Float64Array.from(arrived, coldTtftNs))
  const p95Ns = quantileOf(waits, 0.95)
  const seconds = Math.max(1e-9, nsToS(toNs - fromNs))
  return {
    fromS: nsToS(fromNs - zeroNs),
    toS: nsToS(toNs - zeroNs),
    arrived: arrived.length,
    failed: waits.filter((ns) => !Number.isFinite(ns)).length,
    ttftP95Ms: Number.isFinite(p95Ns) ? nsToMs(p95Ns) : null,
    completedPerS: ended.length / seconds,
    outputTokensPerS: ended.reduce((sum, { outputTokens = 0 }) => sum + outputTokens, 0) / seconds,
  }
}
