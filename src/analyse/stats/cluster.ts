/** A share counted in several runs. */
export interface Cluster {
  readonly count: number
  readonly of: number
}

/**
 * How much more the shares of runs scatter than chance makes them (Rao and Scott 1992): variance of the ratio estimate
 * with the run as the unit, over p(1 − p)/n. At least 1; 1 with fewer than two runs. Two sides are pooled about their own
 * shares: five runs tell little of a variance, ten more.
 */
export function runDesignEffect(sides: readonly (readonly Cluster[])[]): number {
  let observed = 0
  let expected = 0
  let freedom = 0
  let runs = 0
  for (const side of sides) {
    const n = side.reduce((sum, run) => sum + run.of, 0)
    const p = side.reduce((sum, run) => sum + run.count, 0) / n
    if (side.length < 2 || !(p > 0 && p < 1)) continue
    for (const { count, of } of side) {
      observed += (count - of * p) ** 2
      expected += of * p * (1 - p)
    }
    freedom += side.length - 1
    runs += side.length
  }
  return freedom === 0 ? 1 : Math.max(1, (observed / expected) * (runs / freedom))
}

/** Degrees of freedom that the design effect rests on. */
export const clusterFreedom = (sides: readonly (readonly Cluster[])[]): number =>
  sides.reduce((sum, side) => sum + side.length - 1, 0)
