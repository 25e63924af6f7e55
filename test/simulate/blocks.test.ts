import { expect, test } from 'vitest'
import { BlockPool } from '../../src/simulate/blocks.js'

test('block 0 is reserved and the rest is handed out in order', () => {
  const pool = new BlockPool(4)
  expect(pool.usable).toBe(3)
  expect(pool.take(3)).toEqual([1, 2, 3])
  expect(pool.usage).toBe(1)
  expect(() => pool.take(1)).toThrow(RangeError)
})

test('blocks without cached content are reused first, cached ones last and the end of a sequence before its start', () => {
  const pool = new BlockPool(6)
  const [a = 0, b = 0, c = 0] = pool.take(3)
  pool.cache(a, 11)
  pool.cache(b, 12)
  pool.release([a, b, c])
  // c is unhashed: head. 4 and 5 were never used. b, then a, at the tail.
  expect(pool.freeOrder()).toEqual([c, 4, 5, b, a])
})

test('a freed block stays hittable until it is handed out again', () => {
  const pool = new BlockPool(4)
  const [a = 0, b = 0] = pool.take(2)
  pool.cache(a, 11)
  pool.cache(b, 12)
  pool.release([a, b])
  expect(pool.lookup([11, 12, 13], 9)).toEqual([a, b])
  expect(pool.lookup([11, 12], 1)).toEqual([a])
  expect(pool.lookup([12, 11], 9)).toEqual([b, a])
  pool.take(2)
  expect(pool.lookup([11, 12], 9)).toEqual([a])
})

test('touching a free cached block takes it out of the free list; a second reader shares it', () => {
  const pool = new BlockPool(4)
  const [a = 0] = pool.take(1)
  pool.cache(a, 11)
  pool.release([a])
  expect(pool.idleAmong([a])).toBe(1)
  pool.touch([a])
  pool.touch([a])
  expect([pool.free, pool.idleAmong([a])]).toEqual([2, 0])
  pool.release([a])
  expect(pool.free).toBe(2)
  pool.release([a])
  expect(pool.free).toBe(3)
})

test('two blocks with the same content: when one is reused the other is still found', () => {
  const pool = new BlockPool(4)
  const [a = 0, b = 0] = pool.take(2)
  pool.cache(a, 11)
  pool.cache(b, 11)
  pool.release([a])
  pool.take(2)
  expect(pool.lookup([11], 9)).toEqual([b])
})
