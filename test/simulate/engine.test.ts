import { describe, expect, test } from 'vitest'
import { EngineStats } from '../../src/simulate/stats.js'
import { emissions, engineOf, requestOf, runToEnd } from './helpers.js'

describe('one token budget', () => {
  test('a long prompt is computed in chunks, decodes of earlier requests come first, a partial prefill emits nothing', () => {
    const engine = engineOf({ maxNumBatchedTokens: 8 })
    engine.add(requestOf('a', 3, 4), 0)
    engine.add(requestOf('b', 14, 2), 0)
    const steps = runToEnd(engine)
    // budget 8: a's 3 prompt tokens + 5 of b; a's decode + 7 of b; a's decode + the last 2 of b; both decode.
    expect(steps.map((s) => s.scheduledTokens)).toEqual([8, 8, 3, 2])
    expect(steps.map((s) => s.prefillTokens)).toEqual([8, 7, 2, 0])
    expect(steps.map(emissions)).toEqual(['a0', 'a1', 'a2 b0', 'a3 b1'])
  })

  test('the long-prefill threshold bounds one request, not the step', () => {
    const engine = engineOf({ longPrefillTokenThreshold: 4 })
    engine.add(requestOf('a', 10, 1), 0)
    engine.add(requestOf('b', 6, 1), 0)
    expect(runToEnd(engine).map((s) => s.scheduledTokens)).toEqual([8, 6, 2])
  })

  test('maxNumSeqs bounds the running requests and leaves the rest waiting in order', () => {
    const engine = engineOf({ maxNumSeqs: 2 })
    for (const id of ['a', 'b', 'c']) engine.add(requestOf(id, 2, 2), 0)
    const [first] = [engine.step(0)]
    expect(first?.admitted).toEqual(['a', 'b'])
    expect([engine.running, engine.waiting]).toEqual([2, 1])
    engine.step(1e6)
    expect(engine.step(2e6)?.admitted).toEqual(['c'])
  })
})

describe('preemption', () => {
  /** 4 usable blocks: a and b fill them with their 8-token prompts; the first decode of a needs a fifth. */
  const full = () => {
    const engine = engineOf({ numGpuBlocks: 5, maxModelLen: 16 })
    engine.add(requestOf('a', 8, 3), 0)
    engine.add(requestOf('b', 8, 3), 0)
    engine.add(requestOf('c', 2, 1), 0)
    return engine
  }

  test('the request admitted last is preempted, waits in front, and its tokens continue where they stopped', () => {
    const engine = full()
    const first = engine.step(0)
    expect(first?.admitted).toEqual(['a', 'b'])
    const second = engine.step(1e6)
    expect(second?.preempted).toEqual(['b'])
    expect(engine.scheduler.waiting.map((s) => s.id)).toEqual(['b', 'c'])
    const rest = runToEnd(engine)
    expect([first, second, ...rest].map((s) => (s ? emissions(s) : ''))).toEqual([
      'a0 b0',
      'a1',
      'a2',
      'b1 c0',
      'b2',
    ])
  })

  test('a step that preempts admits nobody, although c would fit', () => {
    const engine = full()
    engine.step(0)
    const second = engine.step(1e6)
    expect(second?.preempted).toEqual(['b'])
    expect(second?.admitted).toEqual([])
    expect(engine.scheduler.blocks.free).toBe(1)
  })

  test('a request resumed after a preemption computes prompt and output again', () => {
    const engine = full()
    const [, , , resumed] = runToEnd(engine)
    // b: 8 prompt tokens and 1 that it had produced, c: 2 prompt tokens.
    expect(resumed?.admitted).toEqual(['b', 'c'])
    expect(resumed?.prefillTokens).toBe(11)
  })

  test('two requests preempted in one step keep their order', () => {
    const engine = engineOf({ numGpuBlocks: 7, maxModelLen: 24, maxNumBatchedTokens: 24 })
    engine.add(requestOf('a', 8, 9), 0)
    engine.add(requestOf('b', 4, 9), 0)
    engine.add(requestOf('c', 4, 9), 0)
    const preempted: string[] = []
    for (let i = 0; preempted.length < 2; i++) preempted.push(...(engine.step(i * 1e6)?.preempted ?? []))
    expect(engine.scheduler.waiting.map((s) => s.id)).toEqual([...preempted].reverse())
    expect(engine.scheduler.waiting.map((s) => s.id)).toEqual(['b', 'c'])
  })

  test('a request preempts itself when it is the last one', () => {
    // 4 blocks: a takes 2, b takes 2; a finishes no sooner than b needs its third block, and a has room in its second.
    const engine = engineOf({ numGpuBlocks: 5, maxModelLen: 16 })
    engine.add(requestOf('a', 5, 3), 0)
    engine.add(requestOf('b', 8, 4), 0)
    engine.step(0)
    const second = engine.step(1e6)
    expect(second?.preempted).toEqual(['b'])
    expect(second && emissions(second)).toBe('a1')
  })

  test('the counter moves only when the preempted request produces its next token', () => {
    const engine = full()
    const counts: number[] = []
    engine.step(0)
    for (let nowNs = 1e6; engine.hasWork; nowNs += 1e6) {
      engine.step(nowNs)
      counts.push(engine.stats.preemptions)
    }
    expect(counts).toEqual([0, 0, 1, 1])
  })
})

describe('admission', () => {
  test('what does not fit keeps smaller requests behind it waiting', () => {
    const engine = engineOf({ numGpuBlocks: 7, maxModelLen: 24 })
    engine.add(requestOf('a', 16, 3), 0)
    engine.add(requestOf('large', 12, 1), 0)
    engine.add(requestOf('small', 1, 1), 0)
    engine.step(0)
    // 6 usable blocks, 4 are a's: `large` needs 3, `small` would need 1.
    expect(engine.step(1e6)?.admitted).toEqual([])
    expect(engine.waiting).toBe(2)
  })

  test('the whole input must fit, unless only its first chunk is asked for', () => {
    for (const reserveFullInput of [true, false]) {
      const engine = engineOf({ numGpuBlocks: 8, maxModelLen: 28, maxNumBatchedTokens: 8, reserveFullInput })
      engine.add(requestOf('a', 14, 6), 0)
      engine.add(requestOf('b', 24, 1), 0)
      engine.step(0)
      // a's second chunk takes 6 of the 8 tokens; 3 blocks are free, b's first chunk needs 1 and all of b 6.
      expect(engine.step(1e6)?.admitted, String(reserveFullInput)).toEqual(reserveFullInput ? [] : ['b'])
    }
  })

  test('the watermark counts only while something runs', () => {
    const engine = engineOf({ numGpuBlocks: 9, maxModelLen: 32, watermark: 0.5 })
    engine.add(requestOf('a', 16, 3), 0)
    engine.add(requestOf('b', 4, 1), 0)
    expect(engine.step(0)?.admitted).toEqual(['a'])
    expect(engine.step(1e6)?.admitted).toEqual([])
  })
})

describe('ends', () => {
  test('the end of the context ends an output early, with reason length', () => {
    const engine = engineOf()
    engine.add({ ...requestOf('a', 30, 10), finish: 'stop' }, 0)
    const steps = runToEnd(engine)
    expect(steps.flatMap((s) => s.emitted).map((e) => e.finish)).toEqual([undefined, 'length'])
  })

  test('an abort frees the blocks at once, whether waiting, running or in the middle of a step', () => {
    const engine = engineOf({ maxNumSeqs: 2 })
    for (const id of ['a', 'b', 'c']) engine.add(requestOf(id, 4, 5), 0)
    engine.step(0)
    expect(engine.abort('c')).toBe(true)
    expect(engine.abort('a')).toBe(true)
    expect(engine.scheduler.blocks.free).toBe(8)
    engine.start(1e6)
    engine.abort('b')
    expect(engine.finish().emitted).toEqual([])
    expect([engine.usage, engine.hasWork, engine.stats.finished.abort]).toEqual([0, false, 3])
    expect(engine.abort('b')).toBe(false)
  })

  test('a request that cannot fit the context, or whose id is taken, is refused', () => {
    const engine = engineOf()
    expect(() => engine.add(requestOf('a', 32, 1), 0)).toThrow(/does not fit/)
    engine.add(requestOf('a', 4, 1), 0)
    expect(() => engine.add(requestOf('a', 4, 1), 0)).toThrow(/already/)
  })
})

describe('prefix cache', () => {
  const cached = (id: string, prompt: readonly number[]) => requestOf(id, prompt, 1)
  const twelve = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]

  test('a repeated prompt hits all but its last block, which is computed to get a token', () => {
    const engine = engineOf({ enablePrefixCaching: true })
    engine.add(cached('a', twelve), 0)
    runToEnd(engine)
    engine.add(cached('b', twelve), 0)
    const [step] = runToEnd(engine)
    expect(step?.scheduledTokens).toBe(4)
    expect([engine.stats.prefixQueries, engine.stats.prefixHits]).toEqual([24, 8])
  })

  test('two equal prompts admitted in one step share their blocks', () => {
    const engine = engineOf({ enablePrefixCaching: true })
    engine.add(cached('a', twelve), 0)
    engine.add(cached('b', twelve), 0)
    engine.start(0)
    // a holds 3 blocks, b the first two of them and one of its own.
    expect(engine.scheduler.blocks.free).toBe(5)
    expect(engine.finish().scheduledTokens).toBe(16)
  })

  test('a hit must begin at the first block: equal content elsewhere does not count', () => {
    const engine = engineOf({ enablePrefixCaching: true })
    engine.add(cached('a', twelve), 0)
    runToEnd(engine)
    engine.add(cached('b', [5, 6, 7, 8, 9, 10, 11, 12, 1]), 0)
    runToEnd(engine)
    expect(engine.stats.prefixHits).toBe(0)
  })

  test('another salt, no hits', () => {
    const engine = engineOf({ enablePrefixCaching: true })
    engine.add(cached('a', twelve), 0)
    runToEnd(engine)
    engine.add({ ...cached('b', twelve), salt: 1 }, 0)
    runToEnd(engine)
    expect(engine.stats.prefixHits).toBe(0)
  })

  test('a conversation hits the tokens that were generated for it', () => {
    const engine = engineOf({ enablePrefixCaching: true })
    const first = requestOf('a', [1, 2, 3, 4], 5)
    engine.add(first, 0)
    runToEnd(engine)
    const answer = [0, 1, 2, 3].map((index) => first.tokenAt(index))
    engine.add(cached('b', [1, 2, 3, 4, ...answer, 99]), 0)
    runToEnd(engine)
    expect(engine.stats.prefixHits).toBe(8)
  })
})

test('times go to the histograms: queue to the first scheduling, the wait after a preemption to the decode', () => {
  const engine = engineOf({ numGpuBlocks: 5, maxModelLen: 16, maxNumSeqs: 2 })
  for (const id of ['a', 'b', 'c']) engine.add(requestOf(id, 8, 3), 0)
  runToEnd(engine)
  // steps of 1 ms: a 0..3; b first token at 1, resumed at 3, last at 6 or later; c is first scheduled after a has gone.
  const { queue, prefill, decode, endToEnd, firstToken } = engine.stats
  expect([queue.count, prefill.count, decode.count]).toEqual([3, 3, 3])
  expect(queue.sum + prefill.sum + decode.sum).toBeCloseTo(endToEnd.sum, 12)
  expect(queue.sum + prefill.sum).toBeCloseTo(firstToken.sum, 12)
})

test('bucket bounds are the engine’s: nothing below 0.3 s for requests, 1-2-5 up to the context for lengths', () => {
  const stats = new EngineStats(2048)
  expect(stats.endToEnd.bounds[0]).toBe(0.3)
  expect(stats.firstToken.bounds.at(-1)).toBe(2560)
  expect(stats.requestPrompt.bounds).toEqual([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000])
})
