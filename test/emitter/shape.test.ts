import { describe, expect, test } from 'vitest'
import { DEFAULT_SHAPE, type EmitterShape, resolveShape } from '../../src/emitter/shape.js'
import { createTimeline } from '../../src/emitter/timeline.js'

const dueMs = (shape: Partial<EmitterShape>, arrivalMs: number, packets: number, name = 'a'): number[] => {
  const next = createTimeline({ ...DEFAULT_SHAPE, ...shape }, arrivalMs * 1e6, name)
  return Array.from({ length: packets }, () => next() / 1e6)
}

describe('the timeline', () => {
  test.each<[string, Partial<EmitterShape>, number, number[]]>([
    ['counts from the arrival', { ttftMs: 200, gapMs: 20 }, 1007, [1207, 1227, 1247, 1267]],
    ['takes fractions of a millisecond', { ttftMs: 0.5, gapMs: 0.25 }, 1, [1.5, 1.75, 2, 2.25]],
    ['puts all events on one moment without a gap', { ttftMs: 3, gapMs: 0 }, 1, [4, 4, 4, 4]],
    [
      'sends a packet with its first event',
      { ttftMs: 10, gapMs: 5, eventsPerPacket: 3 },
      0,
      [10, 25, 40, 55],
    ],
    [
      'rounds up to the common grid',
      { ttftMs: 10, gapMs: 20, lockstep: true },
      1007,
      [1020, 1040, 1060, 1080],
    ],
    ['leaves what is on the grid', { ttftMs: 13, gapMs: 20, lockstep: true }, 1007, [1020, 1040, 1060, 1080]],
    [
      'takes the grid of one event for packets of two',
      { ttftMs: 0, gapMs: 20, lockstep: true, eventsPerPacket: 2 },
      1,
      [20, 60, 100, 140],
    ],
  ])('%s', (_, shape, arrivalMs, expected) => {
    expect(dueMs(shape, arrivalMs, expected.length)).toEqual(expected)
  })

  test('holds whole nanoseconds after a million events', () => {
    const next = createTimeline({ ...DEFAULT_SHAPE, ttftMs: 1, gapMs: 20.000001 }, 12_345_678_901_234, 'a')
    for (let i = 0; i < 1_000_000; i++) next()
    expect(next()).toBe(12_345_678_901_234 + 1_000_000 + 1_000_000 * 20_000_001)
  })

  test('jitter is the same for the same seed and request, and another otherwise', () => {
    const jitter = { jitter: 'exponential', seed: 7 } as const
    const first = dueMs(jitter, 1000, 20)
    expect(dueMs(jitter, 1000, 20)).toEqual(first)
    expect(dueMs({ ...jitter, seed: 8 }, 1000, 20)).not.toEqual(first)
    expect(dueMs(jitter, 1000, 20, 'b')).not.toEqual(first)
    expect(dueMs(jitter, 1500, 20).map((ms) => Math.round((ms - 500) * 1e6))).toEqual(
      first.map((ms) => Math.round(ms * 1e6)),
    )
  })

  test('jittered gaps are exponential around the gap asked for', () => {
    const due = dueMs({ jitter: 'exponential', seed: 3, gapMs: 20 }, 0, 20_001)
    const gaps = due.slice(1).map((ms, i) => ms - (due[i] ?? 0))
    expect(due[0]).toBe(DEFAULT_SHAPE.ttftMs)
    // Mean 20 ± 5 standard errors of 20/√20000; a share of 1/e lies above the mean.
    expect(Math.abs(gaps.reduce((a, b) => a + b) / gaps.length - 20)).toBeLessThan(0.71)
    expect(Math.abs(gaps.filter((gap) => gap > 20).length / gaps.length - Math.exp(-1))).toBeLessThan(0.018)
  })
})

describe('a shape', () => {
  test('takes from a request what it says and the rest from the defaults', () => {
    const { shape } = resolveShape(DEFAULT_SHAPE, { gapMs: 5, roleChunk: 'alone' }, 'emit')
    expect(shape).toEqual({ ...DEFAULT_SHAPE, gapMs: 5, roleChunk: 'alone' })
    expect(resolveShape(DEFAULT_SHAPE, undefined, 'emit').shape).toBe(DEFAULT_SHAPE)
  })

  test.each<[unknown, string[]]>([
    [[], ['emit']],
    ['fast', ['emit']],
    [{ gapMs: -1, ttftMs: '5', lockstep: 1 }, ['emit.gapMs', 'emit.ttftMs', 'emit.lockstep']],
    [{ gapMs: Number.NaN }, ['emit.gapMs']],
    [{ gap: 20 }, ['emit.gap']],
    [{ toString: 1 }, ['emit.toString']],
    [{ jitter: 'normal', roleChunk: 'never' }, ['emit.jitter', 'emit.roleChunk']],
    [
      { tokensPerChunk: 0, packetsPerEvent: 65, reasoning: 1.5 },
      ['emit.tokensPerChunk', 'emit.packetsPerEvent', 'emit.reasoning'],
    ],
    [{ eventsPerPacket: 2, packetsPerEvent: 2 }, ['emit.packetsPerEvent']],
    [{ lockstep: true, gapMs: 0 }, ['emit.gapMs']],
  ])('%j is refused with every problem in its place', (asked, places) => {
    const { problems } = resolveShape(DEFAULT_SHAPE, asked, 'emit')
    expect(problems?.map((problem) => problem.place)).toEqual(places)
  })
})
