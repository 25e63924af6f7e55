import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Chunks } from '../../src/analyse/chunks.js'
import { IndexSet } from '../../src/analyse/index-set.js'
import { allRows, mapRows, rowsByIndex, sortRows } from '../../src/analyse/rows.js'

describe('rows', () => {
  test('are sorted as by a comparator on both keys', () => {
    const few = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true }))
    fc.assert(
      fc.property(fc.array(fc.tuple(few, few)), (cells) => {
        const keys = Float64Array.from(cells, ([key]) => key)
        const ties = Float64Array.from(cells, ([, tie]) => tie)
        const rows = allRows(cells.length)
        const sorted = sortRows(rows, keys, ties)
        const want = cells
          .map((cell, row) => ({ cell, row }))
          .sort((a, b) => {
            const [[key = 0, tie = 0], [otherKey = 0, otherTie = 0]] = [a.cell, b.cell]
            if (key !== otherKey) return key < otherKey ? -1 : 1
            return tie < otherTie ? -1 : tie > otherTie ? 1 : 0
          })
        expect([...sorted]).toEqual(want.map(({ row }) => row))
        expect([...rows]).toEqual(cells.map((_, row) => row))
      }),
    )
  })

  test.each<[string, fc.Arbitrary<number>]>([
    ['dense', fc.nat({ max: 30 })],
    ['sparse', fc.nat()],
    ['no place in a plan', fc.oneof(fc.nat({ max: 9 }), fc.constantFrom(-1, 0.5, 1e300))],
  ])('come in the order of their index where it is %s', (_, index) => {
    fc.assert(
      fc.property(fc.uniqueArray(index), (indices) => {
        const rows = rowsByIndex(Float64Array.from(indices))
        expect(Array.from(rows, (row) => indices[row])).toEqual(indices.toSorted((a, b) => a - b))
      }),
    )
  })

  test('nearly in order are sorted across stretches that are copied', () => {
    const keys = Float64Array.from({ length: 5000 }, (_, i) => (i % 997 === 0 ? i - 300.5 : i))
    const want = Array.from(keys.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0))
    expect([...sortRows(allRows(5000), keys, keys)]).toEqual(want)
  })

  test('of a subset keep to it', () => {
    const keys = Float64Array.of(5, 4, 3, 2, 1)
    expect([...sortRows(Int32Array.of(0, 2, 4), keys, keys)]).toEqual([4, 2, 0])
    expect([...mapRows(Int32Array.of(4, 0), (row) => keys[row] ?? 0)]).toEqual([1, 5])
  })
})

test('a set of indices tells what is new, as a Set does, of numbers that are no index too', () => {
  const index = fc.oneof(
    fc.nat({ max: 40 }),
    fc.nat({ max: 2 ** 27 }),
    fc.constantFrom(-1, 0.5, 2 ** 26, 2 ** 40, Number.NaN, Number.POSITIVE_INFINITY),
  )
  fc.assert(
    fc.property(fc.array(index), (indices) => {
      const known = new Set<number>()
      const set = new IndexSet()
      for (const i of indices) {
        expect(set.add(i), `${i} of ${indices}`).toBe(!known.has(i))
        known.add(i)
      }
    }),
  )
})

describe('chunks', () => {
  const visited = (pairs: readonly number[], total: number) => {
    const chunks = new Chunks()
    chunks.pushRow([1, 1])
    chunks.pushRow(pairs)
    chunks.pushRow([])
    const seen: number[][] = []
    chunks.visit(1, 1000, total, (...chunk) => seen.push(chunk))
    return { seen, count: chunks.count(1), gaps: chunks.gapsMs(1), after: chunks.count(2) }
  }

  test('have their stamps added up from the start given, and gaps from the second on', () => {
    const { seen, count, gaps, after } = visited([50, 1, 2e6, 3, 0, 2], 6)
    expect(seen).toEqual([
      [1050, 1, Number.NaN],
      [2_001_050, 3, 2e6],
      [2_001_050, 2, 0],
    ])
    expect([count, after]).toEqual([3, 0])
    expect(gaps).toEqual([2, 0])
  })

  test.each<[string, number[], number, number[]]>([
    ['an untold count is what the total leaves', [1, 2, 1, -1], 7, [2, 5]],
    ['several share it evenly', [1, -1, 1, 3, 1, -1], 8, [2.5, 3, 2.5]],
    ['a total below what was told leaves nothing', [1, 4, 1, -1], 3, [4, 0]],
    ['without a total each counts as one', [1, -1, 1, -1], Number.NaN, [1, 1]],
  ])('%s', (_, pairs, total, want) => {
    expect(visited(pairs, total).seen.map(([, tokens]) => tokens)).toEqual(want)
  })
})
