import { createRandom } from '../base/index.js'
import type { TargetFacts } from '../record/index.js'
import { findCause } from './cause/index.js'
import type { FalloffFindings, PointFindings } from './findings.js'
import { recommend } from './recommend.js'
import { fitUsl, kneeFinder, meanDraws, percentileInterval } from './stats/index.js'

const ROUNDS = 400
const METHOD =
  'top of throughput where it falls past it, else the hinge of two straight lines, on logarithmic axes; interval by block bootstrap of each point’s time slices'

/**
 * Where throughput falls off along a dimension, and why.
 *
 * @param points of a sweep, in any order; with more dimensions than one, the slice with the highest throughput is judged
 * @param target what is known of the engine
 */
export function findFalloff(
  points: readonly PointFindings[],
  dimension: string,
  target: TargetFacts,
): FalloffFindings {
  const slice = bestSlice(points, dimension)
  const loads = slice.map((p) => p.setting.axes[dimension] ?? 0)
  const peak = peakOf(slice, loads)
  const knee = kneeOf(slice, loads)
  const from =
    knee === null
      ? slice.length - 1
      : Math.max(
          0,
          loads.findIndex((load) => load >= knee.at * 0.999),
        )
  const past = slice.slice(from)
  const [lowest] = slice
  if (lowest === undefined) throw new RangeError('a falloff needs at least one point')
  const { cause, runnerUp, toSettle } = findCause(
    { points: slice, loads, lowest, past, target },
    knee !== null,
  )
  const speeds = slice.map((p) => p.metrics.perStreamTokensPerS.p50?.value)
  const [atLowest, atHighest] = [speeds[0], speeds.at(-1)]
  return {
    knee,
    peak,
    scalability: fitUsl(
      loads,
      slice.map((p) => p.throughput.outputTokensPerS),
    ),
    lastGood: lastGood(slice, loads),
    perStream: atLowest === undefined || atHighest === undefined ? null : { atLowest, atHighest },
    cause,
    runnerUp,
    toSettle,
    recommendation: recommend({ cause, peak, points: slice, target }),
    kneePoint: knee === null ? null : (past[0]?.setting.label ?? null),
  }
}

/** Points that agree on every other dimension, in order of load; of several such slices the one with the highest throughput. */
function bestSlice(points: readonly PointFindings[], dimension: string): readonly PointFindings[] {
  const slices = new Map<string, PointFindings[]>()
  for (const point of points) {
    const others = Object.entries(point.setting.axes).filter(([name]) => name !== dimension)
    const key = JSON.stringify(others.sort(([a], [b]) => (a < b ? -1 : 1)))
    slices.set(key, [...(slices.get(key) ?? []), point])
  }
  const top = (slice: readonly PointFindings[]): number =>
    Math.max(...slice.map((p) => p.throughput.outputTokensPerS))
  const [best = []] = [...slices.values()].sort((a, b) => top(b) - top(a))
  return best.sort((a, b) => (a.setting.axes[dimension] ?? 0) - (b.setting.axes[dimension] ?? 0))
}

function peakOf(slice: readonly PointFindings[], loads: readonly number[]): FalloffFindings['peak'] {
  const rates = slice.map((p) => p.throughput.outputTokensPerS)
  const best = Math.max(...rates)
  return best > 0 ? { at: loads[rates.indexOf(best)] ?? 0, outputTokensPerS: best } : null
}

/** The knee, and how far it moves when each point's throughput is drawn anew from its own slices of time. */
function kneeOf(slice: readonly PointFindings[], loads: readonly number[]): FalloffFindings['knee'] {
  const find = kneeFinder(loads)
  const found = find(slice.map((p) => p.throughput.outputTokensPerS))
  if (found === null) return null
  const random = createRandom(1, 'knee')
  const draws = slice.map(({ throughput }) => meanDraws(throughput.batchTokensPerS, random))
  const interval = percentileInterval(ROUNDS, () => find(draws.map((draw) => draw()))?.at ?? Number.NaN)
  const { low, high } = interval ?? { low: found.at, high: found.at }
  return { at: found.at, low: Math.min(low, found.at), high: Math.max(high, found.at), method: METHOD }
}

/** Objectives that were not measured do not count as met. */
function lastGood(slice: readonly PointFindings[], loads: readonly number[]): number | null {
  const good = slice.flatMap((p, i) =>
    p.objectives.length > 0 && p.objectives.every((o) => o.verdict === 'met') ? [loads[i] ?? 0] : [],
  )
  return good.length === 0 ? null : Math.max(...good)
}
