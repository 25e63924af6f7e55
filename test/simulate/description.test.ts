import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/base/index.js'
import { loadDescription, shippedDescriptions } from '../../src/simulate/description.js'
import { gpuBlocks, kvCacheBytes } from '../../src/simulate/memory.js'
import { createStepTimer, kvBytesPerToken } from '../../src/simulate/step-time.js'

const engine = (name: string, overrides = {}) => {
  const description = loadDescription(name, overrides)
  if (description.kind !== 'vllm') throw new Error(`${name} is no engine`)
  return description
}

const problemsOf = (act: () => unknown): string[] => {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof UsageError) return thrown.problems.map((p) => `${p.place}: ${p.message}`)
    throw thrown
  }
  return []
}

/** Llama 3.1 8B on an RTX 3090 as logged in vllm#10517: memory, share, weights and activations, and the rest. */
const rtx3090 = (activationGiB: number) => {
  const base = engine('llama-3-8b-a100-80')
  return {
    model: { ...base.model, weightBytes: 14.99 * 2 ** 30 },
    gpu: { memoryGiB: 23.58 },
    memory: { activationGiB, otherGiB: 0.35 },
    scheduler: { gpuMemoryUtilization: 0.9, blockSize: 16 },
  }
}

describe('memory becomes blocks', () => {
  test('as a real engine logged it: 3.81 GiB for 1,952 blocks at a short context', () => {
    const settings = rtx3090(17.06 - 14.99)
    expect(kvCacheBytes(settings) / 2 ** 30).toBeCloseTo(3.81, 2)
    expect(Math.abs(gpuBlocks(settings) - 1952)).toBeLessThanOrEqual(1)
  })

  test('and 2.89 GiB for 1,478 blocks where the longer context needs more activations', () => {
    const settings = rtx3090(17.06 - 14.99 + 3.81 - 2.89)
    expect(Math.abs(gpuBlocks(settings) - 1478)).toBeLessThanOrEqual(3)
  })

  test('an override wins', () => {
    expect(gpuBlocks(engine('mistral-7b-a10g', { numGpuBlocksOverride: 1234, maxModelLen: 4096 }))).toBe(1234)
  })

  test.each([
    ['mistral-7b-a10g', 128, 41_000],
    ['llama-3-8b-a100-80', 128, 445_000],
    ['llama-3-8b-h100', 128, 437_000],
    ['llama-3-70b-4bit-a100-80', 320, 102_000],
    ['llama-2-7b-awq-a10g-shared', 512, 3_000],
  ])('%s: %i KiB per token, about %i tokens', (name, kib, tokens) => {
    const description = engine(name)
    expect(kvBytesPerToken(description.model)).toBe(kib * 1024)
    expect(Math.abs((gpuBlocks(description) * 16) / tokens - 1)).toBeLessThan(0.03)
  })
})

describe('the time of a step', () => {
  const decode = (context: number, sequences = 1) =>
    Array.from({ length: sequences }, () => ({
      from: context - 1,
      tokens: 1,
      emits: true,
      sequence: undefined as never,
    }))

  test.each([
    // engine, streams, published or profiled ms per token, tolerance
    ['llama-3-8b-h100', 1, 6.48, 0.03], // yobitel InferenceBench, vLLM 0.21
    ['llama-3-8b-h100', 4, 6.59, 0.03],
    ['llama-3-8b-a100-80', 1, 9.7, 0.1], // vidur's kernels without attention and without the engine's own cost
  ])('%s with %i streams takes %f ms', (name, streams, ms, tolerance) => {
    const stepMs = createStepTimer(engine(name, { jitter: 0 }))(decode(512, streams)) / 1e6
    expect(Math.abs(stepMs / ms - 1)).toBeLessThan(tolerance)
  })

  test('2,048 prompt tokens on the A100 take what its kernels take, and the attention over them', () => {
    const stepMs = createStepTimer(engine('llama-3-8b-a100-80', { jitter: 0 }))([
      { from: 0, tokens: 2048, emits: true, sequence: undefined as never },
    ])
    expect(stepMs / 1e6 / 145.6).toBeGreaterThan(0.95)
    expect(stepMs / 1e6 / 145.6).toBeLessThan(1.15)
  })

  test('one formula, worked by hand on round numbers', () => {
    const timer = createStepTimer({
      model: {
        params: 1.1e9,
        embeddingParams: 0.1e9,
        weightBytes: 2.2e9,
        layers: 10,
        kvHeads: 5,
        headDim: 100,
        dModel: 1000,
        kvBytesPerElement: 2,
      },
      gpu: { bandwidthGBs: 1000, flopsT: 100 },
      efficiency: {
        memoryEfficiency: 0.5,
        flopEfficiency: 0.5,
        kvEfficiency: 0.5,
        stepMs: 1,
        perRequestUs: 100,
        smoothMax: 1,
      },
      simulator: { jitter: 0, seed: 1 },
    })
    // weights 2e9 / 500e9 = 4 ms; compute 2 · 1e9 · 10 / 50e12 = 0.4 ms; attention 4 · 10 · 1000 · (10 · 105.5) / 50e12 = 0.000844 ms;
    // KV 110 tokens · 20,000 bytes / 500e9 = 0.0044 ms; step 1 ms; request 0.1 ms.
    const ns = timer([{ from: 100, tokens: 10, emits: true, sequence: undefined as never }])
    expect(ns / 1e6).toBeCloseTo(4 + 0.4 + 0.000844 + 0.0044 + 1 + 0.1, 9)
  })

  test('jitter spreads steps around the same mean, and the seed fixes them', () => {
    const times = (overrides: object) => {
      const timer = createStepTimer(engine('llama-3-8b-h100', overrides))
      return Array.from({ length: 4000 }, () => timer(decode(512)))
    }
    const [exact = 0] = times({ jitter: 0 })
    const some = times({ jitter: 0.1 })
    const mean = some.reduce((a, b) => a + b, 0) / some.length
    const sd = Math.sqrt(some.reduce((sum, t) => sum + (t - mean) ** 2, 0) / some.length)
    expect(Math.abs(mean / exact - 1)).toBeLessThan(0.01)
    expect(Math.abs(sd / mean / 0.1 - 1)).toBeLessThan(0.1)
    expect(times({ jitter: 0.1 })).toEqual(some)
    expect(times({ jitter: 0.1, seed: 2 })).not.toEqual(some)
  })
})

describe('settings', () => {
  test('every shipped description loads', () => {
    expect(shippedDescriptions()).toContain('fixed')
    for (const name of shippedDescriptions())
      expect(loadDescription(name).simulator.metricNames, name).toBe('v1')
  })

  test('a setting is given by its name alone or under engine., as a value or as the text of one', () => {
    const { scheduler } = engine('mistral-7b-a10g', {
      'engine.maxNumSeqs': 64,
      blockSize: '32',
      enablePrefixCaching: 'false',
    })
    expect([scheduler.maxNumSeqs, scheduler.blockSize, scheduler.enablePrefixCaching]).toEqual([
      64,
      32,
      false,
    ])
    expect(engine('mistral-7b-a10g', { vllmVersion: 0.11 }).simulator.vllmVersion).toBe('0.11')
  })

  test('a setting inside another is named by its path, and leaves the others', () => {
    const { simulator } = loadDescription('fixed', {
      rateLimits: '{tokensPerMin: 900}',
      'rateLimits.requestsPerMin': '50',
    })
    expect(simulator.rateLimits).toMatchObject({ requestsPerMin: 50, tokensPerMin: 900 })
    expect(problemsOf(() => loadDescription('fixed', { 'rateLimits.requestPerMin': 5 }))[0]).toMatch(
      /rateLimits.requestPerMin: unknown name "requestPerMin"/,
    )
  })

  test('all problems are told at once, with the likely name', () => {
    expect(problemsOf(() => loadDescription('fixed', { ttfMs: 1, gapMs: -5, seed: 'x' }))).toEqual([
      '--set ttfMs: unknown engine setting "ttfMs"; did you mean "ttftMs"?',
      'fixed timing.gapMs: expected number to be >=0; got -5',
      'fixed simulator.seed: expected number, received string; got "x"',
    ])
  })

  test('an unknown engine is told with the likely one', () => {
    expect(problemsOf(() => loadDescription('mistral-7b-a100'))[0]).toMatch(
      /did you mean "mistral-7b-a10g"\?/,
    )
  })

  test.each([
    [
      'a context that the cache cannot hold',
      { numGpuBlocksOverride: 100 },
      /maxModelLen 16384 needs 1024 blocks, the KV cache has 99/,
    ],
    ['a model larger than the card', { memoryGiB: 12 }, /no memory is left for the KV cache/],
    [
      'a budget below the number of sequences',
      { maxNumBatchedTokens: 100 },
      /must be at least maxNumSeqs 256/,
    ],
  ])('%s is refused', (_title, overrides, message) => {
    expect(problemsOf(() => loadDescription('mistral-7b-a10g', overrides)).join('\n')).toMatch(message)
  })

  test('a file of one’s own is read, and its slips are named', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'falloff-')), 'mine.yaml')
    writeFileSync(file, 'model: { servedModel: m, layer: 3 }\ngpu: { memoryGiB: 24 }\nschedulr: {}\n')
    const problems = problemsOf(() => loadDescription(file)).join('\n')
    expect(problems).toContain('model.layer: unknown name "layer"; did you mean "layers"?')
    expect(problems).toContain('schedulr: unknown name "schedulr"; did you mean "scheduler"?')
    expect(problems).toMatch(/gpu.bandwidthGBs: expected number.*got nothing/)
  })
})
