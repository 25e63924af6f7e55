import { describe, expect, test } from 'vitest'
import { compareSides } from '../../../src/analyse/comparison/compare-sides.js'
import type { Verdict } from '../../../src/analyse/comparison/findings.js'
import { stdDevOf } from '../../../src/analyse/stats/index.js'
import { createRandom, type Random } from '../../../src/base/index.js'
import { FIVE, inputOf } from './figures.js'
import { virtualRun } from './virtual-runs.js'

/** `FALLOFF_SIMULATIONS=2000` plays through as many as docs/design/0007-comparisons.md tells of. */
const ROUNDS = Number(process.env.FALLOFF_SIMULATIONS ?? 25)
const GATED = ['ttft.p50', 'ttft.p99', 'tpot.p50', 'outputTokensPerS']

/** Steps that take a tenth longer make TTFT a tenth longer; tokens a tenth fewer come of steps that take a ninth longer. */
const SLOWER = { 'ttft.p50': 1.1, outputTokensPerS: 1 / 0.9 }
type Key = keyof typeof SLOWER
const KEYS = Object.keys(SLOWER) as Key[]

const seedOf = (random: Random): number => random.integer(1, 2 ** 30)

/** What a run's own requests scatter a figure by at equal speed: the standard deviation of differences in blocks, over √2. */
const ownSpread = Object.fromEntries(
  KEYS.map((key) => {
    const random = createRandom(7, `own ${key}`)
    const logOf = (block: number): number =>
      Math.log(Number(virtualRun(block, seedOf(random), 1).points[0]?.figures[key]?.value))
    const differences = Array.from(
      { length: 4 * Math.min(2000, ROUNDS) },
      (_, block) => logOf(block) - logOf(block),
    )
    return [key, stdDevOf(differences) / Math.SQRT2]
  }),
) as Record<Key, number>

/** How much runs must differ in speed for a figure to scatter from run to run by `spread` in all. */
const speedSpread = (spread: number, key: Key): number =>
  Math.sqrt(Math.max(0, spread ** 2 - ownSpread[key] ** 2))

/** Five blocks of the simulator's engine against the same engine, `slow` times as slow; each run has a speed of its own. */
function compared(random: Random, seed: number, speeds: number, slow: number) {
  const side = (name: string, by: number) => ({
    name,
    runs: FIVE.map((block) =>
      virtualRun(100 * seed + block, seedOf(random), by * Math.exp(speeds * random.normal())),
    ),
  })
  const [a, b] = [side('a', 1), side('b', slow)]
  return (gated: readonly string[]) => compareSides(inputOf([a, b], { gated })).pairs[0]
}

interface Simulated {
  /** How often the figure was called what, gated alone. */
  readonly verdicts: Readonly<Record<Verdict, number>>
  /** Comparisons with any of four gated figures called different. */
  readonly alarms: number
  readonly covered: number
}

function simulated(key: Key, spread: number, slow: number): Simulated {
  const random = createRandom(4, `speeds ${key} ${spread} ${slow}`)
  const speeds = speedSpread(spread, key)
  const truth = key === 'ttft.p50' ? slow : 1 / slow
  const verdicts = { better: 0, worse: 0, equivalent: 0, 'not-shown': 0 }
  let [alarms, covered] = [0, 0]
  for (let seed = 0; seed < ROUNDS; seed++) {
    const pair = compared(random, seed, speeds, slow)
    if (pair(GATED)?.metrics.some((m) => m.gated && (m.verdict === 'better' || m.verdict === 'worse')))
      alarms++
    const [metric] = pair([key])?.metrics ?? []
    if (metric === undefined) throw new Error(`${key} was not compared`)
    verdicts[metric.verdict]++
    const { low, high } = metric.effect ?? {}
    if ((low ?? 0) <= truth * (1 + 1e-9) && (high ?? 0) >= truth * (1 - 1e-9)) covered++
  }
  return { verdicts, alarms, covered }
}

/** Four standard errors of a simulated share, as a count. */
const luck = (share: number): number => 4 * Math.sqrt(share * (1 - share) * ROUNDS)

test.runIf(process.env.FALLOFF_SIMULATIONS)(
  'the table of comparisons of simulated engines',
  () => {
    const percent = (count: number): string => `${((100 * count) / ROUNDS).toFixed(1)} %`
    const rows = [0, 0.03, 0.06].flatMap((spread) =>
      KEYS.map((key) => {
        const equal = simulated(key, spread, 1)
        return {
          spread,
          figure: key,
          'own spread': `${(100 * ownSpread[key]).toFixed(2)} %`,
          'false alarms': percent(equal.verdicts.worse + equal.verdicts.better),
          'false alarms, any of four': percent(equal.alarms),
          'interval covers': percent(equal.covered),
          'equal called equivalent': percent(equal.verdicts.equivalent),
          'a tenth found': percent(simulated(key, spread, SLOWER[key]).verdicts.worse),
        }
      }),
    )
    console.table(rows)
  },
  1_800_000,
)

describe('the simulator’s engine in five blocks', () => {
  test.each([0, 0.03, 0.06])(
    'against itself is told apart in at most one comparison in twenty: spread %f',
    (spread) => {
      const { verdicts, alarms, covered } = simulated('ttft.p50', spread, 1)
      expect(alarms).toBeLessThanOrEqual(0.05 * ROUNDS + luck(0.05))
      expect(covered).toBeGreaterThanOrEqual(0.95 * ROUNDS - luck(0.95))
      if (spread === 0) expect(verdicts.equivalent).toBe(ROUNDS)
    },
  )

  test.each(KEYS)(
    'is found worse in nineteen of twenty when a tenth slower, at a spread of three: %s',
    (key) => {
      const { verdicts } = simulated(key, 0.03, SLOWER[key])
      if (process.env.FALLOFF_SIMULATIONS) console.log(`${key}: found in ${verdicts.worse} of ${ROUNDS}`)
      expect(verdicts.worse).toBeGreaterThanOrEqual(0.95 * ROUNDS - luck(0.95))
      expect(verdicts.better).toBe(0)
    },
    1_800_000,
  )
})
