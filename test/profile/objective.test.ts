import { describe, expect, test } from 'vitest'
import { parseObjective } from '../../src/profile/objective.js'

describe('an objective is read with its unit turned into the metric’s own', () => {
  test.each([
    [
      'ttft p99 <= 500 ms',
      { metric: 'ttft', statistic: 'p99', quantile: 0.99, comparison: '<=', limit: 500, unit: 'ms' },
    ],
    [
      '  ttft   p99.9<0.5s ',
      { metric: 'ttft', statistic: 'p99.9', quantile: 0.999, limit: 500, text: 'ttft p99.9<0.5s' },
    ],
    ['tpot mean <= 800 us', { metric: 'tpot', statistic: 'mean', quantile: null, limit: 0.8 }],
    ['perStreamTokensPerS p50 >= 20', { kind: 'metric', comparison: '>=', limit: 20, unit: 'tokens/s' }],
    ['maxStall max <= 2 s', { metric: 'maxStall', statistic: 'max', limit: 2000 }],
    ['errorRate <= 1 %', { kind: 'rate', metric: 'errorRate', limit: 1, unit: '%' }],
    ['goodShare >= 95%', { kind: 'rate', limit: 95 }],
    ['outputTokensPerS > 1000 tok/s', { kind: 'rate', comparison: '>=', limit: 1000, unit: 'tokens/s' }],
  ])('%s', (text, want) => {
    expect(parseObjective(text)).toMatchObject(want)
  })
})

describe('what cannot be read is answered with the way out', () => {
  test.each([
    ['tfft p99 <= 5 ms', 'unknown metric "tfft"; did you mean "ttft"?'],
    ['errorrate <= 1 %', 'unknown metric "errorrate"; did you mean "errorRate"?'],
    ['ttft p99 <= 5 tokens', 'ttft is measured in ms; got the unit "tokens"'],
    ['ttft p99 <= 5 furlongs', 'ttft is measured in ms; got the unit "furlongs"'],
    ['ttft <= 5 ms', 'got none'],
    ['ttft p100 <= 5 ms', 'got "p100"'],
    ['ttft median <= 5 ms', 'got "median"'],
    ['errorRate p99 <= 1 %', 'takes no statistic; got "p99"'],
    ['fast please', 'expected METRIC STATISTIC <= LIMIT UNIT'],
    ['ttft p99 == 5 ms', 'expected METRIC STATISTIC'],
  ])('%s', (text, message) => {
    expect(parseObjective(text)).toEqual(expect.stringContaining(message))
  })
})
