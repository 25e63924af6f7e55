import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { contrastOf } from '../../../src/analyse/comparison/contrast.js'
import { shareContrast } from '../../../src/analyse/comparison/share.js'
import {
  flipSigns,
  holm,
  mcnemarP,
  midRanks,
  relabel,
  studentT,
  twoSidedP,
  wilson,
} from '../../../src/analyse/stats/index.js'
import { shiftedCdf } from '../../../src/analyse/stats/student.js'
import { createRandom } from '../../../src/base/index.js'

/** Made by test/reference/make_comparison_references.py, which names the packages and their versions. */
const reference: {
  readonly studentT: readonly [mass: number, freedom: number, t: number][]
  readonly groups: readonly Group[]
  readonly wilson: readonly [count: number, of: number, level: number, low: number, high: number][]
  readonly newcombe: readonly number[][]
  readonly mcnemar: readonly [onlyA: number, onlyB: number, p: number][]
  readonly holm: readonly [ps: number[], adjusted: number[]][]
  readonly noncentralT: readonly [freedom: number, shift: number, mass: number][]
  readonly midRanks: readonly [values: number[], ranks: number[]]
} = JSON.parse(readFileSync(new URL('../../reference/comparison.json', import.meta.url), 'utf8'))

interface Bounds {
  readonly p: number
  readonly low: number
  readonly high: number
}

interface Group {
  readonly a: readonly number[]
  readonly b: readonly number[]
  readonly welch: Bounds & { readonly freedom: number }
  readonly relabel?: number
  readonly paired?: Bounds
  readonly flips?: number
}

const RATIO = { scale: 'ratio', better: 'lower' } as const
const pairsOf = ({ a }: Group) => a.map((_, i) => [i, i] as const)
const logs = (values: readonly number[]): number[] => values.map(Math.log)
const seeded = () => createRandom(1)

describe('held against SciPy', () => {
  test.each(reference.studentT)('Student’s t of mass %f at %f degrees of freedom', (mass, freedom, t) => {
    expect(studentT(mass, freedom) / t).toBeCloseTo(1, 9)
    expect(twoSidedP(t, freedom)).toBeCloseTo(1 - mass, 10)
  })

  test.each(reference.groups)('Welch’s t on logarithms: $a against $b', (group) => {
    const found = contrastOf({ ...group, pairs: null }, RATIO, 0.05)
    expect(found.method).toBe('Welch t')
    expect(found.p).toBeCloseTo(group.welch.p, 9)
    expect(found.basis?.freedom).toBeCloseTo(group.welch.freedom, 8)
    expect(found.effect?.low).toBeCloseTo(group.welch.low, 9)
    expect(found.effect?.high).toBeCloseTo(group.welch.high, 9)
  })

  test.each(reference.groups.filter((g) => g.paired !== undefined))(
    'the paired t on logarithms: $a against $b',
    (group) => {
      const found = contrastOf({ ...group, pairs: pairsOf(group) }, RATIO, 0.05)
      expect(found.method).toBe('paired t')
      expect(found.p).toBeCloseTo(group.paired?.p ?? Number.NaN, 9)
      expect(found.effect?.low).toBeCloseTo(group.paired?.low ?? Number.NaN, 9)
      expect(found.effect?.high).toBeCloseTo(group.paired?.high ?? Number.NaN, 9)
    },
  )

  test.each(reference.groups.filter((g) => g.relabel !== undefined))(
    'all relabellings: $a against $b',
    ({ a, b, relabel: p = Number.NaN }) => {
      expect(relabel(logs(a), logs(b), seeded).p).toBeCloseTo(p, 12)
    },
  )

  test.each(reference.groups.filter((g) => g.flips !== undefined))(
    'all sign flips: $a against $b',
    ({ a, b, flips: p = Number.NaN }) => {
      const differences = logs(b).map((v, i) => v - (logs(a)[i] ?? 0))
      expect(flipSigns(differences, seeded).p).toBeCloseTo(p, 12)
    },
  )

  test.each(reference.wilson)('Wilson’s interval of %i in %i at %f', (count, of, level, low, high) => {
    const found = wilson(count, of, studentT(level, 1e6))
    expect(found.low).toBeCloseTo(low, 6)
    expect(found.high).toBeCloseTo(high, 6)
  })

  test.each(reference.newcombe)(
    'Newcombe’s interval of %i in %i against %i in %i at %f',
    (x1 = 0, n1 = 0, x2 = 0, n2 = 0, level = 0, low = 0, high = 0) => {
      const found = shareContrast([{ count: x1, of: n1 }], [{ count: x2, of: n2 }], 1 - level)
      expect(found?.designEffect).toBe(1)
      expect(found?.difference.low).toBeCloseTo(low, 5)
      expect(found?.difference.high).toBeCloseTo(high, 5)
    },
  )

  test.each(reference.mcnemar)('McNemar’s exact p of %i against %i', (onlyA, onlyB, p) => {
    expect(mcnemarP(onlyA, onlyB)).toBeCloseTo(p, 12)
  })

  test.each(reference.holm)('Holm’s correction of %j', (ps, adjusted) => {
    expect(holm(ps)).toEqual(adjusted.map((p) => expect.closeTo(p, 12)))
  })

  // The approximation plans runs; a hundredth in power is no run more or less.
  test.each(reference.noncentralT)('a t of %f degrees of freedom shifted by %f', (freedom, shift, mass) => {
    expect(Math.abs(shiftedCdf(studentT(0.95, freedom), freedom, shift) - mass)).toBeLessThan(0.011)
  })

  test('ranks with ties', () => {
    const [values, ranks] = reference.midRanks
    expect(midRanks(values, (x, y) => x - y)).toEqual(ranks)
  })
})

describe('permutations of more runs than can be gone through', () => {
  const values = (n: number, by: number) => Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898) + by)

  test('are sampled, with a p near that of the t test', () => {
    const [a, b] = [values(12, 0), values(12, 0.4).reverse()]
    const exact = contrastOf({ a, b, pairs: null }, { scale: 'difference', better: 'lower' }, 0.05)
    const found = relabel(a, b, seeded)
    expect(found.least).toBe(1 / 20_001)
    expect(Math.abs(found.p - (exact.p ?? 0))).toBeLessThan(0.02)
    expect(relabel(a, b, seeded)).toEqual(found)
  })

  test('are sampled for pairs too', () => {
    const found = flipSigns(values(20, 2), seeded)
    expect(found).toEqual({ p: 1 / 20_001, least: 1 / 20_001 })
  })
})
