import { METRICS, type PointFindings, type Quantile } from '../../analyse/index.js'
import type { Result } from '../result.js'
import { type Column, real, type Table, text } from './table.js'

/** One figure of the summary. */
export interface Figure {
  readonly run: string
  readonly point: string
  readonly metric: string
  /** `p50`, `mean`, `n`, or `value` where there is only one. */
  readonly statistic: string
  readonly unit: string
  readonly value: number
  /** Of the 95 % interval, where it is bounded. */
  readonly low?: number | undefined
  readonly high?: number | undefined
}

type Bare = Omit<Figure, 'run' | 'point'>

export const QUANTILES = [
  ['p5', 0.05],
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const satisfies readonly (readonly [string, number])[]

/** Every figure of every point that was observed; an absent one has no row. */
export function* figuresOf({ runs }: Result): Generator<Figure> {
  for (const { manifest, point } of runs) {
    const place = { run: manifest.id, point: point.setting.label }
    for (const bare of pointFigures(point)) yield { ...place, ...bare }
  }
}

function* pointFigures(point: PointFindings): Generator<Bare> {
  for (const { name, unit } of METRICS) {
    const m = point.metrics[name]
    yield { metric: name, statistic: 'n', unit: '', value: m.n }
    yield* seen([
      { metric: name, statistic: 'mean', unit, value: m.mean },
      { metric: name, statistic: 'min', unit, value: m.min },
      { metric: name, statistic: 'max', unit, value: m.max },
    ])
    for (const [statistic] of QUANTILES) yield* quantileFigure(name, statistic, unit, m[statistic])
  }
  yield* throughputFigures(point)
}

function* quantileFigure(
  metric: string,
  statistic: string,
  unit: string,
  q: Quantile | null,
): Generator<Bare> {
  if (q !== null)
    yield { metric, statistic, unit, value: q.value, low: q.low ?? undefined, high: q.high ?? undefined }
}

function* throughputFigures({
  throughput: t,
  states,
  window,
  instrument,
  server,
}: PointFindings): Generator<Bare> {
  const only = (metric: string, unit: string, value: number | null | undefined) => ({
    ...{ metric, statistic: 'value', unit },
    value: value ?? null,
  })
  yield* seen([
    only('requestsPerS', 'requests/s', t.requestsPerS),
    only('outputTokensPerS', 'tokens/s', t.outputTokensPerS),
    only('inputTokensPerS', 'tokens/s', t.inputTokensPerS),
    only('goodputPerS', 'requests/s', t.goodputPerS),
    only('goodShare', 'share', t.goodShare),
    only('meanInFlight', 'requests', t.meanInFlight),
    only('offeredPerS', 'requests/s', t.offeredPerS),
    only('windowS', 's', window.toS - window.fromS),
    ...Object.entries(states).map(([state, count]) => only(`requests.${state}`, 'requests', count)),
    only('instrument.latenessP99', 'ms', instrument.latenessP99Ms),
    only('instrument.stampErrorP99', 'ms', instrument.canary?.stampMs.p99),
    only('server.kvUsageMax', 'share', server?.kvUsageMax),
    only('server.runningMax', 'requests', server?.runningMax),
    only('server.waitingMax', 'requests', server?.waitingMax),
    only('server.preemptions', 'preemptions', server?.preemptions),
    only('server.prefixHitShare', 'share', server?.prefixHitShare),
  ])
}

function* seen(figures: readonly (Omit<Bare, 'value'> & { value: number | null })[]): Generator<Bare> {
  for (const { value, ...rest } of figures) if (value !== null) yield { ...rest, value }
}

const COLUMNS: readonly Column<Figure>[] = [
  text('run', (f) => f.run),
  text('point', (f) => f.point),
  text('metric', (f) => f.metric),
  text('statistic', (f) => f.statistic),
  text('unit', (f) => f.unit),
  real('value', (f) => f.value),
  real('low', (f) => f.low),
  real('high', (f) => f.high),
]

export const summaryTable = (result: Result): Table<Figure> => ({
  columns: COLUMNS,
  async *rows() {
    yield* figuresOf(result)
  },
})
