import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDecided } from '../../../src/experiment/compare/blocks.js'
import { looksOf } from '../../../src/experiment/compare/looks.js'
import { orderOf, profileOfBlock } from '../../../src/experiment/compare/order.js'
import { profileSchema } from '../../../src/profile/schema.js'
import { findingsWith, headOf, measureVirtually } from './virtual-compare.js'

describe('the order inside blocks', () => {
  test('holds each side once, and is the same for the same seed', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 2, max: 20 }), fc.nat(1000), (block, sides, seed) => {
        const order = orderOf(block, sides, seed)
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: sides }, (_, i) => i))
        expect(orderOf(block, sides, seed)).toEqual(order)
      }),
    )
  })

  test.each([2, 3])('every order of %i sides comes equally often', (sides) => {
    const rounds = 6000
    const seen = new Map<string, number>()
    for (let pair = 0; pair < rounds; pair++) {
      const key = orderOf(2 * pair, sides, 7).join()
      seen.set(key, (seen.get(key) ?? 0) + 1)
    }
    const orders = sides === 2 ? 2 : 6
    expect(seen.size).toBe(orders)
    const expected = rounds / orders
    const chi = [...seen.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    // 99.9th percentile of χ² with orders − 1 degrees of freedom, from tables.
    expect(chi).toBeLessThan(sides === 2 ? 10.83 : 20.52)
  })
})

test('every second block goes through the sides the other way: each is as often early as late', () => {
  fc.assert(
    fc.property(fc.nat(25), fc.integer({ min: 2, max: 20 }), fc.nat(1000), (pair, sides, seed) => {
      expect(orderOf(2 * pair + 1, sides, seed)).toEqual(orderOf(2 * pair, sides, seed).toReversed())
    }),
  )
})

test('a block adds its number to every seed, and changes nothing else', () => {
  const profile = profileSchema.parse({ limits: { requests: 5 } })
  const own = profile.seeds
  const third = profileOfBlock(profile, 2)
  expect(third.seeds).toEqual({
    arrivals: own.arrivals + 2,
    inputLengths: own.inputLengths + 2,
    outputLengths: own.outputLengths + 2,
    prompts: own.prompts + 2,
    conversations: own.conversations + 2,
  })
  expect({ ...third, seeds: own }).toEqual(profile)
  expect(profileOfBlock(profile, 0)).toEqual(profile)
})

describe('a comparison of a given number of runs', () => {
  test('measures every side once in every block, rests between runs, and looks from the second block on', async () => {
    const { reason, asked, rests, looks, manifest, nowS } = await measureVirtually({
      head: headOf(['a', 'b', 'c'], { runs: 4, mostRuns: 4, looks: [4] }),
      // A verdict before the last planned look must end nothing.
      verdict: () => 'better',
    })
    expect(reason).toBe('complete')
    expect(asked.map((u) => u.block)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
    for (const block of [0, 1, 2, 3]) {
      const order = asked.filter((u) => u.block === block).map((u) => u.side)
      expect(order).toEqual(orderOf(block, 3, 1))
    }
    expect(asked[0]?.folder).toBe(`${['a', 'b', 'c'][asked[0]?.side ?? 0]}-1`)
    expect(rests).toEqual(Array.from({ length: 11 }, () => 2))
    expect(looks).toEqual([2, 3, 4])
    expect(manifest.spentS).toBe(nowS)
    expect(manifest.runs.map((r) => r.position)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
  })

  test('writes after every run', async () => {
    const { written } = await measureVirtually({
      head: headOf(['a', 'b'], { runs: 2, mostRuns: 2, looks: [2] }),
    })
    expect([...new Set(written.map((m) => m.runs.length))]).toEqual([0, 1, 2, 3, 4])
    expect(written.at(-1)?.stopReason).toBe('complete')
    expect(written.slice(0, -1).every((m) => m.stopReason === undefined)).toBe(true)
  })
})

describe('a comparison that goes on until it is decided', () => {
  const head = headOf(['a', 'b'], { runs: 3, mostRuns: 12, looks: [3, 6, 9, 12] })

  test.each([
    // What is decided after four blocks is looked at after six.
    { decidedFrom: 4, blocks: 6, reason: 'decided' },
    { decidedFrom: 3, blocks: 3, reason: 'decided' },
    { decidedFrom: 2, blocks: 3, reason: 'decided' },
    // The last look is the end anyway.
    { decidedFrom: 12, blocks: 12, reason: 'complete' },
    { decidedFrom: 99, blocks: 12, reason: 'complete' },
  ])(
    'ends at the planned look after $decidedFrom blocks: $blocks, $reason',
    async ({ decidedFrom, ...expected }) => {
      const { reason, asked } = await measureVirtually({
        head,
        verdict: (blocks) => (blocks >= decidedFrom ? 'equivalent' : 'not-shown'),
      })
      expect({ blocks: asked.length / 2, reason }).toEqual(expected)
    },
  )

  test('a budget begins no block that would end later', async () => {
    // A block takes 10 + 2 + 10 s, and 2 s more from the second on.
    const { reason, asked, nowS } = await measureVirtually({
      head: headOf(['a', 'b'], { mostRuns: 12, looks: [12], budgetS: 100 }),
    })
    expect(reason).toBe('budget')
    expect(asked).toHaveLength(8)
    expect(nowS).toBeLessThanOrEqual(100)
  })

  test('a budget too small for one block still measures one', async () => {
    const { reason, asked } = await measureVirtually({ head: headOf(['a', 'b'], { budgetS: 1 }) })
    expect([reason, asked.length]).toEqual(['budget', 2])
  })

  test('is decided only where every gated figure of every pair is, and there is one', () => {
    expect(isDecided(findingsWith('better', 'equivalent'))).toBe(true)
    expect(isDecided(findingsWith('better', 'not-shown'))).toBe(false)
    expect(isDecided(findingsWith())).toBe(false)
    expect(isDecided({ ...findingsWith('better'), comparable: false })).toBe(false)
  })

  test('looks at most four times, first and last where they were asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 2, max: 60 }), (first, most) => {
        const looks = looksOf(first, most)
        expect(looks.at(-1)).toBe(most)
        expect(looks[0]).toBe(Math.min(first, most))
        expect(looks.length).toBeLessThanOrEqual(4)
        expect([...new Set(looks)].sort((a, b) => a - b)).toEqual(looks)
      }),
    )
    expect(looksOf(5, 20)).toEqual([5, 10, 15, 20])
  })
})

describe('a comparison that ended early', () => {
  const head = headOf(['a', 'b'], { runs: 3, mostRuns: 3, looks: [3] })
  const whole = async () => (await measureVirtually({ head })).asked

  test.each([
    { last: 'interrupted', reason: 'interrupted' },
    { last: 'killed', reason: 'interrupted' },
    { last: 'target-lost', reason: 'target-lost' },
    { last: 'budget', reason: 'budget' },
  ] as const)('does not count a run that was cut short: $last', async ({ last, reason }) => {
    const first = await measureVirtually({ head, end: (nth) => (nth === 3 ? last : 'plan-complete') })
    expect(first.reason).toBe(reason)
    expect(first.manifest.runs).toHaveLength(3)
    expect(first.manifest.stopReason).toBe(reason)
  })

  test.each([1, 2, 3, 4, 5])(
    'goes on where it ended after %i runs, in the same order, and repeats none',
    async (interruptAfter) => {
      const first = await measureVirtually({ head, interruptAfter })
      expect(first.reason).toBe('interrupted')
      expect(first.manifest.runs).toHaveLength(interruptAfter)
      const second = await measureVirtually({ head, before: first.manifest })
      expect(second.reason).toBe('complete')
      expect([...first.asked, ...second.asked]).toEqual(await whole())
      expect(second.manifest.spentS).toBeGreaterThan(first.manifest.spentS)
      expect(second.manifest.startedAtUtc).toBe(first.manifest.startedAtUtc)
      expect(second.manifest.runs).toHaveLength(6)
    },
  )

  test('keeps what is known of the sides', async () => {
    const first = await measureVirtually({ head, interruptAfter: 1 })
    const connect = { attempts: 5, dnsMs: null, tcpMs: 0.1, tlsMs: null }
    const sides = first.manifest.sides.map((side) => ({ ...side, connect }))
    const second = await measureVirtually({ head, before: { ...first.manifest, sides } })
    expect(second.manifest.sides.map((s) => s.connect)).toEqual([connect, connect])
  })
})

describe('a run that is INVALID', () => {
  const head = headOf(['a', 'b'], { runs: 3, mostRuns: 3, looks: [3] })

  test('is measured once more, with the workload of its block', async () => {
    const { repeated, notes, asked, manifest } = await measureVirtually({ head, invalid: (nth) => nth === 2 })
    expect(asked).toHaveLength(7)
    expect(asked[3]).toEqual(asked[2])
    expect(repeated).toEqual([asked[2]?.folder])
    expect(notes).toEqual([`${asked[2]?.folder} is INVALID (generator-late): it is measured once more`])
    expect(manifest.runs).toHaveLength(6)
  })

  test('and INVALID again stays so; after two of those in a row none is repeated any more', async () => {
    const always = await measureVirtually({ head, invalid: () => true })
    expect([always.asked.length, always.repeated.length]).toEqual([8, 2])
    expect(always.manifest.runs).toHaveLength(6)
    // The first try of each run is INVALID, and the second of every other run.
    const nowAndThen = await measureVirtually({ head, invalid: (nth) => nth % 4 !== 3 })
    expect(nowAndThen.repeated).toHaveLength(6)
  })

  test('that was cut short is not repeated', async () => {
    const { repeated, reason } = await measureVirtually({
      head,
      invalid: () => true,
      end: () => 'target-lost',
    })
    expect([repeated, reason]).toEqual([[], 'target-lost'])
  })
})
