import { describe, expect, test } from 'vitest'
import { changeWords, intervalWords, listed, pWords } from '../../../src/analyse/comparison/words.js'

describe('a change in words', () => {
  test.each([
    [1.083, 'ratio', '8.3 % higher'],
    [0.9, 'ratio', '10 % lower'],
    [1, 'ratio', 'the same'],
    [1.00001, 'ratio', 'the same'],
    [4.5, 'ratio', '4.5 times as high'],
    [0.01, 'difference', '1 point higher'],
    [-0.025, 'difference', '2.5 points lower'],
    [0, 'difference', 'the same'],
  ] as const)('%f as a %s', (value, scale, words) => {
    expect(changeWords(value, scale)).toBe(words)
  })

  test.each([
    [0.98, 1.085, 'ratio', ' (95 % interval: 2 % lower to 8.5 % higher)'],
    [1.03, 1.085, 'ratio', ' (95 % interval: 3 to 8.5 % higher)'],
    [0.8, 0.9, 'ratio', ' (95 % interval: 10 to 20 % lower)'],
    [1, 1.05, 'ratio', ' (95 % interval: the same to 5 % higher)'],
    [1.2, 7, 'ratio', ' (95 % interval: 20 % higher to 7 times as high)'],
    [-0.01, 0.02, 'difference', ' (95 % interval: 1 point lower to 2 points higher)'],
  ] as const)('with an interval from %f to %f', (low, high, scale, words) => {
    expect(intervalWords({ value: 1, low, high }, scale, 0.05)).toBe(words)
  })

  test('names the level of a look', () => {
    expect(intervalWords({ value: 1, low: 0.9, high: 1.1 }, 'ratio', 0.0174)).toContain('98.3 % interval')
  })

  test('without an interval says nothing of one', () => {
    expect(intervalWords({ value: 2, low: null, high: null }, 'ratio', 0.05)).toBe('')
  })
})

test('small p are not spelt out', () => {
  expect([pWords(0.00001), pWords(0.0432)]).toEqual(['p < 0.001', 'p = 0.0432'])
})

test('lists end in an and', () => {
  expect([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ])
})
