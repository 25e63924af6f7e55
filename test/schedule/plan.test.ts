import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Load } from '../../src/profile/index.js'
import { profileSchema } from '../../src/profile/schema.js'
import { planSchedule } from '../../src/schedule/index.js'

const profileWith = (load: Load, limits: object, seeds = {}) => profileSchema.parse({ load, limits, seeds })

function openWith(load: Load, limits: object, seeds = {}) {
  const schedule = planSchedule(profileWith(load, limits, seeds))
  if (schedule.kind !== 'open') throw new Error('expected an open schedule')
  return schedule
}

test('constant arrivals are multiplied, not summed: no drift after a million', () => {
  const { arrivalsNs } = openWith({ kind: 'constant', ratePerS: 3 }, { requests: 1_000_000 })
  expect(arrivalsNs.at(-1)).toBe((999_999 * 1e9) / 3)
})

describe('the same seed gives the same arrivals, another seed others', () => {
  for (const load of [
    { kind: 'poisson', ratePerS: 5 },
    { kind: 'gamma', ratePerS: 5, shape: 0.3 },
  ] as const) {
    test(load.kind, () => {
      const limits = { requests: 100 }
      expect(openWith(load, limits)).toEqual(openWith(load, limits))
      expect(openWith(load, limits, { arrivals: 8 })).not.toEqual(openWith(load, limits))
      expect(openWith(load, limits, { prompts: 99 })).toEqual(openWith(load, limits))
    })
  }
})

/** Mean gap and squared coefficient of variation: 1 for Poisson, 1/shape for gamma. */
function gapStatistics(load: Load) {
  const { arrivalsNs } = openWith(load, { requests: 200_000 })
  const gaps = Array.from(arrivalsNs.subarray(1), (at, i) => at - (arrivalsNs[i] ?? 0))
  const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length
  const variance = gaps.reduce((a, b) => a + (b - mean) ** 2, 0) / gaps.length
  return { meanS: mean / 1e9, scv: variance / mean ** 2 }
}

describe('gaps have the mean and the spread of their distribution', () => {
  for (const [load, scv] of [
    [{ kind: 'poisson', ratePerS: 20 }, 1],
    [{ kind: 'gamma', ratePerS: 20, shape: 0.5 }, 2],
    [{ kind: 'gamma', ratePerS: 20, shape: 4 }, 0.25],
  ] as const) {
    test(`${load.kind}, squared coefficient of variation ${scv}`, () => {
      const found = gapStatistics(load)
      expect(found.meanS).toBeCloseTo(0.05, 3)
      expect(Math.abs(found.scv - scv)).toBeLessThan(0.04 * scv + 0.01)
    })
  }
})

test('a ramp from 0 to 100/s over 10 s holds as many arrivals as the area under it, and half of them in the last 29 %', () => {
  const { arrivalsNs } = openWith(
    { kind: 'stages', stages: [{ durationS: 10, ratePerS: 100, ramp: true }] },
    {},
  )
  expect(Math.abs(arrivalsNs.length - 500)).toBeLessThan(4 * Math.sqrt(500))
  const half = arrivalsNs.filter((at) => at > 10e9 * Math.SQRT1_2).length
  expect(Math.abs(half / arrivalsNs.length - 0.5)).toBeLessThan(0.1)
})

test('arrivals ascend and stay inside warm-up plus duration, whatever the load', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 3 }),
      (ratePerS, durationS, warmupS) => {
        const { arrivalsNs } = openWith({ kind: 'poisson', ratePerS }, { durationS, warmupS })
        for (const [i, at] of arrivalsNs.entries()) expect(at).toBeGreaterThanOrEqual(arrivalsNs[i - 1] ?? 0)
        expect(arrivalsNs.at(-1) ?? 0).toBeLessThan((durationS + warmupS) * 1e9)
      },
    ),
  )
})

test('measured requests do not count the warm-up', () => {
  const { arrivalsNs, warmupUntilNs } = openWith(
    { kind: 'constant', ratePerS: 10 },
    { requests: 30, warmupS: 2 },
  )
  expect(arrivalsNs.filter((at) => at >= warmupUntilNs)).toHaveLength(30)
  expect(arrivalsNs.filter((at) => at < warmupUntilNs)).toHaveLength(20)
  const byCount = openWith({ kind: 'constant', ratePerS: 10 }, { requests: 30, warmupRequests: 5 })
  expect(byCount.arrivalsNs).toHaveLength(35)
  expect(byCount.arrivalsNs.filter((at) => at < byCount.warmupUntilNs)).toHaveLength(5)
})

test('a closed ramp adds one slot at a time', () => {
  const schedule = planSchedule(
    profileWith(
      {
        kind: 'stages',
        stages: [
          { durationS: 4, concurrency: 4, ramp: true },
          { durationS: 6, concurrency: 2, ramp: false },
        ],
      },
      {},
    ),
  )
  expect(schedule).toMatchObject({
    kind: 'closed',
    maxConcurrency: 4,
    endNs: 10e9,
    levels: [
      { atNs: 0, concurrency: 1 },
      { atNs: 1e9, concurrency: 2 },
      { atNs: 2e9, concurrency: 3 },
      { atNs: 3e9, concurrency: 4 },
      { atNs: 4e9, concurrency: 2 },
    ],
  })
})
