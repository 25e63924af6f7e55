import { expect, test } from 'vitest'
import { between } from '../../bench/lib/docs.mjs'

const PAGE = `before
<!-- bench:quiet -->

old
<!-- /bench:quiet -->
between
<!-- bench:neighbour -->
kept
<!-- /bench:neighbour -->
after
`

test('only what stands between the two marks is replaced', () => {
  expect(between(PAGE, 'quiet', 'new')).toBe(PAGE.replace('\nold\n', '\nnew\n\n'))
})

test('replacing twice changes nothing the second time', () => {
  const once = between(PAGE, 'neighbour', 'new')
  expect(between(once, 'neighbour', 'new')).toBe(once)
})

test('a page without the marks is left alone, loudly', () => {
  expect(() => between('nothing here', 'quiet', 'new')).toThrow('bench:quiet')
  expect(() => between('<!-- bench:quiet --> without an end', 'quiet', 'new')).toThrow('bench:quiet')
})
