import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TuneTrial } from '../../src/record/index.js'
import { renderSvg } from '../../src/report/render-svg.js'
import { frontierOf, limitOf } from '../../src/report/tune/charts/frontier.js'
import { binsOf, mapOf, tuneMapChart } from '../../src/report/tune/charts/map.js'
import { roundStarts, searchChart } from '../../src/report/tune/charts/search.js'
import { rowName, viewOf } from '../../src/report/tune/view.js'
import { duration } from '../../src/report/tune/words.js'
import { tuned, tuneInput, undecided } from './tune-fixture.js'

const labels = (svg: string): string[] => [...svg.matchAll(/aria-label="([^"]*)"/g)].map((m) => m[1] ?? '')

const latency = {
  metric: 'ttft' as const,
  name: 'TTFT',
  read: (t: TuneTrial) => t.figures.ttftP99Ms,
}

const [some] = tuned().trials
const trialOf = (p99: number, goodputPerS: number): TuneTrial => {
  if (some === undefined) throw new Error('no trial')
  return { ...some, figures: { ...some.figures, ttftP99Ms: p99, goodputPerS } }
}

describe('the map of settings and loads', () => {
  const loads = fc.array(fc.double({ min: 0.01, max: 1e4, noNaN: true }), { maxLength: 60 })

  test('every load is in one column, in order, and there are no more columns than asked for', () => {
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 12 }), (given, most) => {
        const bins = binsOf(given, most)
        expect(bins.length).toBeLessThanOrEqual(most)
        expect(bins.flat()).toEqual([...new Set(given)].toSorted((a, b) => a - b))
      }),
    )
  })

  test('as many loads as columns are left as they are', () => {
    expect(binsOf([4, 1, 2, 2], 3)).toEqual([[1], [2], [4]])
    expect(binsOf([1, 10, 10.5, 30], 3)).toEqual([[1], [10, 10.5], [30]])
  })

  test('every setting that was started has a lane, by its value, the failed one with its cause', () => {
    const map = mapOf(viewOf(tuneInput()), false)
    expect(map.lanes).toEqual(['16', '32', '48', '64', '96', '256 (default)', '512'])
    expect(map.failed).toEqual([{ lane: '512', cause: 'out-of-memory' }])
    const at = map.cells.find((c) => c.lane === '48' && c.column === '10.2–10.5')
    expect(at?.verdicts).toEqual(['undecided'])
  })

  test('says every trial’s figures and verdict in the marks’ labels, wide and narrow', async () => {
    const view = viewOf(tuneInput())
    for (const narrow of [false, true]) {
      const said = labels(await renderSvg(tuneMapChart(view, narrow))).join('\n')
      for (const { load, setting } of view.tune.trials) {
        const name = view.tune.settings.find((s) => s.id === setting)
        expect(said).toMatch(
          new RegExp(
            `^${name && rowName(view.tune, name).replace(/[()]/g, '\\$&')}\\..*${load.value} requests/s: `,
            'm',
          ),
        )
      }
    }
  })
})

describe('the frontier', () => {
  test('holds exactly the trials than which none has more goodput at no higher p99', () => {
    const trial = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 30 }))
    fc.assert(
      fc.property(fc.array(trial, { maxLength: 25 }), (points) => {
        const got = frontierOf(
          points.map(([p99, good]) => trialOf(p99, good)),
          latency,
        )
        const beaten = ([p, g]: readonly [number, number]): boolean =>
          points.some(([q, h]) => q <= p && h >= g && (q < p || h > g))
        const expected = new Set(points.filter((p) => !beaten(p)).map(([p, g]) => `${p} ${g}`))
        expect(new Set(got.map((t) => `${t.figures.ttftP99Ms} ${t.figures.goodputPerS}`))).toEqual(expected)
        expect(got).toHaveLength(expected.size)
      }),
    )
  })

  test.each([
    [['ttft p99 <= 800 ms'], 800],
    [['ttft p99 <= 2 s', 'ttft p99 <= 900 ms'], 900],
    [['ttft p95 <= 800 ms', 'errorRate <= 1 %', 'nonsense'], null],
  ])('draws of the objectives %j the limit %s', (objectives, limit) => {
    expect(limitOf({ ...tuned(), objectives }, latency)).toBe(limit)
  })
})

describe('the course of the search', () => {
  test('parts begin with the start before their first trial', () => {
    const tune = tuned()
    const starts = roundStarts(tune)
    expect(starts.map((s) => s.name)).toEqual(['diagnosis', 'race', 'neighbours', 'confirmation'])
    expect(starts[0]?.atS).toBe(0)
    const confirm = tune.trials.find((t) => t.purpose === 'confirm')
    expect(starts[3]?.atS).toBeLessThan(confirm?.atS ?? 0)
  })

  test('has a bar for every start and every trial, in lanes by setting', async () => {
    for (const tune of [tuned(), undecided()]) {
      const said = labels(await renderSvg(searchChart(viewOf(tuneInput(tune)), false)))
      const starts = tune.settings.flatMap((s) => s.starts)
      expect(said).toHaveLength(tune.trials.length + starts.length)
      expect(said.filter((l) => l.includes('did not start'))).toHaveLength(1)
    }
  })
})

test('settings of a search are named by their values, the default by that', () => {
  const tune = undecided()
  expect(tune.settings.slice(0, 3).map((s) => rowName(tune, s))).toEqual([
    'default',
    '16 · 8192',
    '32 · 2048',
  ])
})

test.each([
  [85, '85 s'],
  [750, '12.5 min'],
  [9000, '2.5 h'],
  [null, '–'],
])('%s seconds are told as %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words)
})
