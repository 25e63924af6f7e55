import { compareSides } from '../../../src/analyse/comparison/compare-sides.js'
import type { MetricComparison } from '../../../src/analyse/comparison/findings.js'
import type { ComparisonInput, SideInput } from '../../../src/analyse/comparison/input.js'
import type { Figure, FigureValue, PointFigures, RunFigures } from '../../../src/record/index.js'

export const figure = (value: FigureValue): Figure => ({ value, low: null, high: null })

export const point = (
  figures: Readonly<Record<string, FigureValue>>,
  over: Partial<PointFigures> = {},
): PointFigures => ({
  label: 'run',
  axes: {},
  states: {},
  judged: 1000,
  failed: 0,
  failures: [],
  figures: Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, figure(value)])),
  curves: {},
  ...over,
})

/** Of one point, unless others are given. */
export const runOf = (
  figures: Readonly<Record<string, FigureValue>>,
  over: Partial<RunFigures> = {},
): RunFigures => ({
  format: 1,
  kind: 'figures',
  tool: { name: 'falloff', version: '1.0.0' },
  run: 'r',
  name: 'r',
  unit: 'run',
  startedAtUtc: '2026-01-01T00:00:00.000Z',
  workloadHash: 'load',
  place: {
    node: 'v20.1.0',
    platform: 'linux 6.1 x64',
    cpuModel: 'a processor',
    cpus: 4,
    memoryBytes: 1e10,
    fingerprint: 'f',
  },
  target: {
    url: 'http://127.0.0.1',
    api: 'openai-chat',
    model: 'm',
    engine: null,
    version: null,
    transport: 'kernel',
    tokenSource: 'usage',
  },
  validity: { verdict: 'VALID', codes: [] },
  points: [point(figures)],
  overall: {},
  ...over,
})

/** A side whose runs have one figure each. */
export const sideOf = (name: string, key: string, values: readonly FigureValue[]): SideInput => ({
  name,
  runs: values.map((value) => runOf({ [key]: value })),
})

export const FIVE = [0, 1, 2, 3, 4]
export const blocksOf = (sides: number, runs = 5) =>
  Array.from({ length: runs }, (_, k) => Array(sides).fill(k))

/** A comparison in blocks, unless it is said otherwise. */
export const inputOf = (
  sides: readonly SideInput[],
  over: Partial<ComparisonInput> = {},
): ComparisonInput => ({
  name: 'a and b',
  tool: 'falloff 1.0.0',
  sides,
  design: {
    interleaved: true,
    blocks: blocksOf(sides.length, sides[0]?.runs.length),
    looks: { taken: 1, planned: 1 },
    level: 0.05,
    stopReason: 'complete',
  },
  gated: [],
  margins: {},
  allowed: [],
  differences: [],
  ...over,
})

/** Every run has all of these figures, with the values in the order of the runs. */
export const sideWith = (
  name: string,
  columns: Readonly<Record<string, readonly FigureValue[]>>,
): SideInput => ({
  name,
  runs: FIVE.map((i) =>
    runOf(Object.fromEntries(Object.entries(columns).map(([key, values]) => [key, values[i] ?? 0]))),
  ),
})

export const apart = {
  interleaved: false,
  blocks: null,
  looks: { taken: 1, planned: 1 },
  level: 0.05,
  stopReason: null,
}

export function compare(
  key: string,
  a: readonly FigureValue[],
  b: readonly FigureValue[],
  over: Partial<ComparisonInput> = {},
): MetricComparison {
  const found = compareSides(inputOf([sideOf('a', key, a), sideOf('b', key, b)], { gated: [key], ...over }))
  const [metric] = found.pairs[0]?.metrics ?? []
  if (metric === undefined) throw new Error('nothing was compared')
  return metric
}

export const QUIET = [100, 101, 99, 100.5, 99.5]
export const times = (by: number, jitter = [0.2, -0.3, 0.1, 0, -0.1]) =>
  QUIET.map((v, i) => v * by * (1 + (jitter[i] ?? 0) / 100))
