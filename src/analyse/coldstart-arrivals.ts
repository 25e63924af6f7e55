import type { Arrivals, ColdRequest, Misses, RequestRecord } from '../record/index.js'
import type { Arrival } from './coldstart-steady.js'
import { quantileOf, sortValues } from './stats/index.js'

/** Moments of a cold start, in ns since the zero of the run that its load is recorded in. */
interface ColdMoments {
  readonly commandNs: number
  readonly healthyNs: number
  /** Until when misses are counted: steady, or the end of the watch. */
  readonly missedUntilNs: number
}

/** What the plan had still in hand when the load was ended was never to arrive. */
export const didArrive = ({ state, error }: RequestRecord): boolean =>
  state !== 'unsent' || error?.code !== 'stopped'

/**
 * From the plan's moment to the first token, as users feel it, retries included; Infinity where none came. An answer that we
 * cut off ourselves, at the end of the watch, had begun all the same.
 */
export const coldTtftNs = ({ state, error, firstTokenNs, scheduledNs }: RequestRecord): number =>
  firstTokenNs !== undefined && (state === 'completed' || error?.code === 'stopped')
    ? firstTokenNs - scheduledNs
    : Number.POSITIVE_INFINITY

export const arrivalOf = (record: RequestRecord): Arrival => ({
  atNs: record.scheduledNs,
  ttftNs: coldTtftNs(record),
})

/** @param limitMs of the objective on TTFT; undefined: there is none */
export function arrivalsDuring(
  records: readonly RequestRecord[],
  { commandNs, healthyNs, missedUntilNs }: ColdMoments,
  limitMs: number | undefined,
): Arrivals {
  const arrived = between(records, commandNs, healthyNs)
  const waits = sortValues(Float64Array.from(arrived, coldTtftNs).filter(Number.isFinite))
  const answered = waits.length
  return {
    arrived: arrived.length,
    failed: arrived.length - answered,
    failures: countCodes(arrived),
    answered,
    waitP50Ns: answered === 0 ? null : quantileOf(waits, 0.5),
    waitMaxNs: waits.at(-1) ?? null,
    attempts: arrived.reduce((sum, record) => sum + attemptsOf(record).length, 0),
    refusedAttempts: arrived.flatMap(attemptsOf).filter((code) => code === 'refused').length,
    misses: missesOf(between(records, commandNs, missedUntilNs), limitMs),
  }
}

function missesOf(records: readonly RequestRecord[], limitMs: number | undefined): Misses {
  const waits = records.map(coldTtftNs)
  const failed = waits.filter((ns) => !Number.isFinite(ns)).length
  const late =
    limitMs === undefined ? null : waits.filter((ns) => Number.isFinite(ns) && ns > limitMs * 1e6).length
  return { arrived: records.length, failed, late }
}

const between = (records: readonly RequestRecord[], fromNs: number, untilNs: number): RequestRecord[] =>
  records.filter((r) => didArrive(r) && r.scheduledNs >= fromNs && r.scheduledNs < untilNs)

/** How each attempt that was made ended. */
function attemptsOf({ attempts = [], sentNs, lastSentNs, state, error }: RequestRecord): readonly string[] {
  const earlier = attempts.map(({ code }) => code)
  const isTried =
    attempts.length > 0 ? lastSentNs !== undefined : sentNs !== undefined || error?.code === 'refused'
  return isTried ? [...earlier, state === 'completed' ? 'completed' : (error?.code ?? state)] : earlier
}

function countCodes(records: readonly RequestRecord[]): Arrivals['failures'] {
  const counts = new Map<string, number>()
  for (const record of records.filter((r) => !Number.isFinite(coldTtftNs(r)))) {
    const code = record.error?.code ?? record.state
    counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  return [...counts].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count)
}

/** More dots than these nobody can tell apart. */
const MOST_DOTS = 1_500

/** Requests for the timeline, from the command on, in ns since it; of too many, evenly picked ones. */
export function coldRequests(
  records: readonly RequestRecord[],
  commandNs: number,
  untilNs: number,
): readonly ColdRequest[] {
  const own = between(records, commandNs, untilNs).sort((a, b) => a.scheduledNs - b.scheduledNs)
  const step = Math.max(1, own.length / MOST_DOTS)
  const picked = Array.from({ length: Math.ceil(own.length / step) }, (_, i) => own[Math.floor(i * step)])
  return picked.flatMap((record) => {
    if (record === undefined) return []
    const ttftNs = coldTtftNs(record)
    const answered = Number.isFinite(ttftNs)
    const tookNs = answered ? ttftNs : record.endNs - record.scheduledNs
    return [{ atNs: Math.round(record.scheduledNs - commandNs), tookNs: Math.round(tookNs), answered }]
  })
}
