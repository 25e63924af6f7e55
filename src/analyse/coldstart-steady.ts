import type { Steadiness } from '../record/index.js'
import { quantileOf, type Sorted, sortValues } from './stats/index.js'
import { binomialCdf } from './stats/special.js'

/** A request by the moment at which it was to be sent, in ns. */
export interface Arrival {
  readonly atNs: number
  /** To the first token; Infinity: it never came. */
  readonly ttftNs: number
}

interface Watched {
  /** From the first token on, as long as requests arrived. */
  readonly fromNs: number
  readonly untilNs: number
  readonly windowNs: number
}

const QUANTILE = 0.95
/** A settled value stays within so much of its final one. */
const BAND = 0.1
/** Windows overlap: each begins a tenth of its length after the one before. */
const STEPS = 10
/** Of what a window of so few requests gives by chance, the part that counts as no news. */
const CHANCE = 0.975

/**
 * When the p95 of TTFT had settled, as control engineering defines the settling time (Ogata, Modern Control Engineering, 5-3):
 * the earliest moment from which on it stays within a band around its final value. Here the band is 10 % and open
 * below, the final value is the p95 of all that arrived in the last half of the time watched, and the course is
 * the p95 of windows that slide over the moments at which requests were to be sent. A p95 of few requests scatters:
 * up to what 97.5 % of windows of as many requests, drawn from that last half, would give, it counts as within. Where
 * the last quarter is beyond the band around the one before, there is no final value to speak of: the load is too much.
 */
export function steadiness(arrivals: readonly Arrival[], { fromNs, untilNs, windowNs }: Watched): Steadiness {
  const finalFromNs = fromNs + (untilNs - fromNs) / 2
  const final = sortedTtft(arrivals, finalFromNs, untilNs)
  const finalP95Ns = finite(quantileOf(final, QUANTILE))
  const middleNs = finalFromNs + (untilNs - finalFromNs) / 2
  const last = sortedTtft(arrivals, middleNs, untilNs)
  const before = sortedTtft(arrivals, finalFromNs, middleNs)
  const rising = quantileOf(last, QUANTILE) > boundOf(before, last.length)
  const none = { atNs: null, finalP95Ns, finalN: final.length, boundNs: null, rising, windowNs }
  if (finalP95Ns === null || rising) return none
  const windows = slide(arrivals, { fromNs, untilNs, windowNs })
  const atNs = settledFrom(windows, ({ n, p95Ns }) => p95Ns <= boundOf(final, n))
  return { ...none, atNs, boundNs: finite(Math.max(...windows.map(({ n }) => boundOf(final, n)))) }
}

/** The most that a p95 of n values like these may be and still be like theirs. */
const boundOf = (like: Sorted, n: number): number =>
  Math.max(quantileOf(like, QUANTILE) * (1 + BAND), quantileOf(like, chanceLevel(n)))

interface WindowP95 {
  readonly fromNs: number
  readonly n: number
  readonly p95Ns: number
}

/** Those that hold a request. */
export function slide(arrivals: readonly Arrival[], { fromNs, untilNs, windowNs }: Watched): WindowP95[] {
  const windows: WindowP95[] = []
  const stepNs = windowNs / STEPS
  const count = Math.floor((untilNs - fromNs - windowNs) / stepNs + 1e-9)
  for (let i = 0; i <= count; i++) {
    const at = fromNs + i * stepNs
    const own = sortedTtft(arrivals, at, at + windowNs)
    if (own.length > 0) windows.push({ fromNs: at, n: own.length, p95Ns: quantileOf(own, QUANTILE) })
  }
  return windows
}

/** Beginning of the first window from which on all are good; null where the last is not. */
export function settledFrom(
  windows: readonly WindowP95[],
  good: (window: WindowP95) => boolean,
): number | null {
  const lastBad = windows.findLastIndex((window) => !good(window))
  return windows[lastBad + 1]?.fromNs ?? null
}

function sortedTtft(arrivals: readonly Arrival[], fromNs: number, untilNs: number): Sorted {
  const own = arrivals.filter(({ atNs }) => atNs >= fromNs && atNs < untilNs)
  return sortValues(Float64Array.from(own, ({ ttftNs }) => ttftNs))
}

/** Level below which the p95 of n values drawn at random lies, but for one case in forty. */
function chanceLevel(n: number): number {
  const rank = Math.max(1, Math.ceil(QUANTILE * n - 1e-9))
  let [low, high] = [QUANTILE, 1]
  // P(at least `rank` of n values lie below the level) rises with the level.
  for (let i = 0; i < 40; i++) {
    const level = (low + high) / 2
    if (1 - binomialCdf(rank - 1, n, level) < CHANCE) low = level
    else high = level
  }
  return high
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
