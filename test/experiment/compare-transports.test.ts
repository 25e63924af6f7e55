import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { costOf, figuresOf, quantilesOf } from '../../src/experiment/compare-transports/figures.js'
import type { Turn } from '../../src/experiment/compare-transports/turn.js'

const turn = (
  cpuPerTokenNs: number | null,
  ttftNs: readonly number[],
  latenessNs: readonly number[] | null,
): Turn => ({
  requests: ttftNs.length + 1,
  failed: 1,
  cpuPerTokenNs,
  cpuShare: 0.25,
  ttftNs,
  gapNs: [20, 30],
  latenessNs,
})

describe('figures', () => {
  test('take the turns of a transport together', () => {
    const figures = figuresOf({ transport: 'sdk', streams: 50 }, [
      turn(60, [100, 300], [5]),
      turn(40, [200, 400], [7]),
      turn(null, [], null),
      turn(90, [500], [9]),
    ])
    expect(figures).toEqual({
      transport: 'sdk',
      streams: 50,
      turns: 4,
      requests: 9,
      failed: 4,
      cpuPerTokenNs: { median: 60, least: 40, most: 90 },
      cpuShare: 0.25,
      ttftNs: { n: 5, p50: 300, p99: 500 },
      gapNs: { n: 8, p50: 20, p99: 30 },
      latenessNs: { n: 3, p50: 7, p99: 9 },
    })
  })

  test('an even number of turns has its median in the middle', () => {
    const { cpuPerTokenNs } = figuresOf({ transport: 'undici', streams: 1 }, [
      turn(10, [], null),
      turn(30, [], null),
    ])
    expect(cpuPerTokenNs).toEqual({ median: 20, least: 10, most: 30 })
  })

  test('what one costs beyond another is their difference, and nothing where one has no figure', () => {
    const sdk = figuresOf({ transport: 'sdk', streams: 50 }, [turn(60, [100, 300], null)])
    const raw = figuresOf({ transport: 'undici', streams: 50 }, [turn(25, [90, 350], null)])
    expect(costOf(sdk, raw)).toEqual({
      streams: 50,
      of: 'sdk',
      beyond: 'undici',
      cpuPerTokenNs: 35,
      ttftP50Ns: 10,
      ttftP99Ns: -50,
      gapP50Ns: 0,
      gapP99Ns: 0,
    })
    const nothing = figuresOf({ transport: 'undici', streams: 50 }, [])
    expect(costOf(sdk, nothing)).toMatchObject({ cpuPerTokenNs: null, ttftP50Ns: null, gapP99Ns: null })
  })

  test('quantiles are those of a slow count', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1 }), (values) => {
        const slow = (q: number): number | undefined =>
          values
            .toSorted((a, b) => a - b)
            .find((value) => values.filter((other) => other <= value).length >= q * values.length)
        expect(quantilesOf(values)).toEqual({ n: values.length, p50: slow(0.5), p99: slow(0.99) })
      }),
    )
    expect(quantilesOf([])).toBeNull()
  })
})
