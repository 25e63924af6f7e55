import { describe, expect, test } from 'vitest'
import { findFalloff } from '../../src/analyse/falloff.js'
import type { CauseName, PointFindings } from '../../src/analyse/index.js'
import { kvTokens, streamsThatFit } from '../../src/analyse/recommend.js'
import { createRandom } from '../../src/base/index.js'
import type { TargetFacts } from '../../src/record/index.js'
import { type PointParts, pointOf, summaryOf } from './point.js'

const LOADS = [1, 2, 4, 8, 16, 32, 64, 128]
const KNEE = 24
const TARGET: TargetFacts = {
  url: 'http://x',
  api: 'openai-chat',
  model: 'm',
  engine: 'vllm',
  kvBlocks: 513,
  kvBlockSize: 16,
  maxNumSeqs: 256,
}

/** Throughput rises to the knee and then falls a little; `past` says what the points past the knee show. */
const sweep = (
  past: (load: number) => Partial<PointParts>,
  before: (load: number) => Partial<PointParts> = () => ({}),
): PointFindings[] =>
  LOADS.map((load) =>
    pointOf({
      load,
      tokensPerS: load < KNEE ? 90 * load : 90 * KNEE * (KNEE / load) ** 0.2,
      ...(load < KNEE ? before(load) : past(load)),
    }),
  )

const STORIES: Record<
  Exclude<CauseName, 'none-in-range'>,
  { points: PointFindings[]; target?: Partial<TargetFacts> }
> = {
  'kv-cache': {
    points: sweep((load) => ({
      server: {
        preemptions: load,
        preemptionsPerRequest: load / 300,
        kvUsageMax: 0.998,
        runningMean: 24,
        runningMax: 30,
        waitingMean: load - 24,
        waitingForCapacityMax: load - 20,
      },
    })),
  },
  'max-num-seqs': {
    points: sweep((load) => ({
      server: {
        kvUsageMax: 0.4,
        runningMean: 24,
        runningMax: 24,
        waitingMean: load - 24,
        queueMs: load * 10,
      },
    })),
    target: { maxNumSeqs: 24 },
  },
  'prefill-interference': {
    points: sweep(
      (load) => ({
        server: { runningMean: load, prefillTokensPerS: load * 500 },
        metrics: { chunkGap: summaryOf(12, 12 * load) },
        throughput: { inputTokensPerS: 40_000 },
      }),
      (load) => ({
        server: { runningMean: load, prefillTokensPerS: load * 500 },
        metrics: { chunkGap: summaryOf(12, 12 + load) },
      }),
    ),
  },
  compute: {
    points: sweep((load) => ({
      server: { runningMean: load, runningMax: load, kvUsageMax: 0.6 },
      metrics: { tpot: summaryOf(load) },
    })),
  },
  client: {
    points: sweep(() => ({ instrument: { latenessP99Ms: 80, loopDelayP99Ms: 120, cpuShareMax: 0.99 } })),
  },
  'rate-limiter': {
    points: sweep(() => ({ failures: [{ code: 'rate-limited', count: 300, example: '429' }] })),
  },
  network: {
    points: sweep((load) => ({
      server: { runningMean: 5, frontEndMs: 900 },
      metrics: { headers: summaryOf(800), ttft: summaryOf(850) },
      throughput: { meanInFlight: load },
    })),
  },
}

describe('a falloff is traced to its cause', () => {
  test.each(Object.entries(STORIES))('%s', (name, { points, target }) => {
    const found = findFalloff(points, 'concurrency', { ...TARGET, ...target })
    expect(found.cause.name).toBe(name)
    expect(found.cause.evidence.filter((e) => e.supports).length).toBeGreaterThanOrEqual(2)
    expect(found.runnerUp?.strength ?? 0).toBeLessThan(found.cause.strength)
    for (const { text } of found.cause.evidence) expect(text).not.toMatch(/NaN|undefined|null/)
  })

  test('nothing is named where throughput still grows', () => {
    const points = LOADS.map((load) => pointOf({ load, tokensPerS: 90 * load }))
    const found = findFalloff(points, 'concurrency', TARGET)
    expect(found).toMatchObject({
      knee: null,
      cause: { name: 'none-in-range' },
      kneePoint: null,
      recommendation: null,
    })
    expect(found.peak).toEqual({ at: 128, outputTokensPerS: 90 * 128 })
  })

  test('nothing is named on silence: without engine metrics the answer says what to make visible', () => {
    const found = findFalloff(
      sweep(
        () => ({ server: null }),
        () => ({ server: null }),
      ),
      'concurrency',
      TARGET,
    )
    expect(found.knee).not.toBeNull()
    expect(found.cause).toMatchObject({ name: 'none-in-range', strength: 0 })
    expect(found.cause.notObserved).toEqual(
      expect.arrayContaining(['the engine’s preemption counter', 'the engine’s KV-cache usage']),
    )
    expect(found.toSettle.join(' ')).toContain('target.metricsUrl')
  })

  test('a batch limit that was never reached is not blamed, however much else speaks for it', () => {
    const points = sweep((load) => ({
      server: {
        kvUsageMax: 0.4,
        runningMean: load / 2,
        runningMax: load / 2,
        waitingMean: load / 2,
        queueMs: load * 10,
      },
    }))
    const found = findFalloff(points, 'concurrency', TARGET)
    expect(found.cause.name).not.toBe('max-num-seqs')
    expect(found.cause.strength).toBeLessThan(0.5)
  })

  test('evidence against is shown beside evidence for', () => {
    const { points } = STORIES['max-num-seqs']
    const against = findFalloff(points, 'concurrency', { ...TARGET, maxNumSeqs: 24 }).runnerUp
    expect(against?.evidence.some((e) => !e.supports)).toBe(true)
  })
})

describe('the knee of a sweep', () => {
  const found = findFalloff(STORIES['kv-cache'].points, 'concurrency', TARGET)
  test('has an interval that holds the truth, and the point past it is shown', () => {
    expect(found.knee?.at).toBeGreaterThan(20)
    expect(found.knee?.at).toBeLessThan(28)
    expect(found.knee?.low).toBeLessThanOrEqual(KNEE)
    expect(found.knee?.high).toBeGreaterThanOrEqual(KNEE * 0.95)
    expect(found.kneePoint).toBe('concurrency=32')
  })

  test('is the same whatever the order of the points', () => {
    expect(findFalloff([...STORIES['kv-cache'].points].reverse(), 'concurrency', TARGET)).toEqual(found)
  })

  test('interval covers a knee known beforehand in most repetitions', () => {
    const random = createRandom(5, 'knees')
    let held = 0
    for (let i = 0; i < 30; i++) {
      const points = LOADS.map((load) => {
        const truth = Math.min(90 * load, 90 * KNEE)
        const batches = Array.from({ length: 20 }, () => truth * (1 + 0.1 * random.normal()))
        return pointOf({
          load,
          tokensPerS: batches.reduce((a, b) => a + b) / 20,
          throughput: { batchTokensPerS: batches },
        })
      })
      const { knee } = findFalloff(points, 'concurrency', TARGET)
      if (knee !== null && knee.low <= KNEE * 1.01 && knee.high >= KNEE * 0.99) held++
    }
    expect(held).toBeGreaterThanOrEqual(26)
  }, 30_000)

  test('of a sweep over two dimensions belongs to the slice with the highest throughput', () => {
    const slow = LOADS.map((load) =>
      pointOf({ load, tokensPerS: Math.min(90 * load, 90 * 4), axes: { 'engine.maxNumSeqs': 4 } }),
    )
    const fast = LOADS.map((load) =>
      pointOf({ load, tokensPerS: Math.min(90 * load, 90 * KNEE), axes: { 'engine.maxNumSeqs': 64 } }),
    )
    const { knee, peak } = findFalloff([...slow, ...fast], 'concurrency', TARGET)
    expect(peak?.outputTokensPerS).toBe(90 * KNEE)
    expect(knee?.at).toBeGreaterThan(20)
  })
})

test('the last good load is the largest that meets every objective', () => {
  const objective = (verdict: 'met' | 'missed' | 'unclear') => [
    { text: 't', metric: 'ttft', statistic: 'p99', limit: 1, unit: 'ms', value: 1, low: 1, high: 1, verdict },
  ]
  const points = sweep(
    (load) => ({ objectives: objective(load > 32 ? 'missed' : 'unclear') }),
    () => ({ objectives: objective('met') }),
  )
  expect(findFalloff(points, 'concurrency', TARGET).lastGood).toBe(16)
  expect(
    findFalloff(
      sweep(() => ({})),
      'concurrency',
      TARGET,
    ).lastGood,
  ).toBeNull()
})

describe('the recommended batch limit', () => {
  test('is the largest that fits, as trying every one shows', () => {
    for (const [tokens, mean, sd] of [
      [8192, 300, 100],
      [8192, 300, 0],
      [100_000, 57.5, 40],
      [1000, 990, 20],
      [500, 700, 50],
    ] as const) {
      let n = 0
      while ((n + 1) * mean + 2.33 * sd * Math.sqrt(n + 1) <= tokens) n++
      expect(streamsThatFit(tokens, mean, sd), `${tokens} ${mean} ${sd}`).toBe(n)
    }
  })

  test('holds in a simulation: so many streams at random moments fit at least 98.5 % of the time, three more streams do not', () => {
    const random = createRandom(9, 'streams')
    const [mean, sd, tokens] = [300, 100, 8192]
    const n = streamsThatFit(tokens, mean, sd)
    const fits = (streams: number): number => {
      let held = 0
      for (let i = 0; i < 4000; i++) {
        let sum = 0
        for (let k = 0; k < streams; k++) sum += mean + sd * random.normal()
        if (sum <= tokens) held++
      }
      return held / 4000
    }
    expect(fits(n)).toBeGreaterThanOrEqual(0.985)
    expect(fits(n + 3)).toBeLessThan(0.9)
  })

  test.each<[string, Partial<TargetFacts>, number | null]>([
    ['as the engine tells', { kvCacheTokens: 5000 }, 5000],
    ['blocks without the one that vLLM keeps', {}, 512 * 16],
  ])('counts the cache %s', (_, facts, want) => {
    expect(kvTokens({ ...TARGET, ...facts })).toBe(want)
  })

  const recommend = (story: 'kv-cache' | 'max-num-seqs' | 'compute', target: Partial<TargetFacts> = {}) =>
    findFalloff(STORIES[story].points, 'concurrency', { ...TARGET, ...STORIES[story].target, ...target })
      .recommendation

  test('lowers the limit when the cache is the cause, and shows the sum and the measured gain', () => {
    const found = recommend('kv-cache')
    expect(found?.value).toBe(streamsThatFit(8192, 307.5, 100))
    expect(found?.flag).toBe(`--max-num-seqs ${found?.value}`)
    expect(found?.arithmetic.join('\n')).toContain('513 blocks of 16 tokens: 8,192 tokens')
    expect(found?.expectedGain).toMatch(/% more output tokens\/s at concurrency=128/)
  })

  test('raises the limit when the limit is the cause, and promises nothing that was not measured', () => {
    const found = recommend('max-num-seqs', { maxNumSeqs: 8 })
    expect(found?.value).toBeGreaterThan(8)
    expect(found?.expectedGain).toContain('was not measured')
  })

  test.each<[string, Parameters<typeof recommend>]>([
    ['for another cause', ['compute']],
    ['when the engine is already set lower', ['kv-cache', { maxNumSeqs: 8 }]],
    ['when the cache has no more room than the limit', ['max-num-seqs', { maxNumSeqs: 24, kvBlocks: 100 }]],
  ])('is not given %s', (_, args) => {
    expect(recommend(...args)).toBeNull()
  })

  test('is not given when the size of the cache is unknown', () => {
    const { kvBlocks: _b, kvBlockSize: _s, ...unknown } = TARGET
    expect(findFalloff(STORIES['kv-cache'].points, 'concurrency', unknown).recommendation).toBeNull()
  })
})
