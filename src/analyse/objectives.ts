import { type MetricObjective, type Objective, parseObjective, type RateObjective } from '../profile/index.js'
import type { ObjectiveFinding, Throughput } from './findings.js'
import type { Gathered } from './gather.js'
import { METRICS } from './metrics.js'
import { rateBounds } from './rate-bounds.js'
import type { Sample, Samples } from './spread.js'
import { meanOf, nearestRank, rankInterval, sortValues, stdDevOf } from './stats/index.js'
import type { Outcome } from './throughput.js'

/** Objectives of a profile; the profile has been checked when it was read, so texts that do not parse are left out. */
export const objectivesOf = (texts: readonly string[]): readonly Objective[] =>
  texts.map((text) => parseObjective(text)).filter((parsed) => typeof parsed !== 'string')

/**
 * Whether one completed request meets every objective on a metric: its own value, or for a metric with many values in a
 * request the statistic over those, against the limit. A missing first token misses; other metrics that a request cannot
 * have (a token time with one token) do not count against it.
 */
export function goodRequest(g: Gathered, objectives: readonly Objective[]): (row: number) => boolean {
  const judged = objectives.filter((o) => o.kind === 'metric')
  return (row) =>
    judged.every((objective) => {
      const own = g.values[objective.metric].row(row)
      const first = own[0]
      if (first === undefined) return !objective.metric.startsWith('ttf')
      // Of one value every statistic is that value; nearly all metrics have one in a request.
      const value = own.length === 1 ? first : statisticOf(sortValues(Float64Array.from(own)), objective)
      return within(value, objective)
    })
}

const within = (value: number, o: Objective): boolean =>
  o.comparison === '<=' ? value <= o.limit : value >= o.limit

function statisticOf(values: Float64Array, { statistic, quantile }: MetricObjective): number {
  if (quantile !== null) return values[nearestRank(values.length, quantile) - 1] ?? Number.NaN
  if (statistic === 'mean') return meanOf(values)
  return (statistic === 'min' ? values[0] : values.at(-1)) ?? Number.NaN
}

/** What the objectives are held against. */
export interface Measured {
  readonly samples: Samples
  readonly throughput: Throughput
  readonly outcome: Outcome
}

export const judgeObjectives = (
  objectives: readonly Objective[],
  measured: Measured,
): readonly ObjectiveFinding[] =>
  objectives.map((o) => (o.kind === 'rate' ? judgeRate(o, measured) : judgeMetric(o, measured)))

type Bounds = { readonly value: number | null; readonly low: number | null; readonly high: number | null }

function finding(
  o: Objective,
  statistic: string,
  bounds: Bounds,
  verdict: ObjectiveFinding['verdict'],
): ObjectiveFinding {
  const shown = (v: number | null): number | null => (v !== null && Number.isFinite(v) ? v : null)
  const { value, low, high } = bounds
  return {
    text: o.text,
    metric: o.metric,
    statistic,
    limit: o.limit,
    unit: o.unit,
    value: shown(value),
    low: shown(low),
    high: shown(high),
    verdict,
  }
}

/** By the whole interval; an end that the sample cannot bound may lie anywhere. */
function verdictOf(o: Objective, { low, high }: Bounds): ObjectiveFinding['verdict'] {
  const [safe, unsafe] = o.comparison === '<=' ? [high, low] : [low, high]
  if (safe !== null && within(safe, o)) return 'met'
  return unsafe !== null && !within(unsafe, o) ? 'missed' : 'unclear'
}

/**
 * Where no interval is claimed, the least of so many independent values still bounds a median, and all above it, from below:
 * the median lies beyond all of six in one case of 64. So does the largest from above. What misses by all its values is
 * missed.
 */
const LEAST_FOR_EXTREMES = 6

/**
 * Requests that did not complete rank as infinitely bad: a server that sheds what it cannot serve in time must not meet
 * an objective by it. Those that we stopped ourselves are left out.
 */
function judgeMetric(o: MetricObjective, { samples, outcome }: Measured): ObjectiveFinding {
  const lost =
    METRICS.find((m) => m.name === o.metric)?.from === 'sent' ? 0 : outcome.asked - outcome.completed
  const values = withLost(samples[o.metric], lost, o.comparison)
  const none = { value: null, low: null, high: null }
  if (values.length === 0) return finding(o, o.statistic, none, 'not measured')
  if (o.quantile === null) return judgeMoment(o, values)
  const at = (rank: number | null): number | null => (rank === null ? null : (values[rank - 1] ?? null))
  const ranks = rankInterval(values.length, o.quantile, samples[o.metric].dependence)
  const enough = ranks.effectiveN >= LEAST_FOR_EXTREMES
  const bounds = {
    value: at(nearestRank(values.length, o.quantile)),
    low: at(ranks.low ?? (enough && o.quantile >= 0.5 ? 1 : null)),
    high: at(ranks.high ?? (enough && o.quantile <= 0.5 ? values.length : null)),
  }
  return finding(o, o.statistic, bounds, verdictOf(o, bounds))
}

function withLost({ values }: Sample, lost: number, comparison: Objective['comparison']): Float64Array {
  const worst = comparison === '<=' ? Number.POSITIVE_INFINITY : 0
  const all = new Float64Array(values.length + lost).fill(worst)
  all.set(values, comparison === '<=' ? 0 : lost)
  return all
}

/** Mean with its normal interval; of an extreme the value alone: what was not seen has no bound. */
function judgeMoment(o: MetricObjective, values: Float64Array): ObjectiveFinding {
  const value = statisticOf(values, o)
  if (o.statistic !== 'mean') {
    return finding(o, o.statistic, { value, low: null, high: null }, within(value, o) ? 'met' : 'missed')
  }
  const half = Number.isFinite(value) ? (1.96 * stdDevOf(values)) / Math.sqrt(values.length) : 0
  const bounds = { value, low: value - half, high: value + half }
  return finding(o, o.statistic, bounds, verdictOf(o, bounds))
}

function judgeRate(o: RateObjective, { throughput, outcome }: Measured): ObjectiveFinding {
  const statistic = o.unit === '%' ? 'share' : 'rate'
  const found = rateBounds(o.metric, throughput, outcome)
  if (found === null) return finding(o, statistic, { value: null, low: null, high: null }, 'not measured')
  const scale = o.unit === '%' ? 100 : 1
  const bounds = { value: found.value * scale, low: found.low * scale, high: found.high * scale }
  return finding(o, statistic, bounds, verdictOf(o, bounds))
}
