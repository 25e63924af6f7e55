import { describe, expect, test } from 'vitest'
import type { Validity } from '../../src/analyse/index.js'
import { type Disturbable, disturbancesOf, remaking } from '../../src/experiment/disturbance.js'

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

const STOLEN = { disturbed: ['cpu-steal'] }

/** Measures what is given, in order; what each was told of the one before stands beside it. */
function bench(...all: readonly Disturbable[]) {
  const [queue, told] = [[...all], [] as (readonly string[] | undefined)[]]
  const remake = remaking()
  const next = () =>
    remake((spoiltBy) => {
      told.push(spoiltBy)
      return Promise.resolve(queue.shift() ?? expect.fail('measured once too often'))
    })
  return { next, told, left: () => queue.length }
}

describe('a disturbed measurement', () => {
  test('is made again once: the second counts, is told why, and the first is kept', async () => {
    const [first, second] = [STOLEN, {}]
    const { next, told } = bench(first, second)
    const { measured, spoilt } = await next()
    expect(measured).toBe(second)
    expect(spoilt).toBe(first)
    expect(told).toEqual([undefined, ['cpu-steal']])
  })

  test('counts although it is disturbed where the second is no better', async () => {
    const { next } = bench(STOLEN, { disturbed: ['stamp-error'] })
    expect(await next()).toEqual({ measured: { disturbed: ['stamp-error'] }, spoilt: STOLEN })
  })

  test('is the only one where nothing disturbed it', async () => {
    const { next, told } = bench({})
    expect(await next()).toEqual({ measured: {} })
    expect(told).toEqual([undefined])
  })

  test('is taken as it is on a machine that keeps being disturbed', async () => {
    const { next, told, left } = bench(...Array.from({ length: 8 }, () => STOLEN))
    for (let trial = 0; trial < 5; trial++) await next()
    expect(told.filter((by) => by !== undefined)).toHaveLength(3)
    expect(left()).toBe(0)
  })

  test('in vain now and then does not end the making again', async () => {
    const { next, left } = bench(...Array.from({ length: 5 }, () => [STOLEN, STOLEN, STOLEN, {}]).flat())
    for (let trial = 0; trial < 10; trial++) await next()
    expect(left()).toBe(0)
  })
})
