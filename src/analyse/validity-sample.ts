import { formatNumber } from '../base/index.js'
import { type MetricName, parseObjective } from '../profile/index.js'
import type { Evidence, Judgement, Rule } from './validity-rule.js'

function statesDoNotSum({ point, records, duplicates }: Evidence): Judgement | null {
  const missing = point.planned - records
  if (missing === 0 && duplicates === 0) return null
  const twice = duplicates > 0 ? `, ${duplicates} of them recorded twice` : ''
  return {
    severity: 'invalid',
    message: `the plan holds ${point.planned} requests, ${records} have a record${twice}`,
    seen: missing === 0 ? records + duplicates : records,
    allowed: point.planned,
    unit: 'records',
  }
}

function nothingCompleted({ point }: Evidence): Judgement | null {
  if (point.metrics.ttft.n > 0 || point.metrics.e2e.n > 0) return null
  const kinds = point.failures.map((f) => `${f.code} ${f.count}`).join(', ')
  return {
    severity: 'invalid',
    message: `no request completed inside the window (${kinds || 'none was sent'})`,
    seen: 0,
    allowed: 1,
    unit: 'requests',
  }
}

const EARLY: readonly string[] = ['interrupted', 'target-lost', 'error-rate', 'budget', 'killed']

function stoppedEarly({ manifest: { stopReason } }: Evidence): Judgement | null {
  if (stopReason === undefined || !EARLY.includes(stopReason)) return null
  return {
    severity: 'caveat',
    message: `the run ended before its plan: ${stopReason}`,
    seen: null,
    allowed: null,
    unit: '',
  }
}

/** A percentile that somebody will read. */
interface Asked {
  readonly metric: MetricName
  readonly statistic: string
  readonly quantile: number
}

/** Those of the objectives; p99 of the TTFT where no objective asks for a percentile. */
function askedQuantiles(objectives: readonly string[]): readonly Asked[] {
  const asked = objectives.flatMap((text) => {
    const o = parseObjective(text)
    if (typeof o === 'string' || o.kind !== 'metric' || o.quantile === null) return []
    return [{ metric: o.metric, statistic: o.statistic, quantile: o.quantile }]
  })
  return asked.length > 0 ? asked : [{ metric: 'ttft', statistic: 'p99', quantile: 0.99 }]
}

/**
 * The least number of values that bounds a quantile with 95 % confidence on both sides: all n lie below the q-quantile with
 * probability qⁿ, above it with (1 − q)ⁿ, and neither may exceed 2.5 %. 72 for p95, 368 for p99, 3,688 for p99.9.
 */
export const leastFor = (quantile: number): number =>
  Math.ceil(Math.log(0.025) / Math.log(Math.max(quantile, 1 - quantile)))

/** Percentiles that a summary holds, with what its values are worth. */
const HELD: Readonly<Record<string, 'p5' | 'p50' | 'p90' | 'p95' | 'p99' | 'p999'>> = {
  '0.05': 'p5',
  '0.5': 'p50',
  '0.9': 'p90',
  '0.95': 'p95',
  '0.99': 'p99',
  '0.999': 'p999',
}

/**
 * What a percentile's values are worth, and what it takes to bound it. Values that depend on their neighbours are worth
 * fewer than they are, and no interval is claimed of few of them (docs/design/0003-statistics.md).
 */
function weigh({ metrics }: Evidence['point'], { metric, quantile }: Asked) {
  const key = HELD[String(quantile)]
  const found = key === undefined ? null : metrics[metric][key]
  const worth = Math.min(metrics[metric].n, found?.effectiveN ?? Number.POSITIVE_INFINITY)
  const alone = found === null || found.method === 'order-statistics'
  return {
    worth,
    needed: alone ? leastFor(quantile) : Math.max(leastFor(quantile), leastDependent(quantile)),
  }
}

const leastDependent = (quantile: number): number =>
  Math.ceil(Math.max(40, 10 / Math.min(quantile, 1 - quantile)) - 1e-6)

function fewSamples({ point, manifest }: Evidence): Judgement | null {
  const [worst] = askedQuantiles(manifest.profile.objectives)
    .map((asked) => ({ ...asked, ...weigh(point, asked) }))
    .filter(({ metric, worth, needed }) => point.metrics[metric].n > 0 && worth < needed)
    .toSorted((a, b) => a.worth / a.needed - b.worth / b.needed)
  if (worst === undefined) return null
  const { metric, statistic, worth, needed } = worst
  const { n } = point.metrics[metric]
  const alike = worth < n ? `, which say as much as ${worth} independent ones` : ''
  return {
    severity: 'caveat',
    message: `${n} values of ${metric} in the window${alike}: its ${statistic} is not bounded (${needed} needed)`,
    seen: worth,
    allowed: needed,
    unit: 'values',
  }
}

function shortRun({ point, allow, meanLifeMs }: Evidence): Judgement | null {
  const seen = point.window.toS - point.window.fromS
  const allowed = Math.max(allow.windowS, ((meanLifeMs ?? 0) / 1000) * allow.windowLives)
  if (seen >= allowed) return null
  return {
    severity: 'caveat',
    message: `the window lasts ${formatNumber(seen)} s; ${formatNumber(allow.windowS)} s and ${formatNumber(allow.windowLives)} mean lives of a request (${formatNumber(allowed)} s) are wanted`,
    seen,
    allowed,
    unit: 's',
  }
}

/** Is there enough to say anything? */
export const sampleRules: readonly Rule[] = [
  {
    code: 'records-incomplete',
    advice:
      'The run was killed or its files were damaged: what is there is shown, but shares and rates lack the rest. Run again.',
    judge: statesDoNotSum,
  },
  {
    code: 'nothing-completed',
    advice: 'See the errors; check URL, model and credentials with a single request.',
    judge: nothingCompleted,
  },
  { code: 'stopped-early', advice: 'Figures cover the part that ran.', judge: stoppedEarly },
  {
    code: 'few-samples',
    advice: 'Raise limits.requests, or ask for a lower percentile only.',
    judge: fewSamples,
  },
  { code: 'short-run', advice: 'Raise limits.requests or limits.durationS.', judge: shortRun },
]
