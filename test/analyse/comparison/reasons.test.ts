import { describe, expect, test } from 'vitest'
import { reasonsBetween } from '../../../src/analyse/comparison/reasons.js'
import type { RunFigures, ServerFigures } from '../../../src/record/index.js'

const QUIET: ServerFigures = {
  runningMean: 8,
  runningMax: 8,
  waitingMean: 0,
  kvUsageMean: 0.2,
  kvUsageMax: 0.3,
  preemptionsPerRequest: 0,
  prefixHitShare: 0,
  queueMs: 1,
  prefillMs: 20,
  decodeMs: 500,
}

/** A run with what its engine told, at the points named. */
function run(
  points: readonly { at?: string; server?: Partial<ServerFigures>; ttftMs?: number }[],
): RunFigures {
  return {
    points: points.map(({ at = 'run', server, ttftMs }) => ({
      label: at,
      figures: ttftMs === undefined ? {} : { 'ttft.mean': { value: ttftMs, low: null, high: null } },
      ...(server && { server: { ...QUIET, ...server } }),
    })),
  } as unknown as RunFigures
}

const between = (a: readonly RunFigures[], b: readonly RunFigures[]): string =>
  reasonsBetween({ name: 'a', runs: a }, { name: 'b', runs: b }).join(' ')

describe('why two sides differ', () => {
  test('a queue before a cache that is not full is the batch limit’s', () => {
    const four = run([{ server: { runningMean: 4, runningMax: 4, waitingMean: 12, kvUsageMax: 0.11 } }])
    const all = run([{ server: { runningMean: 15.6, runningMax: 16 } }])
    const text = between([four], [all])
    expect(text).toContain('a let 12 requests wait on average while 4 ran at most')
    expect(text).toContain('no more than 11 % of its KV cache in use: its batch limit holds it back')
    expect(text).toContain('b let 0 wait while 16 ran at most')
    expect(text).toContain('16 streams shared a step on b and 4 on a')
  })

  test('a queue before a full cache is the cache’s, and so are preemptions', () => {
    const full = run([{ server: { waitingMean: 6, kvUsageMax: 1, preemptionsPerRequest: 0.41 } }])
    const text = between([run([{ server: {} }])], [full])
    expect(text).toContain('b let 6 requests wait')
    expect(text).toContain('KV cache full (100 %)')
    expect(text).toContain('b preempted 0.41 times per request')
    expect(text).not.toContain('batch limit')
  })

  test('the difference in TTFT is split by the engines’ own clocks', () => {
    const slow = run([{ server: { queueMs: 801, prefillMs: 30 }, ttftMs: 840 }])
    const fast = run([{ server: {}, ttftMs: 30 }])
    expect(between([slow], [fast])).toContain(
      'Of the 810 ms by which the mean TTFT of a is longer, the engines’ clocks count 800 ms as queue and 10 ms as prefill',
    )
  })

  test('prompts from the cache are told', () => {
    const text = between([run([{ server: {} }])], [run([{ server: { prefixHitShare: 0.8 } }])])
    expect(text).toContain('80 % of the prompt tokens of b came from its prefix cache, and 0 % of those of a')
  })

  test('of several points the one with the longest queue speaks, averaged over the runs', () => {
    const points = (waiting: number) => [
      { at: 'concurrency=1', server: {} },
      { at: 'concurrency=64', server: { waitingMean: waiting, kvUsageMax: 0.5 } },
    ]
    const [first, ...rest] = reasonsBetween(
      { name: 'a', runs: [run(points(10)), run(points(20))] },
      {
        name: 'b',
        runs: [
          run([
            { at: 'concurrency=1', server: {} },
            { at: 'concurrency=64', server: {} },
          ]),
        ],
      },
    )
    expect(first).toBe('At concurrency=64:')
    expect(rest.join(' ')).toContain('a let 15 requests wait')
  })

  test.each([
    ['the engines are alike', run([{ server: {} }]), run([{ server: {} }])],
    ['an engine tells nothing', run([{ server: { waitingMean: 50 } }]), run([{}])],
  ])('nothing is said where %s', (_, a, b) => {
    expect(between([a], [b])).toBe('')
  })
})
