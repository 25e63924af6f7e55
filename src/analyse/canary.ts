import { NS_PER_MS, NS_PER_S, nsToMs } from '../base/index.js'
import type { CanaryErrors, InstrumentSample } from '../record/index.js'
import type { CanaryBin, CanaryFindings } from './findings.js'
import { meanOf, quantileOf, sortValues } from './stats/index.js'

type Kind = keyof CanaryErrors

/** Canary errors of one worker in ns, signed. */
type Pool = Readonly<Record<Kind, number[]>>

/**
 * What the canary streams of a stretch of time say. Workers are not pooled: each has an event loop of its own, three good
 * ones would hide a bad fourth, and it is the bad one's requests that carry the error. So every figure is the worst worker's.
 */
export function canaryFindings(samples: readonly InstrumentSample[]): CanaryFindings | null {
  const pools = [...poolsOf(samples).values()]
  const stampMs = worstSpread(pools, 'stampNs')
  if (stampMs === null) return null
  const biases = pools.flatMap(({ stampNs }) => (stampNs.length === 0 ? [] : [nsToMs(meanOf(stampNs))]))
  return {
    events: pools.reduce((sum, pool) => sum + pool.stampNs.length, 0),
    stampMs,
    ttftMs: worstSpread(pools, 'ttftNs'),
    gapMs: worstSpread(pools, 'gapNs'),
    stampBiasMs: biases.reduce((worst, bias) => (Math.abs(bias) > Math.abs(worst) ? bias : worst), 0),
  }
}

function poolsOf(samples: readonly InstrumentSample[]): ReadonlyMap<number, Pool> {
  const pools = new Map<number, Pool>()
  for (const { worker, canary } of samples) {
    if (canary === undefined) continue
    const pool = pools.get(worker) ?? { stampNs: [], gapNs: [], ttftNs: [] }
    pools.set(worker, pool)
    for (const kind of ['stampNs', 'gapNs', 'ttftNs'] as const) {
      for (const errorNs of canary[kind]) pool[kind].push(errorNs)
    }
  }
  return pools
}

function worstSpread(pools: readonly Pool[], kind: Kind): CanaryFindings['gapMs'] {
  const spreads = pools.flatMap((pool) => spreadOf(pool[kind]) ?? [])
  if (spreads.length === 0) return null
  const worst = (read: (s: Spread) => number): number => Math.max(...spreads.map(read))
  return { p50: worst((s) => s.p50), p99: worst((s) => s.p99), max: worst((s) => s.max) }
}

type Spread = CanaryFindings['stampMs']

/** Of the errors' sizes, by nearest rank: with fewer than a hundred the p99 is the largest. */
function spreadOf(errorsNs: readonly number[]): Spread | null {
  if (errorsNs.length === 0) return null
  const sizes = sortValues(Float64Array.from(errorsNs, (ns) => Math.abs(ns) / NS_PER_MS))
  return { p50: quantileOf(sizes, 0.5), p99: quantileOf(sizes, 0.99), max: sizes.at(-1) ?? 0 }
}

/** The course of the stamps' error in bins of `binS`; bins without a canary event are left out. */
export function canaryCourse(samples: readonly InstrumentSample[], binS: number): readonly CanaryBin[] {
  const bins = new Map<number, InstrumentSample[]>()
  for (const sample of samples) {
    const bin = Math.floor(sample.atNs / (binS * NS_PER_S))
    const inside = bins.get(bin)
    if (inside === undefined) bins.set(bin, [sample])
    else inside.push(sample)
  }
  return [...bins]
    .sort(([a], [b]) => a - b)
    .flatMap(([bin, inside]) => {
      const spread = worstSpread([...poolsOf(inside).values()], 'stampNs')
      return spread === null
        ? []
        : [{ atS: bin * binS, p50Ms: spread.p50, p99Ms: spread.p99, maxMs: spread.max }]
    })
}
