/** A share with its 95 % interval. */
export interface Share {
  readonly value: number
  readonly low: number
  readonly high: number
}

const Z = 1.959963984540054

/**
 * Wilson's score interval (1927), at 95 % unless another normal quantile is given. Without trials everything is possible:
 * 0 to 1. Trials may be an effective number.
 */
export function wilson(successes: number, trials: number, z = Z): Share {
  if (trials === 0) return { value: 0, low: 0, high: 1 }
  const p = successes / trials
  const z2 = z * z
  const centre = (p + z2 / (2 * trials)) / (1 + z2 / trials)
  const half = (z / (1 + z2 / trials)) * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials * trials))
  return { value: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}

/**
 * Interval of a difference b − a from the intervals of its sides, by squaring and adding the distances to the nearer
 * bounds. With Wilson's intervals it is Newcombe's method 10 (1998); with others it is MOVER (Zou and Donner 2008).
 */
export function differenceOf(a: Share, b: Share): Share {
  const value = b.value - a.value
  return {
    value,
    low: value - Math.hypot(b.value - b.low, a.high - a.value),
    high: value + Math.hypot(b.high - b.value, a.value - a.low),
  }
}
