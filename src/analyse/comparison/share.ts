import type { PointFigures } from '../../record/index.js'
import {
  type Cluster,
  clusterFreedom,
  differenceOf,
  runDesignEffect,
  type Share,
  studentT,
  twoSidedP,
  wilson,
} from '../stats/index.js'

/** Two shares of requests and their difference, at the number of requests that says as much as these runs do. */
export interface ShareContrast {
  readonly a: Share & { readonly count: number; readonly of: number }
  readonly b: Share & { readonly count: number; readonly of: number }
  readonly difference: Share
  readonly designEffect: number
  readonly p: number
}

/** Newcombe's interval with the run as the unit; null where a side has no request. */
export function shareContrast(
  a: readonly Cluster[],
  b: readonly Cluster[],
  level: number,
): ShareContrast | null {
  const [allA, allB] = [total(a), total(b)]
  if (allA.of === 0 || allB.of === 0) return null
  const designEffect = runDesignEffect([a, b])
  // Infinitely many where no more scatter was found than chance makes: nothing was estimated then.
  const freedom = designEffect > 1 ? clusterFreedom([a, b]) : 1e6
  const at = (z: number) => {
    const sideOf = ({ count, of }: Cluster) => wilson(count / designEffect, of / designEffect, z)
    const [shareA, shareB] = [sideOf(allA), sideOf(allB)]
    return { shareA, shareB, difference: differenceOf(shareA, shareB) }
  }
  const { shareA, shareB, difference } = at(studentT(1 - level, freedom))
  return {
    a: { ...shareA, ...allA },
    b: { ...shareB, ...allB },
    difference,
    designEffect,
    p: pOf((z) => at(z).difference, freedom),
  }
}

/** p at which the interval just touches 0. */
function pOf(intervalAt: (z: number) => Share, freedom: number): number {
  if (intervalAt(0).value === 0) return 1
  let [low, high] = [0, 40]
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2
    const interval = intervalAt(middle)
    if (interval.low <= 0 && interval.high >= 0) high = middle
    else low = middle
  }
  return twoSidedP(low, freedom)
}

/** More runs than this nobody will measure. */
const MOST = 1000
/** Normal quantile of a power of 80 %. */
const POWER_Z = 0.8416212335729143

/**
 * Runs a side at which the interval of these very shares, widened for a power of 80 %, would settle it: Newcombe's interval
 * narrows faster than by the root of the runs where shares are near 0. Null: more than a thousand, or none ever.
 */
export function shareRunsToSettle(
  { a, b, difference, designEffect }: ShareContrast,
  runs: number,
  margin: number,
  level: number,
  family: number,
): number | null {
  const isWithin = Math.abs(difference.value) <= margin
  const z = studentT(1 - level / (isWithin ? 1 : family), 1e6) + POWER_Z
  const sideAt = ({ count, of }: Cluster, times: number) =>
    wilson((count * times) / designEffect, (of * times) / designEffect, z)
  for (let n = runs + 1; n <= MOST; n++) {
    const { low, high } = differenceOf(sideAt(a, n / runs), sideAt(b, n / runs))
    if (isWithin ? low > -margin && high < margin : low > 0 || high < 0) return n
  }
  return null
}

const total = (clusters: readonly Cluster[]): Cluster => ({
  count: clusters.reduce((sum, c) => sum + c.count, 0),
  of: clusters.reduce((sum, c) => sum + c.of, 0),
})

/** Keys of figures that are shares of the judged requests. */
export const SHARES = ['errorRate', 'goodShare'] as const
export const isShare = (key: string): key is (typeof SHARES)[number] =>
  (SHARES as readonly string[]).includes(key)

/** Of a point of each run; points that lack the figure are left out. */
export const clustersOf = (
  points: readonly (PointFigures | undefined)[],
  key: (typeof SHARES)[number],
): Cluster[] =>
  points.flatMap((point) => {
    const share = point?.figures[key]?.value
    if (point === undefined || typeof share !== 'number') return []
    return [{ count: Math.round(share * point.judged), of: point.judged }]
  })
