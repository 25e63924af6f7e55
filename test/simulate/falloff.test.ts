import { beforeAll, describe, expect, test } from 'vitest'
import { createRandom, integerSampler } from '../../src/base/index.js'
import { loadDescription } from '../../src/simulate/description.js'
import { createEngine } from '../../src/simulate/engine-backend.js'
import { requestOf } from './helpers.js'

/** What the demo's engine is described for: short questions, answers of about 150 tokens. */
const INPUT = 32
const OUTPUT = { lognormal: { median: 140, sigma: 0.3 } }
const WARM_UP_NS = 15e9
const END_NS = 75e9

interface Point {
  readonly tokensPerS: number
  /** Median over requests of (tokens - 1) / (last - first token). */
  readonly streamTokensPerS: number
  readonly preemptionsPerRequest: number
}

/** A closed loop of `streams` users in virtual time; each asks again as soon as it has its answer. */
function closedLoop(streams: number, overrides: Record<string, number> = {}): Point {
  const description = loadDescription('llama-2-7b-awq-a10g-shared', overrides)
  if (description.kind !== 'vllm') throw new Error('not an engine')
  const engine = createEngine(description)
  const length = integerSampler(OUTPUT, createRandom(5, 'lengths'), 2)
  const first = new Map<string, number>()
  const lengths = new Map<string, number>()
  const speeds: number[] = []
  let tokens = 0
  let preemptions = 0
  let asked = 0
  const ask = (nowNs: number) => {
    const id = `r${asked++}`
    const outputTokens = length()
    lengths.set(id, outputTokens)
    engine.add({ ...requestOf(id, INPUT, outputTokens), arrivalNs: nowNs }, nowNs)
  }
  for (let i = 0; i < streams; i++) ask(0)
  for (let nowNs = 0; nowNs < END_NS; ) {
    const step = engine.step(nowNs)
    if (step === undefined) throw new Error('a closed loop is never idle')
    nowNs += step.durationNs
    const isMeasured = nowNs > WARM_UP_NS
    if (isMeasured) {
      tokens += step.emitted.length
      preemptions += step.preempted.length
    }
    for (const { id, index, finish } of step.emitted) {
      if (index === 0) first.set(id, nowNs)
      if (finish === undefined) continue
      if (isMeasured) speeds.push(((lengths.get(id) ?? 0) - 1) / ((nowNs - (first.get(id) ?? 0)) / 1e9))
      ask(nowNs)
    }
  }
  speeds.sort((a, b) => a - b)
  return {
    tokensPerS: tokens / ((END_NS - WARM_UP_NS) / 1e9),
    streamTokensPerS: speeds[Math.floor(speeds.length / 2)] ?? Number.NaN,
    preemptionsPerRequest: preemptions / speeds.length,
  }
}

describe('the demo’s engine falls off where its KV cache ends', () => {
  let one: Point
  let knee: Point
  let beyond: Point
  beforeAll(() => {
    one = closedLoop(1)
    knee = closedLoop(20)
    beyond = closedLoop(48)
  })

  test('one stream runs at about 90 tokens/s, one of 48 at about 12', () => {
    expect(Math.abs(one.streamTokensPerS - 91)).toBeLessThan(3)
    expect(Math.abs(beyond.streamTokensPerS - 12.5)).toBeLessThan(2)
  })

  test('beyond the knee throughput is lost, to preemptions', () => {
    expect(knee.preemptionsPerRequest).toBeLessThan(0.1)
    expect(beyond.preemptionsPerRequest).toBeGreaterThan(1.5)
    expect(beyond.tokensPerS / knee.tokensPerS).toBeLessThan(0.75)
  })

  test('with maxNumSeqs at what the cache holds, twice the knee and more keeps the peak', () => {
    const capped = closedLoop(48, { maxNumSeqs: 18 })
    expect(capped.tokensPerS / knee.tokensPerS).toBeGreaterThan(0.95)
    expect(capped.preemptionsPerRequest).toBeLessThan(0.1)
  })
})
