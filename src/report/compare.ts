import type { PointFindings, Quantile } from '../analyse/findings.js'
import type { MetricName } from '../analyse/metrics.js'
import type { RunManifest } from '../record/index.js'
import { atDimension, bounded } from './format.js'
import type { Change, Comparison, ConfigurationDifference, ReportResult } from './input.js'

/** Every result against the first, from single runs: indicative, because nothing here says how runs scatter. */
export const compareResults = (results: readonly ReportResult[]): Comparison => ({
  label: 'indicative',
  differences: configurationDifferences(results),
  changes: results.slice(1).flatMap((result) => changesOf(results[0], result)),
})

/** Settings that are not the same in all results, from the manifests of their first points. */
function configurationDifferences(results: readonly ReportResult[]): readonly ConfigurationDifference[] {
  const flat = results.map(({ manifests: [manifest] }) =>
    manifest ? flatten(comparable(manifest)) : new Map<string, string>(),
  )
  const keys = [...new Set(flat.flatMap((m) => [...m.keys()]))].toSorted()
  return keys
    .map((key) => ({ key, values: flat.map((m) => m.get(key) ?? 'not set') }))
    .filter(({ values }) => values.some((v) => v !== values[0]))
}

/** What configures a run; identifiers and times differ always and say nothing. The swept load is the axis. */
function comparable(manifest: RunManifest): unknown {
  const { profile, target, machine, tokens, workers, tool } = manifest
  const { load: _load, name: _name, ...settings } = profile
  return { profile: settings, target, machine, tokens, workers, tool: tool.version }
}

function flatten(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[path, String(value)]])
  const at = (key: string) => (path === '' ? key : `${path}.${key}`)
  return new Map(
    Object.entries(value).flatMap(([key, inner]) =>
      inner === undefined ? [] : [...flatten(inner, at(key))],
    ),
  )
}

function changesOf(first: ReportResult | undefined, second: ReportResult): readonly Change[] {
  if (!first) return []
  return first.findings.points.flatMap((before) => {
    const after = second.findings.points.find((p) => sameAxes(p, before))
    return after ? pointChanges(before, after, second.name) : []
  })
}

const sameAxes = (a: PointFindings, b: PointFindings): boolean => {
  const keys = new Set([...Object.keys(a.setting.axes), ...Object.keys(b.setting.axes)])
  return [...keys].every((key) => a.setting.axes[key] === b.setting.axes[key])
}

const COMPARED: readonly {
  metric: MetricName
  at: 'p50' | 'p99'
  label: string
  better: Change['better']
}[] = [
  { metric: 'ttft', at: 'p50', label: 'TTFT p50', better: 'lower' },
  { metric: 'ttft', at: 'p99', label: 'TTFT p99', better: 'lower' },
  { metric: 'perStreamTokensPerS', at: 'p50', label: 'per-stream speed p50', better: 'higher' },
]

function pointChanges(before: PointFindings, after: PointFindings, result: string): readonly Change[] {
  const axes = Object.entries(before.setting.axes)
  const at = axes.length === 0 ? before.setting.label : axes.map(([d, v]) => atDimension(d, v)).join(', ')
  const rate = rateChange(before.throughput.outputTokensPerS, after.throughput.outputTokensPerS)
  const quantiles = COMPARED.flatMap(({ metric, at: q, label, better }) => {
    const [a, b] = [bounded(before.metrics[metric][q]), bounded(after.metrics[metric][q])]
    if (!a || !b || a.value <= 0) return []
    return [
      {
        result,
        at,
        metric: label,
        unit: before.metrics[metric].unit,
        better,
        before: a.value,
        after: b.value,
        ...ratioInterval(a, b),
      },
    ]
  })
  const total = { result, at, metric: 'output tokens/s', unit: 'tokens/s', better: 'higher' as const }
  return rate ? [{ ...total, ...rate }, ...quantiles] : quantiles
}

const rateChange = (before: number, after: number) =>
  before > 0 ? { before, after, relative: after / before - 1, low: null, high: null } : null

/**
 * Interval of a ratio from the intervals of its parts, on the logarithm (MOVER: Zou and Donner 2008, Statistics in Medicine
 * 27, 1693): the distances of the two nearer bounds add in squares.
 */
function ratioInterval(before: Quantile, after: Quantile) {
  const relative = after.value / before.value - 1
  const bounds = [before.low, before.high, after.low, after.high]
  if (bounds.some((b) => b === null || b <= 0)) return { relative, low: null, high: null }
  const [aLow, aHigh, bLow, bHigh] = bounds.map((b) => Math.log(b ?? 1)) as [number, number, number, number]
  const [a, b] = [Math.log(before.value), Math.log(after.value)]
  const down = Math.hypot(b - bLow, aHigh - a)
  const up = Math.hypot(bHigh - b, a - aLow)
  return { relative, low: Math.exp(b - a - down) - 1, high: Math.exp(b - a + up) - 1 }
}
