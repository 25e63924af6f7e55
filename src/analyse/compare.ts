import { createRandom } from '../base/index.js'
import type { RunManifest } from '../record/index.js'
import type { Findings, PointFindings, Quantile } from './findings.js'
import { METRICS } from './metrics.js'
import { differenceOf, meanDraws, percentileInterval, wilson } from './stats/index.js'

/** One result with the manifests of its points. */
interface ComparisonSource {
  readonly name: string
  readonly findings: Findings
  readonly manifests: readonly RunManifest[]
}

/** Every other result against the first. */
interface Comparison {
  /** What the differences can bear: one run a side is never more than an indication. */
  readonly label: 'indicative'
  readonly differences: readonly ConfigurationDifference[]
  readonly changes: readonly Change[]
}

/** A setting that is not the same in all results; one value per result, in their order. */
interface ConfigurationDifference {
  readonly key: string
  readonly values: readonly string[]
}

interface Change {
  readonly result: string
  /** Setting at which both were measured. */
  readonly at: string
  /** The same, as short as a chart needs it: the values alone. */
  readonly atShort: string
  readonly metric: string
  readonly unit: string
  readonly before: number
  readonly after: number
  /** (after − before) / before, with a 95 % interval where both sides have one; of shares the plain difference. */
  readonly relative: number
  readonly low: number | null
  readonly high: number | null
  readonly better: 'lower' | 'higher'
}

/** Differences at every point that results share, from the intervals inside each single run. */
export function compareFindings(sources: readonly ComparisonSource[]): Comparison {
  const [base, ...others] = sources
  const changes = others.flatMap((other) => (base === undefined ? [] : changesBetween(base, other)))
  return { label: 'indicative', differences: configurationDifferences(sources), changes }
}

function changesBetween(base: ComparisonSource, other: ComparisonSource): readonly Change[] {
  return base.findings.points.flatMap((a) => {
    const b = other.findings.points.find((p) => p.setting.label === a.setting.label)
    if (b === undefined) return []
    const values = Object.values(a.setting.axes)
    const where = { result: other.name, at: a.setting.label, atShort: values.join(' × ') || a.setting.label }
    return [...latencyChanges(a, b), throughputChange(a, b), failureChange(a, b)].flatMap((c) =>
      c === null ? [] : [{ ...where, ...c }],
    )
  })
}

type Unplaced = Omit<Change, 'result' | 'at' | 'atShort'>

function latencyChanges(a: PointFindings, b: PointFindings): readonly Unplaced[] {
  return METRICS.flatMap(({ name, unit, better }) => {
    if (better === 'neither' || name === 'lateness') return []
    return (['p50', 'p99'] as const).flatMap((q) => {
      const [before, after] = [a.metrics[name][q], b.metrics[name][q]]
      if (before === null || after === null || before.value === 0) return []
      return [
        {
          metric: `${name} ${q}`,
          unit,
          better,
          before: before.value,
          after: after.value,
          ...ratioOf(before, after),
        },
      ]
    })
  })
}

type Bounded = Quantile & { readonly low: number; readonly high: number }
const isBounded = (q: Quantile): q is Bounded => q.low !== null && q.high !== null && q.low > 0

/** On logarithms, where a ratio is a difference; bounds by squaring and adding the sides' own. */
function ratioOf(before: Quantile, after: Quantile): Pick<Change, 'relative' | 'low' | 'high'> {
  const relative = after.value / before.value - 1
  if (!isBounded(before) || !isBounded(after)) return { relative, low: null, high: null }
  const log = (q: Bounded) => ({ value: Math.log(q.value), low: Math.log(q.low), high: Math.log(q.high) })
  const { low, high } = differenceOf(log(before), log(after))
  return { relative, low: Math.exp(low) - 1, high: Math.exp(high) - 1 }
}

const ROUNDS = 2000

function throughputChange(a: PointFindings, b: PointFindings): Unplaced | null {
  const [before, after] = [a.throughput.outputTokensPerS, b.throughput.outputTokensPerS]
  if (before === 0) return null
  const random = createRandom(1, 'compare')
  const drawBefore = meanDraws(a.throughput.batchTokensPerS, random)
  const drawAfter = meanDraws(b.throughput.batchTokensPerS, random)
  const interval = percentileInterval(ROUNDS, () => drawAfter() / drawBefore() - 1)
  return {
    metric: 'outputTokensPerS',
    unit: 'tokens/s',
    better: 'higher',
    before,
    after,
    relative: after / before - 1,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
  }
}

/** Shares of failed requests: the difference itself, as a ratio of rare events says little. Newcombe's interval. */
function failureChange(a: PointFindings, b: PointFindings): Unplaced {
  const share = ({ states }: PointFindings) => {
    const lost = states.failed + states['timed-out'] + states['cut-off']
    return wilson(lost, lost + states.completed)
  }
  const [before, after] = [share(a), share(b)]
  const { value, low, high } = differenceOf(before, after)
  return {
    metric: 'errorRate',
    unit: 'share',
    better: 'lower',
    before: before.value,
    after: after.value,
    relative: value,
    low,
    high,
  }
}

/** Keys of the first point's profile and target whose values differ between results. */
function configurationDifferences(sources: readonly ComparisonSource[]): readonly ConfigurationDifference[] {
  const flat = sources.map(({ manifests: [m] }) =>
    m === undefined
      ? new Map<string, string>()
      : flatten({ ...m.profile, engineFacts: m.target, version: m.tool.version }),
  )
  const keys = [...new Set(flat.flatMap((f) => [...f.keys()]))].sort()
  return keys
    .map((key) => ({ key, values: flat.map((f) => f.get(key) ?? 'not set') }))
    .filter(({ values }) => new Set(values).size > 1)
}

/** `{ a: { b: 1 } }` → `a.b` → `1`. Lists are values. */
function flatten(value: object, path = ''): Map<string, string> {
  const flat = new Map<string, string>()
  for (const [key, inner] of Object.entries(value)) {
    const place = path === '' ? key : `${path}.${key}`
    if (inner === undefined) continue
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
      for (const [k, v] of flatten(inner as object, place)) flat.set(k, v)
    } else flat.set(place, typeof inner === 'string' ? inner : JSON.stringify(inner))
  }
  return flat
}
