import { type MissCount, missCount, type PointFindings } from '../../../src/analyse/index.js'
import { dependenceOf, nearestRank, sortValues } from '../../../src/analyse/stats/index.js'
import { createRandom, integerSampler, UsageError } from '../../../src/base/index.js'
import type { Bench, Given, Outcome, StartedEngine, TrialAsk } from '../../../src/experiment/tune/bench.js'
import { type MetricObjective, parseObjective } from '../../../src/profile/index.js'
import type { TuneFigures } from '../../../src/record/index.js'
import { loadDescription } from '../../../src/simulate/description.js'
import type { EngineDescription } from '../../../src/simulate/description-schema.js'
import type { Engine } from '../../../src/simulate/engine.js'
import { createEngine } from '../../../src/simulate/engine-backend.js'
import { gpuBlocks } from '../../../src/simulate/memory.js'
import { pointOf, summaryOf } from '../../analyse/point.js'

export interface VirtualOptions {
  /** A shipped engine description, and settings laid over it at every start. */
  readonly engine: string
  readonly base?: Given
  readonly inputTokens: Parameters<typeof integerSampler>[0]
  readonly outputTokens: Parameters<typeof integerSampler>[0]
  readonly objectives: readonly string[]
  readonly seed: number
  /** How long a start takes, in s. */
  readonly startS?: number
}

/** One request's life, in s of virtual time. */
interface Life {
  readonly arrivalS: number
  readonly inputTokens: number
  readonly outputTokens: number
  firstS: number
  lastS: number
  maxGapS: number
}

export interface VirtualBench extends Bench {
  /** Settings of every start, and every trial measured, in order. */
  readonly starts: Given[]
  readonly asked: { readonly given: Given; readonly ask: TrialAsk }[]
}

/** The simulator's engine without clock or sockets: hours of it take seconds. */
export function virtualBench(options: VirtualOptions): VirtualBench {
  const points = new Map<string, PointFindings>()
  const starts: Given[] = []
  const asked: { given: Given; ask: TrialAsk }[] = []
  const startS = options.startS ?? 60
  return {
    starts,
    asked,
    nowUtc: () => '2026-01-01T00:00:00.000Z',
    point: (run) => Promise.resolve(points.get(run)),
    start(given) {
      starts.push(given)
      const description = describe(options, given)
      if (typeof description === 'string')
        return Promise.resolve({ kind: 'failed', seconds: 10, cause: 'bad-flag', message: description })
      const blocks = gpuBlocks(description)
      const { blockSize, maxModelLen, maxNumSeqs, maxNumBatchedTokens } = description.scheduler
      const facts = {
        kvBlocks: blocks,
        kvCacheTokens: blocks * blockSize,
        maxModelLen,
        maxNumSeqs,
        maxNumBatchedTokens,
      }
      const engine: StartedEngine = {
        kind: 'started',
        seconds: startS,
        facts,
        target: {
          url: 'virtual',
          api: 'openai-chat',
          model: 'virtual',
          engine: 'vllm',
          kvBlockSize: blockSize,
          ...facts,
        },
        measure(ask) {
          asked.push({ given, ask })
          const { outcome, point } = measure(description, options, ask)
          if (outcome.run !== null) points.set(outcome.run, point)
          return Promise.resolve(outcome)
        },
        stop: () => Promise.resolve(),
      }
      return Promise.resolve(engine)
    },
  }
}

function describe({ engine, base }: VirtualOptions, given: Given): EngineDescription | string {
  try {
    // Prompts are never alike: the cache would only cost the time of hashing.
    const description = loadDescription(engine, { enablePrefixCaching: false, ...base, ...given })
    return description.kind === 'fixed' ? 'no engine' : description
  } catch (thrown) {
    if (thrown instanceof UsageError) return thrown.message
    throw thrown
  }
}

const WARMUP_SHARE = 0.2

function measure(description: EngineDescription, options: VirtualOptions, ask: TrialAsk) {
  const warmup = Math.ceil(ask.requests * WARMUP_SHARE) + (ask.load.kind === 'closed' ? ask.load.value : 0)
  const engine = createEngine({
    ...description,
    simulator: { ...description.simulator, seed: options.seed * 1000 + ask.repeat },
  })
  const course = run(engine, options, ask, warmup + ask.requests)
  return resultOf(course, options, ask, warmup)
}

interface Course {
  readonly lives: readonly Life[]
  readonly seconds: number
  readonly running: readonly number[]
  readonly waiting: readonly number[]
  readonly usage: readonly number[]
  readonly preemptions: number
}

/** Between two samples of the gauges, in s. */
const SAMPLE_S = 0.5

function run(engine: Engine, options: VirtualOptions, { load, repeat }: TrialAsk, total: number): Course {
  const seed = options.seed * 7919 + repeat
  const gap = createRandom(seed, 'arrivals')
  const input = integerSampler(options.inputTokens, createRandom(seed, 'input'), 1)
  const output = integerSampler(options.outputTokens, createRandom(seed, 'output'), 1)
  const lives: Life[] = []
  const byId = new Map<string, Life>()
  const gauges = { running: [] as number[], waiting: [] as number[], usage: [] as number[] }
  let nowS = 0
  let nextS = 0
  let sampleS = 0
  const add = (arrivalS: number): void => {
    const life: Life = {
      arrivalS,
      inputTokens: input(),
      outputTokens: output(),
      firstS: 0,
      lastS: 0,
      maxGapS: 0,
    }
    const id = String(lives.length)
    lives.push(life)
    byId.set(id, life)
    const arrivalNs = arrivalS * 1e9
    const prompt = new Int32Array(life.inputTokens)
    const request = {
      id,
      prompt,
      outputTokens: life.outputTokens,
      finish: 'length',
      tokenAt: () => 0,
      salt: 0,
      arrivalNs,
    } as const
    engine.add(request, nowS * 1e9)
  }
  const admit = (): void => {
    if (load.kind === 'closed') {
      while (lives.length < total && byId.size < load.value) add(nowS)
      return
    }
    while (lives.length < total && nextS <= nowS) {
      add(nextS)
      nextS += gap.exponential() / load.value
    }
  }
  for (;;) {
    admit()
    const step = engine.step(nowS * 1e9)
    if (step === undefined) {
      if (lives.length >= total) break
      nowS = Math.max(nowS, nextS)
      continue
    }
    nowS += step.durationNs / 1e9
    for (const { id, finish } of step.emitted) {
      const life = byId.get(id)
      if (life === undefined) continue
      if (life.firstS === 0) life.firstS = nowS
      else life.maxGapS = Math.max(life.maxGapS, nowS - life.lastS)
      life.lastS = nowS
      if (finish !== undefined) byId.delete(id)
    }
    if (nowS >= sampleS && lives.length < total) {
      sampleS = nowS + SAMPLE_S
      gauges.running.push(engine.running)
      gauges.waiting.push(engine.waiting)
      gauges.usage.push(engine.usage)
    }
  }
  return { lives, seconds: nowS, ...gauges, preemptions: engine.stats.preemptions }
}

const ttftMs = (l: Life): number => (l.firstS - l.arrivalS) * 1e3
const tpotMs = (l: Life): number =>
  l.outputTokens < 2 ? 0 : ((l.lastS - l.firstS) / (l.outputTokens - 1)) * 1e3
const VALUES: Readonly<Record<string, (l: Life) => number>> = {
  ttft: ttftMs,
  tpot: tpotMs,
  maxStall: (l) => l.maxGapS * 1e3,
  e2e: (l) => (l.lastS - l.arrivalS) * 1e3,
}

const mean = (values: readonly number[]): number =>
  values.reduce((s, v) => s + v, 0) / Math.max(1, values.length)
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0)

function resultOf(course: Course, options: VirtualOptions, ask: TrialAsk, warmup: number) {
  const judged = course.lives.slice(warmup)
  const objectives = options.objectives.flatMap((text) => {
    const objective = parseObjective(text)
    return typeof objective === 'string' || objective.kind !== 'metric' ? [] : [objective]
  })
  const counts = objectives.map((o) => countOf(o, judged))
  const good = judged.filter((l) => objectives.every((o) => (VALUES[o.metric]?.(l) ?? 0) <= o.limit))
  const spanS = (judged.at(-1)?.arrivalS ?? 0) - (judged[0]?.arrivalS ?? 0)
  const at = (pick: (l: Life) => number, q: number): number => quantile(judged.map(pick), q)
  const third = Math.floor(course.running.length / 3)
  const inFlight = course.running.map((r, i) => r + (course.waiting[i] ?? 0))
  const early = mean(inFlight.slice(third, 2 * third))
  const late = mean(inFlight.slice(-third))
  const rising = ask.load.kind === 'open' && late > early * 1.5 + 5
  const perS = judged.length / spanS
  const figures: TuneFigures = {
    requestsPerS: perS,
    goodputPerS: (perS * good.length) / judged.length,
    goodShare: good.length / judged.length,
    outputTokensPerS: judged.reduce((s, l) => s + l.outputTokens, 0) / spanS,
    ttftP50Ms: at(ttftMs, 0.5),
    ttftP99Ms: at(ttftMs, 0.99),
    tpotP50Ms: at(tpotMs, 0.5),
    tpotP99Ms: at(tpotMs, 0.99),
    gapP99Ms: at((l) => l.maxGapS * 1e3, 0.99),
    kvUsageMax: most(course.usage),
    runningMax: most(course.running),
    waitingMean: mean(course.waiting),
    preemptions: course.preemptions,
  }
  const p99Ms = figures.ttftP99Ms ?? 0
  const outcome: Outcome = {
    run: ask.label,
    seconds: course.seconds,
    judged: judged.length,
    counts,
    figures,
    p99: { value: p99Ms, low: at(ttftMs, 0.98), high: at(ttftMs, 0.995) },
    rising,
    end: 'complete',
  }
  return { outcome, point: pointFrom(course, figures, judged, ask) }
}

const quantile = (values: readonly number[], q: number): number =>
  sortValues(Float64Array.from(values))[nearestRank(values.length, q) - 1] ?? 0

function countOf(o: MetricObjective, judged: readonly Life[]): MissCount {
  const pick = VALUES[o.metric]
  if (pick === undefined) throw new Error(`the virtual bench does not measure ${o.metric}`)
  const values = Float64Array.from(judged, pick)
  const dependence = dependenceOf(values, sortValues(values.slice()), judged.length)
  const fared = { asked: judged.length, completed: judged.length, good: judged.length }
  return missCount(o, { values, lost: 0, dependence }, fared, undefined)
}

function pointFrom(
  course: Course,
  figures: TuneFigures,
  judged: readonly Life[],
  ask: TrialAsk,
): PointFindings {
  const held = judged.map((l) => l.inputTokens + l.outputTokens / 2)
  const spanS = course.seconds
  return pointOf({
    load: ask.load.value,
    axes: { [ask.load.kind === 'open' ? 'ratePerS' : 'concurrency']: ask.load.value },
    tokensPerS: figures.outputTokensPerS,
    metrics: {
      ttft: summaryOf(figures.ttftP50Ms ?? 0, figures.ttftP99Ms ?? 0),
      tpot: summaryOf(figures.tpotP50Ms ?? 0, figures.tpotP99Ms ?? 0),
      chunkGap: summaryOf(figures.tpotP50Ms ?? 0, figures.gapP99Ms ?? 0),
    },
    throughput: { inputTokensPerS: judged.reduce((s, l) => s + l.inputTokens, 0) / spanS },
    heldTokens: { mean: mean(held), stdDev: Math.sqrt(mean(held.map((h) => (h - mean(held)) ** 2))) },
    server: {
      kvUsageMean: mean(course.usage),
      kvUsageMax: figures.kvUsageMax,
      runningMean: mean(course.running),
      runningMax: figures.runningMax,
      waitingMean: figures.waitingMean,
      waitingMax: most(course.waiting),
      waitingForCapacityMax: 0,
      preemptions: figures.preemptions,
      queueMs: 0,
      prefillTokensPerS: judged.reduce((s, l) => s + l.inputTokens, 0) / spanS,
    },
  })
}
