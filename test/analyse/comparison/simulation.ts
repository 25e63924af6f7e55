import { contrastOf } from '../../../src/analyse/comparison/contrast.js'
import { judge } from '../../../src/analyse/comparison/verdict.js'
import { figureOf } from '../../../src/analyse/figures/index.js'
import { createRandom } from '../../../src/base/index.js'

export interface Scenario {
  readonly runs: number
  /** Standard deviations of logarithms: of a run's own, and of what the runs of a block share. */
  readonly spread: number
  readonly shared: number
  /** b over a. */
  readonly ratio: number
  readonly blocked: boolean
  readonly key: string
}

export interface Outcome {
  readonly better: number
  readonly worse: number
  readonly equivalent: number
  /** Share of intervals that hold the true ratio. */
  readonly covered: number
}

/** Shares of so many simulated comparisons of one figure. */
export function simulate(
  { runs, spread, shared, ratio, blocked, key }: Scenario,
  rounds: number,
  seed = 1,
): Outcome {
  const random = createRandom(seed, 'comparisons')
  const figure = figureOf(key)
  if (figure === undefined) throw new Error(`no figure ${key}`)
  const counts = { better: 0, worse: 0, equivalent: 0, 'not-shown': 0, covered: 0 }
  const pairs = Array.from({ length: runs }, (_, i) => [i, i] as const)
  for (let round = 0; round < rounds; round++) {
    const block = pairs.map(() => shared * random.normal())
    const side = (centre: number) => block.map((b) => centre * Math.exp(b + spread * random.normal()))
    const values = { a: side(100), b: side(100 * ratio), pairs: blocked ? pairs : null }
    const contrast = contrastOf(values, figure, 0.05)
    const { effect } = contrast
    const judged = judge(contrast, {
      figure,
      margin: figure.margin,
      level: 0.05,
      pHolm: null,
      family: 1,
      shedding: null,
    })
    counts[judged.verdict]++
    if (
      effect !== null &&
      (effect.low ?? 0) <= ratio * (1 + 1e-9) &&
      (effect.high ?? 0) >= ratio * (1 - 1e-9)
    )
      counts.covered++
  }
  const share = (count: number): number => count / rounds
  return {
    better: share(counts.better),
    worse: share(counts.worse),
    equivalent: share(counts.equivalent),
    covered: share(counts.covered),
  }
}
