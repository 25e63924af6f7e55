import { describe, expect, test } from 'vitest'
import type { Validity } from '../../../src/analyse/index.js'
import type { Outcome } from '../../../src/experiment/tune/bench.js'
import { disturbancesOf, remaking } from '../../../src/experiment/tune/disturbance.js'

const found = (...all: readonly (readonly [string, 'note' | 'caveat' | 'invalid'])[]): Validity => ({
  verdict: 'INVALID',
  findings: all.map(([code, severity]) => ({
    ...{ code, severity, message: '', seen: 1, allowed: 0, unit: 'share', advice: '' },
  })),
})

test('what comes from without disturbs a trial; what the engine did, and what is only a doubt, does not', () => {
  const validity = found(
    ['cpu-steal', 'caveat'],
    ['generator-late', 'invalid'],
    ['errors', 'invalid'],
    ['core-wait', 'caveat'],
    ['few-samples', 'caveat'],
  )
  expect(disturbancesOf(validity)).toEqual(['cpu-steal', 'generator-late'])
  expect(disturbancesOf(found(['generator-late', 'caveat'], ['nothing-completed', 'invalid']))).toEqual([])
})

const figures: Outcome['figures'] = {
  ...{ requestsPerS: 1, goodputPerS: 1, goodShare: 1, outputTokensPerS: 1 },
  ...{ ttftP50Ms: null, ttftP99Ms: null, tpotP50Ms: null, tpotP99Ms: null, gapP99Ms: null },
  ...{ kvUsageMax: null, runningMax: null, waitingMean: null, preemptions: null },
}
const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  ...{ run: 'r', seconds: 10, judged: 100, counts: [], figures, p99: null, rising: false, end: 'complete' },
  ...more,
})
const STOLEN = { disturbed: ['cpu-steal'] }

/** Measures what is given, in order; how often something was set aside stands beside it. */
function bench(...outcomes: readonly Outcome[]) {
  const [queue, aside] = [[...outcomes], { count: 0 }]
  const remake = remaking()
  const next = (): Promise<Outcome> =>
    remake(
      () => Promise.resolve(queue.shift() ?? expect.fail('measured once too often')),
      () => void aside.count++,
    )
  return { next, aside, left: () => queue.length }
}

describe('a disturbed trial', () => {
  test('is made again once: the second counts, both took their time, and why is kept', async () => {
    const { next, aside } = bench(outcome({ ...STOLEN, seconds: 12 }), outcome({ seconds: 10 }))
    expect(await next()).toEqual(outcome({ seconds: 22, madeAgain: ['cpu-steal'] }))
    expect(aside.count).toBe(1)
  })

  test('is kept as disturbed where the second is no better', async () => {
    const { next } = bench(outcome(STOLEN), outcome({ disturbed: ['stamp-error'] }))
    expect(await next()).toMatchObject({ madeAgain: ['cpu-steal'], disturbed: ['stamp-error'] })
  })

  test('is left alone where nothing disturbed it, or where nothing can be concluded from it', async () => {
    const { next, aside } = bench(outcome(), outcome({ ...STOLEN, end: 'interrupted' }))
    expect(await next()).toEqual(outcome())
    expect(await next()).toMatchObject({ end: 'interrupted' })
    expect(aside.count).toBe(0)
  })

  test('is taken as it is on a machine that keeps being disturbed', async () => {
    const { next, aside, left } = bench(...Array.from({ length: 8 }, () => outcome(STOLEN)))
    for (let trial = 0; trial < 5; trial++) await next()
    expect(aside.count).toBe(3)
    expect(left()).toBe(0)
  })
})
