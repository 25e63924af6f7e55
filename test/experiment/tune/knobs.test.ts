import { describe, expect, test } from 'vitest'
import { UsageError } from '../../../src/base/index.js'
import {
  alongKnob,
  gridOf,
  knobsOf,
  neighboursOf,
  parseVariations,
  settingHash,
} from '../../../src/experiment/tune/knobs.js'
import { heldOf, inversion, nextLoad } from '../../../src/experiment/tune/ladder.js'
import { pasteOf } from '../../../src/experiment/tune/paste.js'

describe('--vary', () => {
  test.each([
    ['max-num-seqs=16..256', 'maxNumSeqs', [16, 32, 64, 128, 256]],
    ['--max-num-seqs=16..100', 'maxNumSeqs', [16, 32, 64, 100]],
    ['maxNumSeqs=64,16,64', 'maxNumSeqs', [16, 64]],
    ['engine.maxNumSeqs=8', 'maxNumSeqs', [8]],
    ['kv-cache-dtype=auto,fp8', 'kvCacheDtype', ['auto', 'fp8']],
    ['enable-prefix-caching=true,false', 'enablePrefixCaching', [true, false]],
    ['gpu-memory-utilization=0.8,0.9', 'gpuMemoryUtilization', [0.8, 0.9]],
  ])('%s', (text, name, values) => {
    expect(parseVariations([text])).toEqual([expect.objectContaining({ name, values })])
  })

  test('every problem is told at once', () => {
    const tell = () => parseVariations(['max-num-seqs', 'a=', 'b=9..3', 'c=1', 'c=2'])
    expect(tell).toThrow(UsageError)
    try {
      tell()
    } catch (thrown) {
      expect((thrown as UsageError).problems.map((p) => p.place)).toEqual([
        '--vary max-num-seqs',
        '--vary a=',
        '--vary b=9..3',
        '--vary c=2',
      ])
    }
  })
})

describe('settings', () => {
  const knobs = knobsOf(parseVariations(['max-num-seqs=16..64', 'max-num-batched-tokens=512,2048']), {
    maxNumSeqs: 256,
  })

  test('the engine’s own value is tried too', () => {
    expect(knobs[0]?.values).toEqual([16, 32, 64, 256])
    expect(gridOf(knobs)).toHaveLength(8)
  })

  test('neighbours differ by a step, nearest first', () => {
    const near = neighboursOf({ maxNumSeqs: 64, maxNumBatchedTokens: 512 }, knobs)
    expect(near).toHaveLength(5)
    expect(near[0]).toEqual({ maxNumSeqs: 64, maxNumBatchedTokens: 2048 })
  })

  test('along a knob all others stay', () => {
    const [knob] = knobs
    if (knob === undefined) throw new Error('no knob')
    expect(alongKnob({ maxNumSeqs: 256, maxNumBatchedTokens: 512 }, knob).map((s) => s.maxNumSeqs)).toEqual([
      64, 32, 16,
    ])
  })

  test('a hash does not depend on the order of names', () => {
    expect(settingHash({ a: 1, b: { c: 2, d: 3 } })).toBe(settingHash({ b: { d: 3, c: 2 }, a: 1 }))
    expect(settingHash({ a: 1 })).not.toBe(settingHash({ a: 2 }))
  })

  test('is pasted as flags, for compose and for Helm', () => {
    const paste = pasteOf({ maxNumSeqs: 64, enablePrefixCaching: false }, knobs, { kind: 'vllm', model: 'm' })
    expect(paste?.flags).toBe('--max-num-seqs 64 --no-enable-prefix-caching')
    expect(paste?.compose).toContain('  vllm:\n    command:')
    expect(paste?.helm).toContain('- "--max-num-seqs"\n  - "64"')
  })
})

describe('the ladder of loads', () => {
  const state = (value: number, leans: boolean, verdict: 'pass' | 'fail' | 'undecided' = 'undecided') => ({
    load: { kind: 'open' as const, value },
    ...{ leans, verdict, strain: leans ? 0 : 8, trials: [] },
  })
  const options = { kind: 'open', start: 4, within: 1.06 } as const

  test.each([
    ['nothing known: the first load', [], 4],
    ['it holds: upwards', [state(4, true)], 6],
    ['it does not: downwards', [state(4, false)], 2.67],
    ['it nearly does: a step downwards', [{ ...state(4, false), strain: 2 }], 3.57],
    ['both: the middle', [state(4, true), state(6, false)], 4.9],
    ['near enough', [state(4, true), state(4.2, false)], undefined],
    ['nothing holds, however little', [state(0.06, false)], undefined],
  ])('%s', (_, states, next) => {
    expect(nextLoad(states, options)).toBe(next)
  })

  test('a load that holds above one that does not is recognised', () => {
    const states = [
      state(2, true, 'pass'),
      state(4, false, 'fail'),
      state(5, true, 'pass'),
      state(8, false, 'fail'),
    ]
    expect(inversion(states)?.low.load.value).toBe(4)
    expect(inversion(states)?.high.load.value).toBe(5)
    expect(heldOf(states, 'open')).toMatchObject({ holds: 2, nonMonotone: true })
    expect(inversion([state(2, true), state(4, false)])).toBeUndefined()
  })

  test('what is shown is kept apart from what is guessed', () => {
    const states = [state(2, true, 'pass'), state(3, true), state(4, false), state(6, false, 'fail')]
    expect(heldOf(states, 'open')).toMatchObject({ holds: 3, pass: 2, fail: 6, undecided: [3, 4] })
  })
})
