import { expect, test } from 'vitest'
import { radixSort } from '../../src/analyse/stats/radix-sort.js'
import { createRandom } from '../../src/base/index.js'

const random = createRandom(5, 'sort')
const LENGTH = 40_000
const make = (value: (i: number) => number): Float64Array =>
  Float64Array.from({ length: LENGTH }, (_, i) => value(i))

const negativeNaN = new Float64Array(Uint32Array.of(0, 0xfff80000).buffer)[0] ?? 0
const odd = [
  0,
  -0,
  Number.NaN,
  negativeNaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MIN_VALUE,
]

test.each<[string, Float64Array]>([
  ['times in ms', make(() => Math.floor(1e8 * random.uniform()) / 1e6)],
  ['both signs, all magnitudes', make(() => random.normal() * 10 ** random.integer(-300, 300))],
  ['few values, many times', make(() => random.integer(-3, 3))],
  ['one value', make(() => 12.5)],
  ['already in order', make((i) => i)],
  ['in reverse', make((i) => -i)],
  ['zeros of both signs, infinities and NaN', make((i) => odd[i % odd.length] ?? 0)],
  ['too few to count', Float64Array.of(3, -1, Number.NaN, 2)],
])('sorts %s as the built-in sort does', (_, values) => {
  const want = Array.from(values.slice().sort())
  expect(Array.from(radixSort(values))).toEqual(want)
})

test('sorts a view and leaves what is beside it', () => {
  const all = make(() => random.uniform())
  const [first, last] = [all[0], all.at(-1)]
  const want = all.slice(1, -1).sort()
  radixSort(all.subarray(1, -1))
  expect(all.subarray(1, -1)).toEqual(want)
  expect([all[0], all.at(-1)]).toEqual([first, last])
})
