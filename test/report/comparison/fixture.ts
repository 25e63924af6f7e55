import {
  type ComparisonFindings,
  compareSides,
  type PromptResult,
  type SideInput,
} from '../../../src/analyse/index.js'
import { createRandom } from '../../../src/base/index.js'
import { CURVE_QUANTILES, type PointFigures, type RunFigures } from '../../../src/record/index.js'

/** What a side of the fixture is like. */
interface SideRecipe {
  readonly name: string
  /** Factor on every time. */
  readonly slow?: number
  /** Share of requests that fail. */
  readonly failing?: number
  /** Load at which its throughput bends. */
  readonly knee?: number
  readonly model?: string
  readonly workload?: string
  readonly price?: number
}

export interface Recipe {
  readonly name?: string
  readonly sides: readonly SideRecipe[]
  readonly runs?: number
  readonly unit?: 'run' | 'sweep'
  /** Standard deviation of the logarithm of a run's luck. */
  readonly spread?: number
  readonly interleaved?: boolean
  readonly gated?: readonly string[]
  readonly allowed?: readonly string[]
}

const LOADS = [1, 2, 4, 8, 16, 32, 64]
const GATED = ['ttft.p50', 'ttft.p99', 'outputTokensPerS', 'errorRate']
const METRICS: readonly (readonly [name: string, label: string, ms: number, better: 'lower' | 'higher'])[] = [
  ['ttft', 'Time to first token', 180, 'lower'],
  ['ttftFromSchedule', 'Time to first token from schedule', 190, 'lower'],
  ['ttfv', 'Time to first visible text', 182, 'lower'],
  ['tpot', 'Time per output token', 21, 'lower'],
  ['chunkGap', 'Gap between chunks', 22, 'lower'],
  ['maxStall', 'Longest stall', 88, 'lower'],
  ['e2e', 'End to end', 2900, 'lower'],
  ['e2eFromSchedule', 'End to end from schedule', 2930, 'lower'],
  ['headers', 'Time to headers', 12, 'lower'],
  ['perStreamTokensPerS', 'Speed of one stream', 47, 'higher'],
]
const STATISTICS = { p50: 1, p90: 1.7, p95: 2.1, p99: 3.4, mean: 1.15 } as const
/** What the analysis finds of runs whose figures follow from the recipe and a seed alone. */
export function comparison(recipe: Recipe): ComparisonFindings {
  const { name = 'chat', runs = 5, interleaved = true, gated = GATED, allowed = [] } = recipe
  const found = compareSides({
    name,
    tool: 'falloff 0.1.0',
    sides: recipe.sides.map((side, i) => sideOf(side, i, recipe)),
    design: {
      interleaved,
      blocks: interleaved ? Array.from({ length: runs }, (_, k) => recipe.sides.map(() => k)) : null,
      looks: { taken: 1, planned: 1 },
      level: 0.05,
      stopReason: interleaved ? 'complete' : null,
    },
    gated,
    margins: {},
    allowed,
    differences: [
      { key: 'target.model', values: recipe.sides.map(({ model = 'mistral-7b' }) => model) },
      { key: 'engine.maxNumSeqs', values: recipe.sides.map((_, i) => String(32 * (i + 1))) },
    ].filter(({ values }) => new Set(values).size > 1),
  })
  return { ...found, ...(interleaved && { command: 'falloff compare a.yaml b.yaml --runs 5' }) }
}

function sideOf(side: SideRecipe, index: number, recipe: Recipe): SideInput {
  const { runs = 5, spread = 0.03 } = recipe
  const random = createRandom(7, `${side.name} ${index}`)
  return {
    name: side.name,
    runs: Array.from({ length: runs }, (_, k) =>
      runOf(side, index, k, Math.exp(spread * random.normal()), recipe),
    ),
    charsPerToken: 4.2,
    connect: {
      attempts: 5,
      dnsMs: index === 0 ? null : 1.9,
      tcpMs: 0.4 + index,
      tlsMs: index === 0 ? null : 9.7,
    },
    price:
      side.price === undefined
        ? null
        : { inputPerMillion: side.price / 4, outputPerMillion: side.price, source: 'price list' },
    prompts: promptsOf(side, recipe),
    limit: index === 1 ? { requestsPerMin: 600, tokensPerMin: 90_000, refused: 3 } : null,
  }
}

function runOf(side: SideRecipe, index: number, run: number, luck: number, recipe: Recipe): RunFigures {
  const { unit = 'run', interleaved = true, runs = 5 } = recipe
  const count = recipe.sides.length
  const place = interleaved ? run * count + ((index + run) % count) : index * runs + run
  const loads = unit === 'sweep' ? LOADS : [8]
  return {
    format: 1,
    kind: 'figures',
    tool: { name: 'falloff', version: '0.1.0' },
    run: `${side.name}-${run + 1}`,
    name: recipe.name ?? 'chat',
    unit,
    startedAtUtc: new Date(Date.UTC(2026, 10, 21, 5, 0) + place * 75_000).toISOString(),
    workloadHash: side.workload ?? 'c0ffee'.repeat(10),
    place: {
      node: 'v20.20.0',
      platform: 'linux x64',
      cpuModel: 'Example CPU',
      cpus: 8,
      memoryBytes: 32 * 2 ** 30,
      fingerprint: 'a1b2c3d4e5f6',
    },
    target: {
      url: `http://127.0.0.1:${8000 + index}`,
      api: 'openai-chat',
      model: side.model ?? 'mistral-7b',
      engine: 'vllm',
      version: '0.11.0',
      transport: 'kernel',
      tokenSource: 'server',
    },
    validity:
      run === 1 ? { verdict: 'VALID WITH CAVEATS', codes: ['few-for-p99'] } : { verdict: 'VALID', codes: [] },
    points: loads.map((load) => pointOf(side, luck, load, unit)),
    overall: unit === 'sweep' ? { kneeAt: { value: (side.knee ?? 16) * luck, low: 12, high: 20 } } : {},
  }
}

function pointOf(side: SideRecipe, luck: number, load: number, unit: 'run' | 'sweep'): PointFigures {
  const slow = (side.slow ?? 1) * luck
  const crowd = unit === 'sweep' ? 1 + (load / (side.knee ?? 16)) ** 1.6 : 1
  const figures = Object.fromEntries([
    ...METRICS.flatMap(([name, , ms, better]) =>
      Object.entries(STATISTICS).map(([statistic, factor]) => {
        const value = better === 'lower' ? ms * factor * slow * crowd : ms / (factor * slow * crowd ** 0.4)
        return [`${name}.${statistic}`, { value, low: value * 0.95, high: value * 1.06 }] as const
      }),
    ),
    ...(
      [
        ['outputTokensPerS', (380 * load ** 0.8) / slow / crowd ** 0.4],
        ['requestsPerS', (2.9 * load ** 0.8) / slow],
        ['goodputPerS', (2.7 * load ** 0.8) / slow / crowd],
        ['outputCharsPerS', (1600 * load ** 0.8) / slow],
        ['errorRate', (side.failing ?? 0.004) * luck],
        ['inputTokens.mean', 120],
        ['outputTokens.mean', 130],
      ] as const
    ).map(([key, value]) => [key, { value, low: null, high: null }] as const),
  ])
  const judged = 480
  const failed = Math.round(judged * (side.failing ?? 0.004))
  return {
    label: unit === 'sweep' ? `concurrency=${load}` : 'run',
    axes: unit === 'sweep' ? { concurrency: load } : {},
    states: { completed: judged - failed, failed },
    judged,
    failed,
    failures: failed === 0 ? [] : [{ code: 'HTTP_503', count: failed }],
    figures,
    curves: Object.fromEntries(
      METRICS.filter(([name]) => ['ttft', 'tpot', 'chunkGap', 'e2e'].includes(name)).map(([name, , ms]) => [
        name,
        CURVE_QUANTILES.map((q) =>
          q > 1 - (side.failing ?? 0) ? 'endless' : ms * slow * crowd * (0.55 + 0.32 * -Math.log(1 - q)),
        ),
      ]),
    ),
  }
}

/** The same prompts on all sides; each side has a luck of its own with each. */
function promptsOf(side: SideRecipe, recipe: Recipe): readonly PromptResult[] {
  const { runs = 5, unit = 'run' } = recipe
  const random = createRandom(11, side.name)
  return Array.from({ length: runs }, (_, block) => {
    const prompts = createRandom(13, `prompts ${block}`)
    return Array.from({ length: 120 }, (_, prompt): PromptResult => {
      const length = Math.exp(0.5 * prompts.normal())
      const ms = length * (side.slow ?? 1) * Math.exp(0.12 * random.normal())
      const completed = random.uniform() >= (side.failing ?? 0.004)
      return {
        block,
        prompt,
        at: unit === 'sweep' ? 'concurrency=16' : 'run',
        ttftMs: completed ? 180 * ms : null,
        e2eMs: completed ? 2900 * ms : null,
        completed,
      }
    })
  }).flat()
}

/** A fifth faster, and more failures. */
export const pairRecipe: Recipe = {
  name: 'Chat before and after the upgrade',
  sides: [
    { name: 'vllm-0.10', price: 1.1 },
    { name: 'vllm-0.11', slow: 0.82, failing: 0.02, price: 0.9 },
  ],
}

export const sweepRecipe: Recipe = {
  name: 'Batch sizes',
  unit: 'sweep',
  allowed: ['model'],
  runs: 3,
  sides: [
    { name: 'max-num-seqs 32', knee: 12 },
    { name: 'max-num-seqs 128', knee: 28, slow: 0.95 },
    { name: 'max-num-seqs 256', knee: 30, slow: 1.02, model: 'mistral-7b-v0.3' },
  ],
}

export const twentyRecipe = (unit: 'run' | 'sweep' = 'run'): Recipe => ({
  name: 'Twenty builds',
  unit,
  runs: 3,
  sides: Array.from({ length: 20 }, (_, i) => ({
    name: `build-${1200 + i}`,
    slow: 1 + ((i * 7) % 11) / 40 - 0.1,
    failing: ((i * 3) % 7) / 200,
    knee: 10 + i,
  })),
})

/** One run a side, one after the other. */
export const singleRecipe: Recipe = { ...pairRecipe, runs: 1, interleaved: false }

/** Not the same load. */
export const refusedRecipe: Recipe = {
  ...pairRecipe,
  sides: pairRecipe.sides.map((side, i) => ({ ...side, workload: `${i}beef`.repeat(12) })),
}
