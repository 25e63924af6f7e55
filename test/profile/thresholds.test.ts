import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/base/index.js'
import { workloadHash } from '../../src/experiment/machine.js'
import {
  DEFAULT_THRESHOLDS,
  loadProfile,
  parseSetting,
  type Setting,
  THRESHOLDS,
} from '../../src/profile/index.js'

const settings = (...texts: string[]): Setting[] =>
  ['limits.requests=10', ...texts].map(parseSetting).filter((s): s is Setting => 'path' in s)

describe('the thresholds of the verdict', () => {
  test('are the defaults of the table where a profile sets none', () => {
    const { validity } = loadProfile(undefined, settings())
    expect(validity).toEqual(DEFAULT_THRESHOLDS)
    for (const [name, { value }] of Object.entries(THRESHOLDS)) expect(validity).toHaveProperty(name, value)
  })

  test('are set one by one, and leave the others as they are', () => {
    const { validity } = loadProfile(undefined, settings('validity.latenessMs=0.5', 'validity.errorShare=0'))
    expect(validity).toEqual({ ...DEFAULT_THRESHOLDS, latenessMs: 0.5, errorShare: 0 })
  })

  test.each([
    ['validity.latenesMs=1', /did you mean "latenessMs"/],
    ['validity.errorShare=-1', /number .*0/],
    ['validity.windowS=long', /expected number/],
  ])('%s is refused, with what is wrong', (text, message) => {
    try {
      loadProfile(undefined, settings(text))
      expect.unreachable()
    } catch (thrown) {
      expect(thrown instanceof UsageError ? thrown.problems.map((p) => p.message).join() : thrown).toMatch(
        message,
      )
    }
  })

  test('judge a run and do not define it: the workload hash does not hold them', () => {
    const strict = loadProfile(undefined, settings('validity.latenessMs=0.5'))
    expect(workloadHash(strict)).toBe(workloadHash(loadProfile(undefined, settings())))
    expect(workloadHash(loadProfile(undefined, settings('limits.ttftMs=1')))).not.toBe(workloadHash(strict))
  })

  test('below "invalid" there is always room for a caveat', () => {
    for (const [grave, mild] of [
      ['latenessInvalidMs', 'latenessMs'],
      ['latenessInvalidShare', 'latenessShare'],
      ['stampErrorInvalidShare', 'stampErrorShare'],
      ['stampErrorMetricInvalidShare', 'stampErrorMetricShare'],
      ['loopDelayInvalidMs', 'loopDelayMs'],
      ['loopDelayInvalidShare', 'loopDelayShare'],
      ['rateShortfallInvalidShare', 'rateShortfallShare'],
      ['errorInvalidShare', 'errorShare'],
    ] as const)
      expect(DEFAULT_THRESHOLDS[grave], grave).toBeGreaterThan(DEFAULT_THRESHOLDS[mild])
  })
})
