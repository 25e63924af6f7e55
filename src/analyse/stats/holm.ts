/** Adjusted p of each test of a family (Holm 1979), in their order: at most so large a level would still reject it. */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((i, j) => (ps[i] ?? 1) - (ps[j] ?? 1))
  const adjusted = ps.map(() => 1)
  let largest = 0
  order.forEach((i, place) => {
    largest = Math.max(largest, Math.min(1, (ps.length - place) * (ps[i] ?? 1)))
    adjusted[i] = largest
  })
  return adjusted
}
