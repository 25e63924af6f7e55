import { describe, expect, test } from 'vitest'
import { shareContrast } from '../../../src/analyse/comparison/share.js'
import { levelPerLook, studentT } from '../../../src/analyse/stats/index.js'
import { createRandom, type Random } from '../../../src/base/index.js'
import { type Scenario, simulate } from './simulation.js'

/** `FALLOFF_SIMULATIONS=100000` plays through as many as docs/design/0007-comparisons.md tells of. */
const ROUNDS = Number(process.env.FALLOFF_SIMULATIONS ?? 1000)

/** Three standard errors of a simulated share. */
const luck = (share: number, rounds = ROUNDS): number => 3 * Math.sqrt((share * (1 - share)) / rounds)

const FIVE: Scenario = { runs: 5, spread: 0.03, shared: 0, ratio: 1, blocked: true, key: 'ttft.p50' }

/** Spread of runs, and what the runs of a block have in common: nothing, half the variance, or four fifths. */
const WORLDS = [0, 0.03, 0.06].flatMap((spread) =>
  [0, 1, 2].map((times) => ({ spread, shared: spread * times })),
)

/** As shares of so many comparisons, for the table of the design note. */
test.runIf(process.env.FALLOFF_SIMULATIONS)('the table of simulated comparisons', () => {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
  const rows = [
    ...WORLDS.slice(2).map((w) => ({ ...w, blocked: true })),
    { spread: 0.03, shared: 0, blocked: false },
    { spread: 0.06, shared: 0, blocked: false },
  ].map((world) => {
    const at = (change: Partial<Scenario>) => simulate({ ...FIVE, ...world, ...change }, ROUNDS)
    const [equal, slower, fewer, border] = [
      at({}),
      at({ ratio: 1.1 }),
      at({ key: 'outputTokensPerS', ratio: 0.9 }),
      at({ ratio: 1.05 }),
    ]
    return {
      ...world,
      'false alarms': percent(equal.better + equal.worse),
      'interval covers': percent(equal.covered),
      'ttft.p50 × 1.1 found': percent(slower.worse),
      'outputTokensPerS × 0.9 found': percent(fewer.worse),
      'equal called equivalent': percent(equal.equivalent),
      '× 1.05 called equivalent': percent(border.equivalent),
    }
  })
  console.table(rows)
})

describe('five runs a side in blocks', () => {
  test.each(WORLDS)(
    'at most one in twenty comparisons of equals tells them apart: spread $spread, shared $shared',
    (world) => {
      const { better, worse, covered } = simulate({ ...FIVE, ...world }, ROUNDS)
      expect(better + worse).toBeLessThanOrEqual(0.05 + luck(0.05))
      if (world.spread === 0) expect(covered).toBe(1)
      else expect(Math.abs(covered - 0.95)).toBeLessThanOrEqual(luck(0.95))
    },
  )

  test.each([
    { key: 'ttft.p50', ratio: 1.1 },
    { key: 'outputTokensPerS', ratio: 0.9 },
  ])(
    'a spread of three in a hundred hides a change of $key by $ratio in at most one comparison in twenty',
    (change) => {
      for (const shared of [0, 0.03, 0.06]) {
        const { worse, better } = simulate({ ...FIVE, ...change, shared }, ROUNDS)
        expect(worse).toBeGreaterThanOrEqual(0.95 - luck(0.95))
        expect(better).toBe(0)
      }
    },
  )

  test.each(WORLDS.filter((w) => w.spread > 0))(
    'what differs by the margin is called equivalent in at most one comparison in twenty: spread $spread, shared $shared',
    (world) => {
      for (const ratio of [1.05, 1 / 1.05]) {
        const { equivalent } = simulate({ ...FIVE, ...world, ratio }, ROUNDS)
        expect(equivalent).toBeLessThanOrEqual(0.05 + luck(0.05))
      }
    },
  )

  test('equals are called equivalent where runs differ little', () => {
    expect(simulate({ ...FIVE, spread: 0.01 }, ROUNDS).equivalent).toBeGreaterThan(0.95)
  })
})

describe('five runs a side, measured apart', () => {
  test.each([0.03, 0.06])(
    'at most one in twenty comparisons of equals tells them apart: spread %f',
    (spread) => {
      const { better, worse, covered } = simulate({ ...FIVE, spread, blocked: false }, ROUNDS)
      expect(better + worse).toBeLessThanOrEqual(0.05 + luck(0.05))
      expect(Math.abs(covered - 0.95)).toBeLessThanOrEqual(0.01 + luck(0.95))
    },
  )

  test('a tenth is found where runs differ by three in a hundred', () => {
    expect(simulate({ ...FIVE, ratio: 1.1, blocked: false }, ROUNDS).worse).toBeGreaterThanOrEqual(0.95)
  })
})

describe('looks before the end', () => {
  const falseAlarms = (looks: readonly number[], level: number, rounds: number): number => {
    const random = createRandom(2, 'false alarms')
    const limits = looks.map((n) => studentT(1 - level, n - 1))
    let alarms = 0
    for (let round = 0; round < rounds; round++) {
      const values = Array.from({ length: looks.at(-1) ?? 0 }, random.normal)
      if (looks.some((n, i) => Math.abs(tOf(values.slice(0, n))) > (limits[i] ?? 0))) alarms++
    }
    return alarms / rounds
  }

  const tOf = (values: readonly number[]): number => {
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length
    const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0)
    return mean / Math.sqrt(squares / (values.length - 1) / values.length)
  }

  test.each([
    { looks: [5, 10] },
    { looks: [5, 8, 12, 15] },
    { looks: [5, 10, 20, 40] },
    { looks: [2, 4, 6, 8] },
  ])('raise a false alarm in one comparison in twenty, all together: $looks', ({ looks }) => {
    const rounds = 20_000
    const share = falseAlarms(looks, levelPerLook(looks), rounds)
    expect(share).toBeLessThanOrEqual(0.05 + luck(0.05, rounds))
    expect(share).toBeGreaterThan(0.04)
  })

  // Many runs and even steps: the case that Pocock's table is for.
  test('have nearly Pocock’s levels where runs are many', () => {
    for (const [looks, level] of [
      [[50, 100], 0.0294],
      [[50, 100, 150, 200], 0.0182],
    ] as const) {
      const ratio = levelPerLook(looks) / level
      expect(ratio).toBeGreaterThan(0.88)
      expect(ratio).toBeLessThan(1)
    }
  })

  test('are strict enough for the last one alone, and the same every time', () => {
    expect(levelPerLook([7])).toBe(0.05)
    expect(levelPerLook([5, 10])).toBe(levelPerLook([5, 10]))
  })
})

describe('shares of requests', () => {
  /** Runs of 400 requests whose own share scatters about the mean. */
  const runs = (random: Random, share: number, scatter: number) =>
    Array.from({ length: 5 }, () => {
      const own = Math.min(1, Math.max(0, share * Math.exp(scatter * random.normal() - scatter ** 2 / 2)))
      let count = 0
      for (let i = 0; i < 400; i++) if (random.uniform() < own) count++
      return { count, of: 400 }
    })

  test.each([
    { share: 0.05, scatter: 0 },
    { share: 0.05, scatter: 0.5 },
    { share: 0.2, scatter: 0.3 },
  ])('hold the true difference, however runs scatter: $share, $scatter', ({ share, scatter }) => {
    const random = createRandom(3, 'shares')
    const rounds = Math.min(ROUNDS, 1000)
    let [covered, alarms] = [0, 0]
    for (let round = 0; round < rounds; round++) {
      const found = shareContrast(runs(random, share, scatter), runs(random, share, scatter), 0.05)
      if (found === null) continue
      if (found.difference.low <= 0 && found.difference.high >= 0) covered++
      if (found.p < 0.05) alarms++
    }
    expect(covered / rounds).toBeGreaterThanOrEqual(0.94 - luck(0.95, rounds))
    expect(covered + alarms).toBe(rounds)
  })
})
