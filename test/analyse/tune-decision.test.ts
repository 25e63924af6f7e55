import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide, leastToPass, type MissCount, missCount, pooled } from '../../src/analyse/index.js'
import { dependenceOf, sortValues, studentT } from '../../src/analyse/stats/index.js'
import { shareBounds } from '../../src/analyse/tune-decision.js'
import { pairsToTell, ratioOf } from '../../src/analyse/tune-gain.js'
import { createRandom, type Random } from '../../src/base/index.js'
import { parseObjective } from '../../src/profile/index.js'

const LEVEL = 0.05
const LOOKS = 3

/** P(X ≥ k), term by term. */
function atLeast(k: number, n: number, p: number): number {
  let sum = 0
  for (let i = k, term = 0; i <= n; i++) {
    term = 0
    for (let j = 1; j <= i; j++) term += Math.log((n - i + j) / j)
    sum += Math.exp(term + i * Math.log(p) + (n - i) * Math.log1p(-p))
  }
  return sum
}

describe('bounds of a share', () => {
  test.each([
    [1, 100],
    [5, 100],
    [50, 100],
    [99, 100],
    [3, 407],
  ])('of %i in %i: at each bound what was seen has just the risk', (missed, n) => {
    const { low, high } = shareBounds(missed, n, LEVEL)
    expect(atLeast(missed, n, low)).toBeCloseTo(LEVEL, 9)
    expect(1 - atLeast(missed + 1, n, high)).toBeCloseTo(LEVEL, 9)
  })

  test('the least number that can pass is the one whose bound just reaches what is allowed', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.3, noNaN: true }), (allowed) => {
        const n = leastToPass(allowed, LEVEL)
        return shareBounds(0, n, LEVEL).high <= allowed && shareBounds(0, n - 1, LEVEL).high > allowed
      }),
    )
  })

  test('without values nothing is bounded', () => {
    expect(shareBounds(0, 0, LEVEL)).toEqual({ low: 0, high: 1 })
  })
})

const count = (n: number, missed: number, designEffect = 1): MissCount => ({
  ...{ objective: 'ttft p95 <= 1 s', n, missed, allowed: 0.05, designEffect, settled: null },
  effectiveN: n / designEffect,
  effectiveMissed: missed / designEffect,
})

describe('pass, fail, or not yet known', () => {
  test.each([
    ['enough and none missed', [count(59, 0)], 'pass'],
    ['one too few', [count(58, 0)], 'undecided'],
    ['ten times as many, but each ten say the same', [count(600, 0, 10)], 'undecided'],
    ['and with the caution that this asks for', [count(1200, 0, 10)], 'pass'],
    ['twice what may miss', [count(400, 40)], 'fail'],
    ['just what may miss', [count(400, 20)], 'undecided'],
    ['one objective passes, the other does not yet', [count(400, 0), count(20, 0)], 'undecided'],
    ['one objective passes, the other fails', [count(400, 0), count(400, 80)], 'fail'],
  ] as const)('%s', (_, counts, verdict) => {
    expect(decide(counts, LEVEL).verdict).toBe(verdict)
  })

  test('trials add up by what they are worth', () => {
    const [both] = pooled([[count(100, 2, 2)], [count(300, 3, 3)]])
    expect(both).toMatchObject({ n: 400, missed: 5, effectiveN: 150, effectiveMissed: 2 })
  })
})

/** Times in an M/M/1 queue from its steady state: the exact distribution is exponential with rate 1 − load. */
function sojourns(load: number, n: number, random: Random): Float64Array {
  const times = new Float64Array(n)
  let wait = random.uniform() < load ? random.exponential() / (1 - load) : 0
  for (let i = 0; i < n; i++) {
    const service = random.exponential()
    times[i] = wait + service
    wait = Math.max(0, wait + service - random.exponential() / load)
  }
  return times
}

/** Three looks, each longer, as the search takes them; how often they end in a pass. */
function passes(load: number, quantile: number, ease: number, runs: number): number {
  const limit = (-Math.log(1 - quantile) / (1 - load)) * ease
  const objective = parseObjective(`ttft p${quantile * 100} <= ${limit.toFixed(6)} ms`)
  if (typeof objective === 'string') throw new Error(objective)
  const random = createRandom(29, `${load} ${quantile} ${ease}`)
  const first = Math.ceil(2 * leastToPass(1 - quantile, LEVEL / LOOKS))
  let passed = 0
  for (let run = 0; run < runs; run++) {
    const seen: MissCount[][] = []
    for (let look = 0; look < LOOKS; look++) {
      const values = sojourns(load, Math.ceil(first * 2.5 ** look), random)
      const n = values.length
      const dependence = dependenceOf(values, sortValues(values.slice()), n)
      const fared = { asked: n, completed: n, good: n }
      seen.push([missCount(objective, { values, lost: 0, dependence }, fared, undefined)])
      const { verdict } = decide(pooled(seen), LEVEL / LOOKS)
      if (verdict === 'undecided') continue
      if (verdict === 'pass') passed++
      break
    }
  }
  return passed / runs
}

describe('requests that share a queue', () => {
  const RUNS = 300

  // The share that misses is exactly what may miss: every pass is wrong. Two standard deviations of the runs are allowed for.
  test.each([
    [0.3, 0.95],
    [0.5, 0.95],
    [0.7, 0.95],
    [0.9, 0.95],
    [0.7, 0.9],
    [0.9, 0.9],
    [0.5, 0.99],
  ])('at a load of %f and p%f wrong passes stay below the level', (load, quantile) => {
    expect(passes(load, quantile, 1, RUNS)).toBeLessThanOrEqual(
      LEVEL + 2 * Math.sqrt((LEVEL * (1 - LEVEL)) / RUNS),
    )
  })

  test('where the limit is far, most pass: the rule is not silent', () => {
    expect(passes(0.3, 0.95, 3, 100)).toBeGreaterThan(0.8)
  })
})

describe('the gain of pairs', () => {
  test.each([
    [1, 12.7062],
    [3, 3.18245],
    [10, 2.22814],
  ])('with %i degrees of freedom t lies within %f in 95 of 100 cases', (freedom, t) => {
    expect(studentT(0.95, freedom)).toBeCloseTo(t, 4)
  })

  test('covers the true ratio in 95 of 100 experiments', () => {
    const random = createRandom(31, 'pairs')
    let covered = 0
    for (let i = 0; i < 1000; i++) {
      const pairs = Array.from({ length: 4 }, () => ({ a: 1, b: 1.2 * Math.exp(0.1 * random.normal()) }))
      const ratio = ratioOf(pairs)
      if ((ratio?.low ?? 2) <= 1.2 && (ratio?.high ?? 0) >= 1.2) covered++
    }
    expect(covered).toBeGreaterThan(930)
    expect(covered).toBeLessThan(970)
  })

  test('one pair bounds nothing, and a side without any value has no ratio', () => {
    expect(ratioOf([{ a: 1, b: 2 }])).toBeNull()
    expect(
      ratioOf([
        { a: 1, b: 2 },
        { a: 0, b: 2 },
      ]),
    ).toBeNull()
  })

  test('says how many pairs would tell them apart', () => {
    const pairs = [1.1, 0.98, 1.06, 1.0].map((b) => ({ a: 1, b }))
    const needed = pairsToTell(pairs)
    expect(needed).toBeGreaterThan(4)
    expect(needed).toBeLessThan(20)
    expect(pairsToTell([0.9, 1 / 0.9].map((b) => ({ a: 1, b })))).toBeNull()
  })
})
