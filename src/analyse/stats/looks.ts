import { createRandom } from '../../base/index.js'
import { twoSidedP } from './student.js'

const OVERALL = 0.05
/** Comparisons of equals that are played through. */
const ROUNDS = 40_000
/** So far below 5 %, in standard errors of the simulation, that it errs on the strict side. */
const STRICT = 2

/**
 * Level of each look at a comparison that ends as soon as one of them finds a difference, such that at most 5 % of
 * comparisons of equals ever do: the same level for all of them (Pocock 1977).
 *
 * Pocock's constants (2.94 %, 2.21 %, 1.82 % for two, three, four looks) are for many runs and even steps. With five pairs
 * at the first look they give up to 6.1 %. So paired t tests at just these looks are simulated, with a fixed seed.
 *
 * @param looks runs a side at each look, ascending
 */
export function levelPerLook(looks: readonly number[]): number {
  if (looks.length < 2) return OVERALL
  const random = createRandom(1, 'looks')
  const smallest = Float64Array.from({ length: ROUNDS }, () => smallestP(looks, random.normal)).sort()
  const share = OVERALL - STRICT * Math.sqrt((OVERALL * (1 - OVERALL)) / ROUNDS)
  return smallest[Math.floor(share * ROUNDS)] ?? 0
}

/** Of all looks at one series of differences without a mean. */
function smallestP(looks: readonly number[], normal: () => number): number {
  let [n, sum, squares, least] = [0, 0, 0, 1]
  for (const look of looks) {
    for (; n < look; n++) {
      const x = normal()
      sum += x
      squares += x * x
    }
    const variance = (squares - (sum * sum) / n) / (n - 1)
    if (n > 1) least = Math.min(least, twoSidedP(sum / Math.sqrt(n * variance), n - 1))
  }
  return least
}
