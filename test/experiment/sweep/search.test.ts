import { describe, expect, test } from 'vitest'
import { parseAxis, profileAt } from '../../../src/experiment/axes.js'
import { type Measured, nextLoad } from '../../../src/experiment/sweep/search.js'
import { profileSchema } from '../../../src/profile/schema.js'

/** Plays the search against a known curve. */
function search(throughput: (load: number) => number): number[] {
  const tried: Measured[] = []
  for (let load = nextLoad(tried, true); load !== undefined; load = nextLoad(tried, true)) {
    tried.push({ load, outputTokensPerS: throughput(load) })
    if (tried.length > 30) throw new Error('the search does not end')
  }
  return tried.map((m) => m.load)
}

describe('the automatic search', () => {
  test('doubles past the knee, then closes in on the peak from both sides', () => {
    const loads = search((n) => (n <= 20 ? 50 * n : 1000 - 10 * (n - 20)))
    expect(loads.slice(0, 7)).toEqual([1, 2, 4, 8, 16, 32, 64])
    const best = loads.reduce((a, b) => (Math.abs(a - 20) < Math.abs(b - 20) ? a : b))
    expect(Math.abs(best - 20)).toBeLessThanOrEqual(4)
    expect(loads.length).toBeLessThan(14)
  })
  test('stops on a plateau', () => {
    expect(Math.max(...search((n) => Math.min(n, 8)))).toBeLessThanOrEqual(64)
  })
  test('stops when nothing comes any more', () => {
    expect(Math.max(...search((n) => (n <= 16 ? n : 0)))).toBe(64)
  })
  test('ends at 1,024 when throughput never stops growing', () => {
    expect(Math.max(...search((n) => n))).toBe(1024)
  })
})

test('axes are checked with the nearest name', () => {
  expect(parseAxis('concurrency=4,1,2,2')).toEqual({ name: 'concurrency', values: [1, 2, 4] })
  expect(parseAxis('concurrency=auto')).toEqual({ name: 'concurrency', values: 'auto' })
  expect(parseAxis('engine.maxNumSeqs=8,32')).toEqual({ name: 'engine.maxNumSeqs', values: [8, 32] })
  expect(parseAxis('rate=0.5,2')).toEqual({ name: 'ratePerS', values: [0.5, 2] })
  expect(parseAxis('input-tokens=64')).toEqual({ name: 'inputTokens', values: [64] })
  expect(parseAxis('engine.max-num-seqs=8')).toEqual({ name: 'engine.maxNumSeqs', values: [8] })
  expect(parseAxis('concurency=1')).toMatchObject({
    message: expect.stringContaining('did you mean "concurrency"') as string,
  })
  expect(parseAxis('concurrency=1,x')).toMatchObject({
    message: expect.stringContaining('got "1,x"') as string,
  })
  expect(parseAxis('inputTokens=auto')).toHaveProperty('message')
})

test('a point gets enough requests for its slots and for the percentiles of its objectives', () => {
  const profile = profileSchema.parse({ limits: { requests: 20 } })
  expect(profileAt(profile, { concurrency: 64 }, []).limits).toMatchObject({
    requests: 256,
    warmupRequests: 64,
  })
  // p99 needs 368 samples for a bounded two-sided 95 % interval, p95 needs 72.
  expect(profileAt(profile, { concurrency: 1 }, [0.99]).limits.requests).toBe(368)
  expect(profileAt(profile, { concurrency: 1 }, [0.95]).limits.requests).toBe(72)
  const timed = profileSchema.parse({ limits: { durationS: 5, requests: 20 } })
  expect(profileAt(timed, { concurrency: 64 }, [0.99]).limits.requests).toBeUndefined()
})
