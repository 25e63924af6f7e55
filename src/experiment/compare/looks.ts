/** More looks than these decide hardly sooner, and make each of them stricter. */
const MOST_LOOKS = 4

/**
 * Numbers of runs a side after which a comparison that goes on until it is decided looks at what it has: `first`, then
 * evenly up to `most`.
 */
export function looksOf(first: number, most: number): readonly number[] {
  if (first >= most) return [most]
  const steps = Math.min(MOST_LOOKS - 1, most - first)
  const at = (i: number): number => Math.round(first + ((most - first) * i) / steps)
  return Array.from({ length: steps + 1 }, (_, i) => at(i))
}
