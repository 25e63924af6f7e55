import { describe, expect, test } from 'vitest'
import type { Quantile } from '../../src/analyse/index.js'
import {
  atDimension,
  interval,
  ms,
  percent,
  quantile,
  sentence,
  shorten,
  signedPercent,
} from '../../src/report/format.js'

const q = (value: number, low: number | null, high: number | null): Quantile => ({
  value,
  low,
  high,
  method: 'order-statistics',
  effectiveN: 1000,
  firmness: 'fair',
})

describe('format', () => {
  test.each([
    [0.4, '0.4 ms'],
    [412.4, '412 ms'],
    [1240, '1.24 s'],
    [null, '–'],
  ])('%s milliseconds read %s', (value, text) => expect(ms(value)).toBe(text))

  test.each([
    ['bounded on both sides', q(412, 390, 450), '412 ms (390–450 ms)'],
    ['across a unit', q(990, 900, 1100), '990 ms (900 ms – 1.1 s)'],
    ['without an upper bound: the value is not printed', q(2000, 390, null), '≥ 390 ms'],
    ['without a lower bound', q(2, null, 9), '≤ 9 ms'],
    ['without any bound', q(2, null, null), '–'],
    ['absent', null, '–'],
  ])('a quantile %s', (_, value, text) => expect(quantile(value, 'ms')).toBe(text))

  test('an interval names its unit once', () => {
    expect(interval(1.5, 2.5, 'tokens/s')).toBe('1.5–2.5 tokens/s')
  })

  test('shares and changes', () => {
    expect([
      percent(0.982),
      percent(0.0004),
      signedPercent(-0.5),
      signedPercent(0.031),
      signedPercent(null),
    ]).toEqual(['98.2 %', '0.04 %', '−50 %', '+3.1 %', '–'])
  })

  test.each([
    ['concurrency', 1, '1 request in flight'],
    ['load.concurrency', 32, '32 requests in flight'],
    ['engine.maxNumSeqs', 8, 'max_num_seqs 8'],
    ['somethingNew', 3, 'somethingNew 3'],
  ])('%s = %d reads %s', (dimension, value, text) => expect(atDimension(dimension, value)).toBe(text))

  test.each([
    ['the cache is full', 'The cache is full.'],
    ['max_num_seqs was reached.', 'max_num_seqs was reached.'],
    ['0.07 preemptions', '0.07 preemptions.'],
    ['', ''],
  ])('%j as a sentence', (text, shown) => expect(sentence(text)).toBe(shown))

  test('a label is cut to its room', () => {
    expect([shorten('abcdef', 6), shorten('abcdefg', 6)]).toEqual(['abcdef', 'abcde…'])
  })
})
