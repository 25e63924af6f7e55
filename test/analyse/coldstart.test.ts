import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coldCosts, coldEstimate, coldFigures, coldPhases } from '../../src/analyse/coldstart.js'
import { arrivalOf, arrivalsDuring, coldRequests } from '../../src/analyse/coldstart-arrivals.js'
import { scaleFigures } from '../../src/analyse/coldstart-scale.js'
import { type Arrival, steadiness } from '../../src/analyse/coldstart-steady.js'
import { createRandom } from '../../src/base/index.js'
import { type ColdStart, START_PHASES, type StartPhase } from '../../src/record/index.js'
import { MS, recordOf } from './run-folder.js'

const S = 1e9

/** Phases as a log tells them: lengths of any float, one after the other, ended by what the launcher calls ready. */
const toldPhases = fc
  .array(
    fc.record({
      name: fc.constantFrom(...START_PHASES),
      lengthS: fc.double({ min: 1e-9, max: 500, noNaN: true }),
    }),
    { maxLength: 12 },
  )
  .map((lengths) => {
    const told: StartPhase[] = []
    for (const { name, lengthS } of lengths) {
      const fromS = told.at(-1)?.toS ?? 0
      told.push({ name, fromS, toS: fromS + lengthS })
    }
    return told
  })

const startOf = (over: Partial<ColdStart> = {}): ColdStart => ({
  run: 'start-1',
  commandNs: 0,
  phases: [],
  portOpenNs: 1,
  healthyNs: 2,
  firstTokenNs: 3,
  steady: null,
  arrivals: null,
  requests: [],
  cache: null,
  ...over,
})

describe('phases', () => {
  test('add up to the whole exactly, each beginning where the one before ends', () => {
    const slipNs = fc.integer({ min: -2_000_000, max: 2_000_000 })
    const firstNs = fc.integer({ min: 0, max: 60 * S })
    fc.assert(
      fc.property(toldPhases, slipNs, firstNs, (told, slip, first) => {
        const healthyNs = Math.max(1, Math.round((told.at(-1)?.toS ?? 0) * S) + slip)
        const phases = coldPhases(told, healthyNs, healthyNs + first)
        const sum = phases.reduce((all, { fromNs, toNs }) => all + (toNs - fromNs), 0)
        expect(sum).toBe(healthyNs + first)
        expect(phases[0]?.fromNs).toBe(0)
        phases.slice(1).forEach(({ fromNs }, i) => void expect(fromNs).toBe(phases[i]?.toNs))
        for (const { fromNs, toNs } of phases) {
          expect(Number.isInteger(fromNs)).toBe(true)
          expect(toNs).toBeGreaterThanOrEqual(fromNs)
        }
      }),
    )
  })

  test('keep their names, their order and what was read', () => {
    const told: StartPhase[] = [
      { name: 'process', fromS: 0, toS: 0.5 },
      { name: 'weights', fromS: 0.5, toS: 2.5, bytes: 4e9 },
      { name: 'serving', fromS: 2.5, toS: 3 },
    ]
    expect(coldPhases(told, 3 * S, 3.25 * S)).toEqual([
      { name: 'process', fromNs: 0, toNs: 0.5 * S },
      { name: 'weights', fromNs: 0.5 * S, toNs: 2.5 * S, bytes: 4e9 },
      { name: 'serving', fromNs: 2.5 * S, toNs: 3 * S },
      { name: 'first-request', fromNs: 3 * S, toNs: 3.25 * S },
    ])
  })

  test('a start of which no log tells is one phase and the first request', () => {
    expect(coldPhases([], 5, 8).map(({ name }) => name)).toEqual(['process', 'first-request'])
  })

  test('their means add up to the mean whole, also where a start lacks one; a name that comes twice is one row', () => {
    const starts = [
      startOf({
        healthyNs: 90,
        firstTokenNs: 100,
        phases: [
          { name: 'weights', fromNs: 0, toNs: 40, bytes: 4e3 },
          { name: 'compile', fromNs: 40, toNs: 50 },
          { name: 'kv-cache', fromNs: 50, toNs: 70 },
          { name: 'compile', fromNs: 70, toNs: 90 },
          { name: 'first-request', fromNs: 90, toNs: 100 },
        ],
      }),
      startOf({
        healthyNs: 60,
        firstTokenNs: 80,
        phases: [
          { name: 'weights', fromNs: 0, toNs: 60, bytes: 3e3 },
          { name: 'first-request', fromNs: 60, toNs: 80 },
        ],
      }),
    ]
    const figures = coldFigures(starts)
    const mean = Object.fromEntries((figures?.phases ?? []).map(({ name, ns }) => [name, ns.mean]))
    expect(mean).toEqual({ weights: 50, compile: 15, 'kv-cache': 10, 'first-request': 15 })
    expect(figures?.firstTokenNs.mean).toBe(90)
    expect(figures?.phases.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12)
    // 4,000 bytes in 40 ns are 100,000 million bytes a second; 3,000 in 60 are half of that.
    expect(figures?.phases[0]?.mbPerS?.min).toBeCloseTo(50_000, 6)
    expect(figures?.phases[0]?.mbPerS?.max).toBeCloseTo(100_000, 6)
    expect(figures?.phases[1]?.mbPerS).toBeNull()
  })

  test('without a start there are no figures', () => expect(coldFigures([])).toBeNull())
})

describe('the interval over starts', () => {
  // Student's t at 97.5 %, from the tables.
  test.each([
    [1, 12.706],
    [2, 4.303],
    [4, 2.776],
    [9, 2.262],
    [30, 2.042],
  ])('of %i degrees of freedom takes t = %f', (freedom, t) => {
    const values = Array.from({ length: freedom + 1 }, (_, i) => 10 + (i % 3) * 2 + i * 0.1)
    const mean = values.reduce((a, b) => a + b, 0) / values.length
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / freedom
    const e = coldEstimate(values)
    expect(e?.mean).toBeCloseTo(mean, 10)
    expect((e?.high ?? 0) - mean).toBeCloseTo(t * Math.sqrt(variance / values.length), 2)
    expect(mean - (e?.low ?? 0)).toBeCloseTo(t * Math.sqrt(variance / values.length), 2)
  })

  test('of a single start has no bounds', () => {
    expect(coldEstimate([7])).toEqual({ n: 1, mean: 7, low: null, high: null, median: 7, min: 7, max: 7 })
  })

  test('stands beside the median, which lies between both in the middle where their number is even', () => {
    expect(coldEstimate([1, 9, 2, 4])?.median).toBe(3)
    expect(coldEstimate([1, 9, 2])?.median).toBe(2)
  })
})

describe('steady', () => {
  const watched = { fromNs: 10 * S, untilNs: 40 * S, windowNs: 5 * S }
  /** Twenty arrivals a second. */
  const arrivals = (ttft: (atS: number) => number): Arrival[] =>
    Array.from({ length: 800 }, (_, i) => ({ atNs: (i / 20) * S, ttftNs: ttft(i / 20) }))

  test('from the first moment on where nothing changes', () => {
    const found = steadiness(
      arrivals(() => 100 * MS),
      watched,
    )
    expect(found).toMatchObject({ atNs: 10 * S, finalP95Ns: 100 * MS, finalN: 300, rising: false })
    expect(found.boundNs).toBeCloseTo(110 * MS, 3)
  })

  test('a backlog that is worked off by a moment is over when no window holds a twentieth of it any more', () => {
    const { atNs } = steadiness(
      arrivals((atS) => (atS < 20 ? 3 * S : 100 * MS)),
      watched,
    )
    // Of 100 requests in a window five may be late: from 19.75 s on. Windows begin every half second.
    expect(atNs).toBe(20 * S)
  })

  test('a value within the band of 10 % is steady, one beyond is not yet', () => {
    const within = steadiness(
      arrivals((atS) => (atS < 20 ? 109 : 100) * MS),
      watched,
    )
    const beyond = steadiness(
      arrivals((atS) => (atS < 20 ? 111 : 100) * MS),
      watched,
    )
    expect([within.atNs, beyond.atNs]).toEqual([10 * S, 20 * S])
  })

  test('what gets better after the first token was not steady; what is better than the end is', () => {
    const { atNs } = steadiness(
      arrivals((atS) => (atS < 20 ? 50 : 100) * MS),
      watched,
    )
    expect(atNs).toBe(10 * S)
  })

  test('what still grows at the end is never steady', () => {
    const found = steadiness(
      arrivals((atS) => atS ** 2 * MS),
      watched,
    )
    expect(found).toMatchObject({ atNs: null, rising: true })
  })

  test('where more than a twentieth fails at the end there is no final value', () => {
    const found = steadiness(
      arrivals((atS) => (atS > 30 ? Number.POSITIVE_INFINITY : MS)),
      watched,
    )
    expect(found).toMatchObject({ atNs: null, finalP95Ns: null })
  })

  test('requests that never vary in law are found steady at once, however few there are to a window', () => {
    let late = 0
    for (let seed = 1; seed <= 200; seed++) {
      const random = createRandom(seed, 'arrivals')
      const some = Array.from({ length: 120 }, () => ({
        atNs: random.uniform() * 40 * S,
        ttftNs: (50 + 100 * random.uniform()) * MS,
      }))
      if (steadiness(some, watched).atNs !== 10 * S) late++
    }
    // Twenty-six windows that overlap look at each of them: some see a value that the last half does not hold.
    expect(late / 200).toBeLessThan(0.35)
  })
})

describe('requests that arrive meanwhile', () => {
  const refused = { code: 'refused', message: '' } as const
  const failed = { state: 'failed', error: refused, firstTokenNs: 0 } as const
  const attempt = { sentNs: 0, endNs: 1, code: 'refused', waitNs: 0 } as const
  const records = [
    // Before the command: of no interest.
    recordOf(0, 500, 10, 1, 2),
    // During the start: refused for good, then retried with success twice.
    recordOf(1, 1_000, 0, 1, 2, failed),
    recordOf(2, 1_500, 2_000, 1, 2, { attempts: [attempt, attempt], lastSentNs: 3_300 * MS }),
    recordOf(3, 2_500, 700, 1, 2, { attempts: [{ ...attempt, code: 'overloaded' }], lastSentNs: 3_100 * MS }),
    // Afterwards: late, in time, and what the plan had in hand when it was ended.
    recordOf(4, 3_000, 400, 1, 2),
    recordOf(5, 3_900, 50, 1, 2),
    recordOf(6, 4_100, 600, 1, 2),
    recordOf(7, 9_000, 0, 1, 2, { state: 'unsent', error: { code: 'stopped', message: '' } }),
  ]
  const moments = { commandNs: 1_000 * MS, healthyNs: 3_000 * MS, missedUntilNs: 4_000 * MS }

  test('are counted from the command to healthy, and misses until steady', () => {
    expect(arrivalsDuring(records, moments, 300)).toEqual({
      arrived: 3,
      failed: 1,
      failures: [{ code: 'refused', count: 1 }],
      answered: 2,
      waitP50Ns: 700 * MS,
      waitMaxNs: 2_000 * MS,
      attempts: 1 + 3 + 2,
      refusedAttempts: 1 + 2,
      misses: { arrived: 5, failed: 1, late: 3 },
    })
  })

  test('without an objective only failures are misses', () => {
    expect(arrivalsDuring(records, moments, undefined).misses).toEqual({ arrived: 5, failed: 1, late: null })
  })

  test('the timeline counts from the command and leaves out what never arrived', () => {
    const dots = coldRequests(records, moments.commandNs, 10_000 * MS)
    expect(dots.map(({ atNs }) => atNs / MS)).toEqual([0, 500, 1_500, 2_000, 2_900, 3_100])
    expect(dots.filter(({ answered }) => !answered)).toHaveLength(1)
    expect(dots[1]?.tookNs).toBe(2_000 * MS)
  })
})

describe('scale-out', () => {
  /** Ten arrivals a second for 30 s: slow until 20 s, except for a calm second at 5 s. */
  const records = Array.from({ length: 300 }, (_, i) => {
    const atMs = i * 100
    const calm = atMs >= 5_000 && atMs < 6_000
    return recordOf(i, atMs, atMs < 20_000 && !calm ? 2_000 : 200, 1, 5)
  })
  const moments = { fromNs: 0, commandNs: 10 * S, joinedNs: 18 * S, untilNs: 30 * S, windowNs: 2 * S }

  test('tells the stretches apart and when the second replica began to help', () => {
    const { before, during, after, helpedAfterS, course } = scaleFigures(records, moments)
    expect([before.arrived, during.arrived, after.arrived]).toEqual([100, 80, 120])
    expect([before.ttftP95Ms, during.ttftP95Ms, after.ttftP95Ms]).toEqual([2_000, 2_000, 2_000])
    // Windows begin every 0.2 s; one of twenty requests may be slow: from 19.9 s on, and so from 20 s.
    expect(helpedAfterS).toBeCloseTo(10, 9)
    expect(course[0]).toEqual({ atS: 1, p95Ms: 2_000, n: 20 })
  })

  test('a calm moment before it joins is not its doing, and one that comes to nothing helps nobody', () => {
    const slow = records.map((r, i) => recordOf(i, r.scheduledNs / MS, 2_000, 1, 5))
    expect(scaleFigures(slow, moments).helpedAfterS).toBeNull()
  })

  test('throughput counts what ended within the stretch', () => {
    const { after } = scaleFigures(records, moments)
    const ended = records.filter(({ endNs }) => endNs >= 18 * S && endNs < 30 * S)
    expect(after.completedPerS).toBeCloseTo(ended.length / 12, 9)
    expect(after.outputTokensPerS).toBeCloseTo((5 * ended.length) / 12, 9)
  })
})

describe('costs', () => {
  const positive = fc.double({ min: 0.01, max: 1_000, noNaN: true })

  test('at the break-even a warm replica and the misses cost the same', () => {
    fc.assert(
      fc.property(positive, positive, positive, (usdPerHour, usdPerMiss, misses) => {
        const { breakEvenPerDay } = coldCosts({ usdPerHour, usdPerMiss }, misses)
        const at = coldCosts({ usdPerHour, usdPerMiss, startsPerDay: breakEvenPerDay ?? 0 }, misses)
        expect((at.missesUsdPerMonth ?? 0) / at.warmUsdPerMonth).toBeCloseTo(1, 9)
      }),
    )
  })

  test('a month has 730 hours', () => {
    const costs = coldCosts({ usdPerHour: 2, usdPerMiss: 0.5, startsPerDay: 12 }, 4)
    expect(costs.warmUsdPerMonth).toBe(1_460)
    expect(costs.missesUsdPerMonth).toBeCloseTo(2 * 12 * (365 / 12), 9)
    expect(costs.breakEvenPerDay).toBe(24)
  })

  test.each([
    ['no price of a miss', {}, 4],
    ['no count of misses', { usdPerMiss: 1 }, null],
    ['nothing missed', { usdPerMiss: 1 }, 0],
  ])('%s: there is no break-even', (_, more, misses) => {
    expect(coldCosts({ usdPerHour: 1, ...more }, misses).breakEvenPerDay).toBeNull()
  })
})

test('an answer that was cut off at the end of the watch had its first token all the same', () => {
  const stopped = { code: 'stopped', message: '' } as const
  const record = recordOf(0, 5, 20, 1, 1, { state: 'cancelled', error: stopped })
  expect(arrivalOf(record).ttftNs).toBe(20 * MS)
  const { firstTokenNs: _, ...silent } = record
  expect(arrivalOf(silent).ttftNs).toBe(Number.POSITIVE_INFINITY)
})

test('an arrival of a request that failed never had its first token', () => {
  const record = recordOf(0, 5, 1, 1, 1, { state: 'failed' })
  expect(arrivalOf(record)).toEqual({ atNs: 5 * MS, ttftNs: Number.POSITIVE_INFINITY })
})
