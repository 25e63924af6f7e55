import {
  CURVE_QUANTILES,
  type Figure,
  type FigureValue,
  type PointFigures,
  type ServerFigures,
} from '../../record/index.js'
import type { PointFindings, RunData, ServerFindings } from '../findings.js'
import type { Gathered } from '../gather.js'
import { METRICS, type MetricName } from '../metrics.js'
import { objectivesOf } from '../objectives.js'
import { rateBounds } from '../rate-bounds.js'
import { type WorkedOut, workOut } from '../summarise.js'
import { characterFigures, charsPerTokenOf } from './characters.js'
import { STATISTICS } from './declarations.js'
import { meanFigure, quantileFigure, type Ranked, rankedOf } from './ranked.js'

/** Metrics that are drawn as curves: the latencies that a user or an operator asks for. */
const CURVES: readonly MetricName[] = [
  'ttft',
  'ttftFromSchedule',
  'tpot',
  'chunkGap',
  'maxStall',
  'e2e',
  'e2eFromSchedule',
]

/** What one run came to, with its findings and the rows of its window. */
export interface PointRead {
  readonly point: PointFindings
  readonly figures: PointFigures
  readonly rows: Int32Array
}

export function pointFigures(run: RunData, g: Gathered): PointRead {
  const worked = workOut(run, g)
  const { point, outcome } = worked
  const ranked = new Map(METRICS.map((m) => [m.name, rankedOf(worked.samples[m.name], m, outcome)]))
  const table = {
    ...metricFigures(ranked),
    ...rateFigures(worked, objectivesOf(run.manifest.profile.objectives).length > 0),
  }
  const charsPerToken = charsPerTokenOf(g)
  const figures = {
    label: point.setting.label,
    axes: point.setting.axes,
    states: point.states,
    judged: outcome.asked,
    failed: outcome.asked - outcome.completed,
    failures: point.failures.map(({ code, count }) => ({ code, count })),
    figures: { ...table, ...(charsPerToken !== null && characterFigures(table, charsPerToken)) },
    curves: curvesOf(ranked),
    ...(charsPerToken !== null && { charsPerToken }),
    ...(point.server !== null && { server: serverFigures(point.server) }),
  }
  return { point, figures, rows: worked.rows }
}

function metricFigures(ranked: ReadonlyMap<MetricName, Ranked>): Record<string, Figure> {
  const figures: Record<string, Figure> = {}
  for (const [metric, values] of ranked) {
    for (const { name, quantile } of STATISTICS) {
      const figure = quantile === null ? meanFigure(values) : quantileFigure(values, quantile)
      if (figure !== null) figures[`${metric}.${name}`] = figure
    }
  }
  return figures
}

function curvesOf(ranked: ReadonlyMap<MetricName, Ranked>): PointFigures['curves'] {
  const curves: Record<string, readonly (FigureValue | null)[]> = {}
  for (const metric of CURVES) {
    const values = ranked.get(metric)
    if (values === undefined || values.sorted.length + values.lost === 0) continue
    curves[metric] = CURVE_QUANTILES.map((q) => reached(values, q))
  }
  return curves
}

/** Null where not one value would lie beyond the quantile: the largest of a hundred is no p99.9. */
function reached(values: Ranked, q: number): FigureValue | null {
  const n = values.sorted.length + values.lost
  return n * Math.min(q, 1 - q) < 1 - 1e-9 ? null : (quantileFigure(values, q)?.value ?? null)
}

const serverFigures = (s: ServerFindings): ServerFigures => ({
  runningMean: s.runningMean,
  runningMax: s.runningMax,
  waitingMean: s.waitingMean,
  kvUsageMean: s.kvUsageMean,
  kvUsageMax: s.kvUsageMax,
  preemptionsPerRequest: s.preemptionsPerRequest,
  prefixHitShare: s.prefixHitShare,
  queueMs: s.queueMs,
  prefillMs: s.prefillMs,
  decodeMs: s.decodeMs,
})

const RATES = ['requestsPerS', 'outputTokensPerS', 'inputTokensPerS'] as const

/** Goodput only where something was asked for: without an objective all that completes is good. */
function rateFigures({ point, outcome }: WorkedOut, judged: boolean): Record<string, Figure> {
  const names = [...RATES, 'errorRate' as const, ...(judged ? (['goodputPerS', 'goodShare'] as const) : [])]
  const figures: Record<string, Figure> = {}
  for (const name of names) {
    const bounds = rateBounds(name, point.throughput, outcome)
    if (bounds !== null) figures[name] = bounds
  }
  return figures
}
