import { expect, test } from 'vitest'
import { UsageError } from '../../src/base/index.js'
import { createFaultSource, parseFaults } from '../../src/simulate/faults.js'

test.each([
  ['rate-limit=0.1', { name: 'rate-limit', rate: { share: 0.1 }, value: 1e9 }],
  ['rate-limit=1/20:3s', { name: 'rate-limit', rate: { every: 20 }, value: 3e9 }],
  ['stall=0.02:800ms', { name: 'stall', rate: { share: 0.02 }, value: 8e8 }],
  ['coalesce=1:4', { name: 'coalesce', rate: { share: 1 }, value: 4 }],
  ['short-output=1/10:3', { name: 'short-output', rate: { every: 10 }, value: 3 }],
  ['miscount=1', { name: 'miscount', rate: { share: 1 }, value: 2 }],
  ['other-model=0.5', { name: 'other-model', rate: { share: 0.5 }, value: 0 }],
  ['split=1', { name: 'split', rate: { share: 1 }, value: 0 }],
])('%s is read', (flag, rule) => {
  expect(parseFaults([flag])).toEqual([rule])
})

test('every flag that cannot be read is told at once', () => {
  const flags = ['rate-limt=0.1', 'cut=2', 'stall=0.1:soon', 'coalesce=1:1', 'reset', 'split=1:3', 'cut=0.5']
  try {
    parseFaults(flags)
    expect.unreachable()
  } catch (thrown) {
    const problems = thrown instanceof UsageError ? thrown.problems : []
    expect(problems.map((p) => p.place)).toEqual(flags.slice(0, 6).map((flag) => `--fault ${flag}`))
    expect(problems[0]?.message).toMatch(/did you mean "rate-limit"/)
    expect(problems[1]?.message).toMatch(/share from 0 to 1/)
    expect(problems[2]?.message).toMatch(/duration such as/)
  }
})

test('every n-th strikes exactly the n-th, shares strike about their share, and the seed fixes which', () => {
  const draw = (seed: number) => {
    const next = createFaultSource(parseFaults(['server-error=1/50', 'cut=0.1']), seed)
    return Array.from({ length: 5000 }, next)
  }
  const plans = draw(1)
  expect(plans.flatMap((p, i) => (p.reject ? [i + 1] : [])).slice(0, 3)).toEqual([50, 100, 150])
  const cuts = plans.filter((p) => p.cutAt !== undefined).length
  // Binomial, 5,000 draws at 0.1: four standard deviations are 85.
  expect(Math.abs(cuts - 500)).toBeLessThan(85)
  expect(draw(1)).toEqual(plans)
  expect(draw(2)).not.toEqual(plans)
})
