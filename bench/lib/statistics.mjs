// What the tables are made of.

/**
 * Nearest rank: the smallest value that at least the share `q` of all values does not exceed.
 * @param {Float64Array} sorted ascending, not empty
 * @param {number} q above 0, up to 1
 */
export function quantile(sorted, q) {
  if (sorted.length === 0) throw new RangeError('a quantile of nothing')
  return sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1)]
}

/** @param {Iterable<number>} values */
export const ascending = (values) => Float64Array.from(values).sort()

/** The middle value, or the mean of the middle two. @param {readonly number[]} values */
export function median(values) {
  const sorted = ascending(values)
  const half = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/**
 * The middle of several rounds and how far they lie apart.
 * @param {readonly number[]} values
 * @returns {{ median: number, least: number, most: number }}
 */
export const spread = (values) => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
})

/**
 * The middle of the ratios of two contenders, round by round: both of a round met the same state of the machine.
 * @param {readonly number[]} values @param {readonly number[]} floors
 */
export const ratio = (values, floors) => median(values.map((value, i) => value / floors[i]))
