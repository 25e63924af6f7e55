import { nearest } from '../base/index.js'

/** Every per-request metric: what an objective may name. `analyse` declares how each is worked out. */
export const METRIC_NAMES = [
  'ttft',
  'ttftFromSchedule',
  'ttfv',
  'tpot',
  'chunkGap',
  'maxStall',
  'e2e',
  'e2eFromSchedule',
  'headers',
  'lateness',
  'perStreamTokensPerS',
  'inputTokens',
  'outputTokens',
] as const
export type MetricName = (typeof METRIC_NAMES)[number]

/** Figures of a whole run: no statistic goes with them. */
const RATE_NAMES = ['errorRate', 'goodShare', 'requestsPerS', 'outputTokensPerS', 'goodputPerS'] as const
type RateName = (typeof RATE_NAMES)[number]

/** A service-level objective, in the metric's own unit (ms, tokens/s, tokens, %, requests/s). */
export type Objective = MetricObjective | RateObjective

interface Limit {
  /** As the user wrote it. */
  readonly text: string
  readonly comparison: '<=' | '>='
  readonly limit: number
  readonly unit: string
}

export interface MetricObjective extends Limit {
  readonly kind: 'metric'
  readonly metric: MetricName
  /** `p99`, `p99.9`, `mean`, `min` or `max`. */
  readonly statistic: string
  /** The quantile asked for, 0 to 1; null for mean, min and max. */
  readonly quantile: number | null
}

export interface RateObjective extends Limit {
  readonly kind: 'rate'
  readonly metric: RateName
}

/** Unit as written → the metric's unit and the factor that leads there. */
export const WRITTEN_UNITS: Readonly<Record<string, readonly [unit: string, factor: number]>> = {
  us: ['ms', 1e-3],
  µs: ['ms', 1e-3],
  ms: ['ms', 1],
  s: ['ms', 1e3],
  'tokens/s': ['tokens/s', 1],
  'tok/s': ['tokens/s', 1],
  tokens: ['tokens', 1],
  '%': ['%', 1],
  'requests/s': ['requests/s', 1],
  'req/s': ['requests/s', 1],
}

const RATE_UNITS: Readonly<Record<RateName, string>> = {
  errorRate: '%',
  goodShare: '%',
  requestsPerS: 'requests/s',
  outputTokensPerS: 'tokens/s',
  goodputPerS: 'requests/s',
}

function unitOf(metric: MetricName | RateName): string {
  if (isRate(metric)) return RATE_UNITS[metric]
  if (metric === 'perStreamTokensPerS') return 'tokens/s'
  return metric === 'inputTokens' || metric === 'outputTokens' ? 'tokens' : 'ms'
}

const isRate = (name: string): name is RateName => (RATE_NAMES as readonly string[]).includes(name)
const isMetric = (name: string): name is MetricName => (METRIC_NAMES as readonly string[]).includes(name)

const SHAPE = /^\s*([A-Za-z]\w*)(?:\s+([A-Za-z][\w.]*))?\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\s*([a-zµ%/]+)?\s*$/
const EXAMPLE = 'such as "ttft p99 <= 500 ms" or "errorRate <= 1 %"'

/** Reads `ttft p99 <= 500 ms`. Returns the objective, or a message that says what is wrong and the way out. */
export function parseObjective(text: string): Objective | string {
  const match = SHAPE.exec(text)
  if (match === null) return `expected METRIC STATISTIC <= LIMIT UNIT, ${EXAMPLE}; got "${text}"`
  const [, metric = '', statistic, comparison = '', number = '', unitText] = match
  if (!isMetric(metric) && !isRate(metric)) return unknownMetric(metric)
  const unit = unitOf(metric)
  const [unitWritten, factor] = unitText === undefined ? [unit, 1] : (WRITTEN_UNITS[unitText] ?? ['', 1])
  if (unitWritten !== unit) return `${metric} is measured in ${unit}; got the unit "${unitText}"`
  const limit: Limit = {
    text: text.trim().replace(/\s+/g, ' '),
    comparison: comparison.startsWith('<') ? '<=' : '>=',
    limit: Number(number) * factor,
    unit,
  }
  if (isRate(metric))
    return statistic === undefined ? { kind: 'rate', metric, ...limit } : noStatistic(metric, statistic)
  const quantile = quantileOf(statistic ?? '')
  if (quantile === undefined) return wrongStatistic(metric, statistic)
  return { kind: 'metric', metric, statistic: statistic ?? '', quantile, ...limit }
}

/** 0.99 for `p99`, null for mean, min and max, undefined for anything else. */
function quantileOf(statistic: string): number | null | undefined {
  if (statistic === 'mean' || statistic === 'min' || statistic === 'max') return null
  const percent = Number(/^p(\d+(?:\.\d+)?)$/.exec(statistic)?.[1])
  // 99.9 / 100 is a hair above 0.999 in binary.
  return percent > 0 && percent < 100 ? Number((percent / 100).toPrecision(12)) : undefined
}

function unknownMetric(name: string): string {
  const known = [...METRIC_NAMES, ...RATE_NAMES]
  const guess = nearest(name, known)
  return `unknown metric "${name}"; ${guess ? `did you mean "${guess}"?` : `known: ${known.join(', ')}`}`
}

const noStatistic = (metric: string, statistic: string): string =>
  `${metric} is one figure for the whole run and takes no statistic; got "${statistic}"`

const wrongStatistic = (metric: string, statistic: string | undefined): string =>
  `${metric} needs a statistic: p50, p90, p95, p99, any other pNN, mean, min or max; got ${statistic === undefined ? 'none' : `"${statistic}"`}`
