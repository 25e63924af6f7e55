import type { Random } from '../../base/index.js'

/** p of a permutation test, and the smallest that so many runs can give. */
export interface Permutation {
  readonly p: number
  readonly least: number
}

/** Relabellings that are all gone through; of more a sample of this size stands for them. */
const MOST = 20_000
/** Sums that differ by rounding alone are equal. */
const HAIR = 1e-9

/**
 * Of pairs: each difference may as well have had the other sign. Two-sided, on the size of the sum.
 *
 * @param random asked only where there are more sign patterns than can be gone through
 */
export function flipSigns(differences: readonly number[], random: () => Random): Permutation {
  const n = differences.length
  const sumOf = (isFlipped: (i: number) => boolean): number =>
    differences.reduce((sum, d, i) => sum + (isFlipped(i) ? -d : d), 0)
  const atLeast = threshold(sumOf(() => false))
  if (2 ** n > MOST) {
    const drawn = random()
    return sampled(() => atLeast(sumOf(() => drawn.uniform() < 0.5)))
  }
  let extreme = 0
  for (let pattern = 0; pattern < 2 ** n; pattern++)
    if (atLeast(sumOf((i) => ((pattern >> i) & 1) === 1))) extreme++
  return { p: extreme / 2 ** n, least: Math.min(1, 2 / 2 ** n) }
}

/** Of two groups: every run might as well have been of the other. Two-sided, on how far the sum of b lies from its mean. */
export function relabel(a: readonly number[], b: readonly number[], random: () => Random): Permutation {
  const all = [...a, ...b]
  const usual = (all.reduce((sum, v) => sum + v, 0) * b.length) / all.length
  const atLeast = threshold(b.reduce((sum, v) => sum + v, 0) - usual)
  const ways = choose(all.length, b.length)
  if (ways > MOST) {
    const drawn = random()
    return sampled(() => atLeast(drawSum(all, b.length, drawn) - usual))
  }
  let extreme = 0
  eachSum(all, b.length, (sum) => {
    if (atLeast(sum - usual)) extreme++
  })
  return { p: extreme / ways, least: Math.min(1, (a.length === b.length ? 2 : 1) / ways) }
}

const threshold = (observed: number) => {
  const bound = Math.abs(observed) - HAIR * Math.max(1, Math.abs(observed))
  return (value: number): boolean => Math.abs(value) >= bound
}

/** What was seen counts as one of the draws, so that p is never 0 (Phipson and Smyth 2010). */
function sampled(isExtreme: () => boolean): Permutation {
  let extreme = 1
  for (let i = 0; i < MOST; i++) if (isExtreme()) extreme++
  return { p: extreme / (MOST + 1), least: 1 / (MOST + 1) }
}

const choose = (n: number, k: number): number => {
  let ways = 1
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i
  return Math.round(ways)
}

/** Calls back with the sum of each choice of k values. */
function eachSum(values: readonly number[], k: number, visit: (sum: number) => void): void {
  const step = (from: number, left: number, sum: number): void => {
    if (left === 0) visit(sum)
    else for (let i = from; i <= values.length - left; i++) step(i + 1, left - 1, sum + (values[i] ?? 0))
  }
  step(0, k, 0)
}

/** Sum of k values drawn without replacement: each is taken with the chance that it still has. */
function drawSum(values: readonly number[], k: number, random: Random): number {
  let left = k
  return values.reduce((sum, value, i) => {
    if (random.uniform() * (values.length - i) >= left) return sum
    left--
    return sum + value
  }, 0)
}

/** Mid-ranks, from 1, in ascending order of `compare`; ties share the mean of their ranks. */
export function midRanks<T>(values: readonly T[], compare: (a: T, b: T) => number): number[] {
  const order = values.map((_, i) => i).sort((i, j) => compare(values[i] as T, values[j] as T))
  const ranks = new Array<number>(values.length).fill(0)
  for (let from = 0; from < order.length; ) {
    let to = from + 1
    const first = values[order[from] ?? 0] as T
    while (to < order.length && compare(first, values[order[to] ?? 0] as T) === 0) to++
    for (let i = from; i < to; i++) ranks[order[i] ?? 0] = (from + 1 + to) / 2
    from = to
  }
  return ranks
}
