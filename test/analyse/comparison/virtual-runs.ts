import { nearestRank, sortValues } from '../../../src/analyse/stats/index.js'
import { createRandom, integerSampler } from '../../../src/base/index.js'
import type { RunFigures } from '../../../src/record/index.js'
import { loadDescription } from '../../../src/simulate/description.js'
import { createEngine } from '../../../src/simulate/engine-backend.js'
import { runOf } from './figures.js'

interface Life {
  readonly sentS: number
  readonly outputTokens: number
  firstS: number
  lastS: number
}

const REQUESTS = 120
const WARMUP = 16
const CONCURRENCY = 8
const INPUT = { lognormal: { median: 300, sigma: 0.5 }, max: 1500 }
const OUTPUT = { lognormal: { median: 40, sigma: 0.4 }, max: 120 }

/**
 * A closed loop on the simulator's engine, without clock or sockets.
 *
 * @param seed of prompts and lengths: of the block
 * @param noise seed of how long each step takes: of the run
 * @param slow every step takes so many times as long
 */
export function virtualRun(seed: number, noise: number, slow: number): RunFigures {
  const { seconds, lives } = course(seed, noise, slow)
  const judged = lives.slice(WARMUP)
  const quantile = (value: (l: Life) => number, q: number): number =>
    sortValues(Float64Array.from(judged, value))[nearestRank(judged.length, q) - 1] ?? 0
  const ttftMs = (l: Life): number => (l.firstS - l.sentS) * 1e3
  const tpotMs = (l: Life): number => ((l.lastS - l.firstS) / Math.max(1, l.outputTokens - 1)) * 1e3
  const tokens = lives.reduce((sum, l) => sum + l.outputTokens, 0)
  return runOf({
    'ttft.p50': quantile(ttftMs, 0.5),
    'ttft.p99': quantile(ttftMs, 0.99),
    'tpot.p50': quantile(tpotMs, 0.5),
    outputTokensPerS: tokens / seconds,
  })
}

function course(seed: number, noise: number, slow: number) {
  const description = loadDescription('mistral-7b-a10g', { enablePrefixCaching: false, seed: noise })
  if (description.kind === 'fixed') throw new Error('a fixed server has no engine')
  const engine = createEngine(description)
  const input = integerSampler(INPUT, createRandom(seed, 'input'), 1)
  const output = integerSampler(OUTPUT, createRandom(seed, 'output'), 2)
  const lives: Life[] = []
  const running = new Map<string, Life>()
  const add = (nowS: number): void => {
    const id = String(lives.length)
    const life = { sentS: nowS, outputTokens: output(), firstS: 0, lastS: 0 }
    lives.push(life)
    running.set(id, life)
    const prompt = new Int32Array(input())
    const { outputTokens } = life
    const rest = { finish: 'length', tokenAt: () => 0, salt: 0, arrivalNs: nowS * 1e9 } as const
    engine.add({ id, prompt, outputTokens, ...rest }, nowS * 1e9)
  }
  for (let nowS = 0; ; ) {
    while (lives.length < REQUESTS && running.size < CONCURRENCY) add(nowS)
    const step = engine.step(nowS * 1e9)
    if (step === undefined) return { seconds: nowS, lives }
    nowS += (step.durationNs / 1e9) * slow
    for (const { id, finish } of step.emitted) {
      const life = running.get(id)
      if (life === undefined) continue
      if (life.firstS === 0) life.firstS = nowS
      life.lastS = nowS
      if (finish !== undefined) running.delete(id)
    }
  }
}
