import { describe, expect, test } from 'vitest'
import { compareSides } from '../../../src/analyse/comparison/compare-sides.js'
import type { Verdict } from '../../../src/analyse/comparison/findings.js'
import { createRandom, type Random } from '../../../src/base/index.js'
import { FIVE, inputOf } from './figures.js'
import { virtualRun } from './virtual-runs.js'

/** `FALLOFF_SIMULATIONS=400` plays through as many as docs/design/0007-comparisons.md tells of. */
const ROUNDS = Math.min(2000, Number(process.env.FALLOFF_SIMULATIONS ?? 25))
const GATED = ['ttft.p50', 'ttft.p99', 'tpot.p50', 'outputTokensPerS']

/** Five blocks of the simulator's engine against the same engine, `slow` times as slow; each run has a speed of its own. */
function compared(random: Random, seed: number, spread: number, slow: number, requests: number) {
  const side = (name: string, by: number) => ({
    name,
    runs: FIVE.map((block) =>
      virtualRun(
        100 * seed + block,
        random.integer(1, 2 ** 30),
        by * Math.exp(spread * random.normal()),
        requests,
      ),
    ),
  })
  const [a, b] = [side('a', 1), side('b', slow)]
  return (gated: readonly string[]) => compareSides(inputOf([a, b], { gated })).pairs[0]
}

function simulated(spread: number, slow: number, rounds: number, requests = 120) {
  const random = createRandom(4, `speeds ${spread} ${slow}`)
  const alone: Record<string, Record<Verdict, number>> = {}
  let [alarms, covered] = [0, 0]
  for (let seed = 0; seed < rounds; seed++) {
    const verdicts = compared(random, seed, spread, slow, requests)
    if (verdicts(GATED)?.metrics.some((m) => m.gated && (m.verdict === 'better' || m.verdict === 'worse')))
      alarms++
    for (const key of ['ttft.p50', 'outputTokensPerS']) {
      const [metric] = verdicts([key])?.metrics ?? []
      if (metric === undefined) throw new Error(`${key} was not compared`)
      alone[key] ??= { better: 0, worse: 0, equivalent: 0, 'not-shown': 0 }
      alone[key][metric.verdict]++
      const { low, high } = metric.effect ?? {}
      const truth = key === 'ttft.p50' ? slow : 1 / slow
      if ((low ?? 0) <= truth * (1 + 1e-9) && (high ?? 0) >= truth * (1 - 1e-9)) covered += 1 / 2
    }
  }
  return { alone, alarms, covered }
}

/** Four standard errors of a simulated share, as a count. */
const luck = (share: number): number => 4 * Math.sqrt(share * (1 - share) * ROUNDS)

/** Steps that take a tenth longer make TTFT a tenth longer; tokens a tenth fewer come of steps that take a ninth longer. */
const SLOWER = { 'ttft.p50': 1.1, outputTokensPerS: 1 / 0.9 }

test.runIf(process.env.FALLOFF_SIMULATIONS)(
  'the table of comparisons of simulated engines',
  () => {
    const percent = (count = 0): string => `${((100 * count) / ROUNDS).toFixed(1)} %`
    const rows = [0, 0.03, 0.06].map((spread) => {
      const equal = simulated(spread, 1, ROUNDS)
      const ttft = equal.alone['ttft.p50']
      return {
        spread,
        'false alarms, ttft.p50': percent((ttft?.worse ?? 0) + (ttft?.better ?? 0)),
        'false alarms, any of four': percent(equal.alarms),
        'interval covers': percent(equal.covered),
        'equal called equivalent': percent(ttft?.equivalent),
        ...Object.fromEntries(
          Object.entries(SLOWER).map(([key, slow]) => [
            `${key} found`,
            percent(simulated(spread, slow, ROUNDS).alone[key]?.worse),
          ]),
        ),
        'ttft.p50 found, 600 requests a run': percent(
          simulated(spread, 1.1, ROUNDS, 600).alone['ttft.p50']?.worse,
        ),
      }
    })
    console.table(rows)
  },
  1_200_000,
)

describe('the simulator’s engine in five blocks', () => {
  test.each([0, 0.03, 0.06])(
    'against itself is told apart in at most one comparison in twenty: spread %f',
    (spread) => {
      const { alone, alarms, covered } = simulated(spread, 1, ROUNDS)
      expect(alarms).toBeLessThanOrEqual(0.05 * ROUNDS + luck(0.05))
      expect(covered).toBeGreaterThanOrEqual(0.95 * ROUNDS - luck(0.95))
      if (spread === 0) expect(alone['ttft.p50']?.equivalent).toBe(ROUNDS)
    },
  )

  // A run's own noise comes on top of the spread: of 104 requests it is 1.2 % at the median TTFT.
  test.each(Object.entries(SLOWER))(
    'is found worse in nearly nineteen of twenty when slower: %s × %f',
    (key, slow) => {
      const verdicts = simulated(0.03, slow, ROUNDS).alone[key]
      expect(verdicts?.worse).toBeGreaterThanOrEqual(0.93 * ROUNDS - luck(0.93))
      expect(verdicts?.better).toBe(0)
    },
  )
})
