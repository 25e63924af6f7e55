import { METRICS, type PointFindings, type RunAnalysis, type TimelineBin } from '../../analyse/index.js'
import { nsToS } from '../../base/index.js'
import { type Result, zeroUtcMs } from '../result.js'
import { snake } from './records.js'
import { QUANTILES } from './summary.js'

type Labels = Readonly<Record<string, string>>

export interface Sample {
  /** `_sum` and `_count` of a summary; nothing else has one. */
  readonly suffix?: '_sum' | '_count'
  readonly labels: Labels
  readonly value: number
  /** Missing: now, whenever it is read. */
  readonly atMs?: number
}

/** What Prometheus calls a metric family. Only types that both its text format and OpenMetrics know. */
export interface Family {
  readonly name: string
  readonly type: 'gauge' | 'summary'
  /** The last word of the name, where it has one. */
  readonly unit?: 'seconds'
  readonly help: string
  readonly samples: readonly Sample[]
}

const MS_PER_S = 1000

/** The figures of every run, each without a time of its own: what a scrape of a file shows. */
export function summaryFamilies({ runs }: Result): readonly Family[] {
  return [
    infoFamily(runs),
    ...METRICS.map((metric) => metricFamily(metric, runs)),
    ...gaugeFamilies(runs),
  ].filter((family) => family.samples.length > 0)
}

const labelsOf = ({ manifest }: RunAnalysis): Labels => ({
  run: manifest.id,
  point: manifest.point.label,
  model: manifest.target.model,
})

const infoFamily = (runs: readonly RunAnalysis[]): Family => ({
  name: 'falloff_run_info',
  type: 'gauge',
  help: 'What was measured; always 1.',
  samples: runs.map((run) => {
    const { name, tool, target, transport } = run.manifest
    const facts = { name, version: tool.version, api: target.api, engine: target.engine ?? '' }
    const labels = { ...labelsOf(run), ...facts, transport: transport?.name ?? '' }
    return { labels: { ...labels, verdict: run.point.validity.verdict }, value: 1 }
  }),
})

/** Quantiles of the measured window, in seconds where the metric is a time. */
function metricFamily(metric: (typeof METRICS)[number], runs: readonly RunAnalysis[]): Family {
  const inSeconds = metric.unit === 'ms'
  const scale = inSeconds ? 1 / MS_PER_S : 1
  const samples = runs.flatMap((run): Sample[] => {
    const m = run.point.metrics[metric.name]
    if (m.n === 0) return []
    const labels = labelsOf(run)
    const quantiles = QUANTILES.flatMap(([name, q]): Sample[] => {
      const found = m[name]
      return found === null
        ? []
        : [{ labels: { ...labels, quantile: String(q) }, value: found.value * scale }]
    })
    const sum = m.mean === null ? [] : [{ suffix: '_sum' as const, labels, value: m.mean * m.n * scale }]
    return [...quantiles, ...sum, { suffix: '_count', labels, value: m.n }]
  })
  return {
    // Prometheus' own linter wants units in full.
    name: `falloff_${snake(metric.name).replace(/_per_s$/, '_per_second')}${inSeconds ? '_seconds' : ''}`,
    type: 'summary',
    ...(inSeconds && { unit: 'seconds' as const }),
    help: `${metric.label}: ${metric.formula}.`,
    samples,
  }
}

interface Gauge {
  readonly name: string
  readonly help: string
  readonly value: (point: PointFindings) => number | null | undefined
}

const GAUGES: readonly Gauge[] = [
  {
    name: 'requests_per_second',
    help: 'Requests completed inside the window.',
    value: (p) => p.throughput.requestsPerS,
  },
  {
    name: 'output_tokens_per_second',
    help: 'Output tokens, counted at the stamps of their chunks.',
    value: (p) => p.throughput.outputTokensPerS,
  },
  {
    name: 'input_tokens_per_second',
    help: 'Input tokens of requests whose first token fell inside the window.',
    value: (p) => p.throughput.inputTokensPerS,
  },
  {
    name: 'goodput_per_second',
    help: 'Requests that met every objective.',
    value: (p) => p.throughput.goodputPerS,
  },
  {
    name: 'good_ratio',
    help: 'Share of requests that met every objective.',
    value: (p) => p.throughput.goodShare,
  },
  {
    name: 'in_flight_requests',
    help: 'Mean number of requests in flight.',
    value: (p) => p.throughput.meanInFlight,
  },
  {
    name: 'offered_per_second',
    help: 'Arrivals due inside the window, of an open loop.',
    value: (p) => p.throughput.offeredPerS,
  },
  {
    name: 'kv_cache_usage_max_ratio',
    help: 'Largest share of the KV cache in use, by the engine.',
    value: (p) => p.server?.kvUsageMax,
  },
  {
    name: 'stamp_error_p99_seconds',
    help: 'Size of the error of our own stamps.',
    value: (p) => inSeconds(p.instrument.canary?.stampMs.p99),
  },
]

const inSeconds = (ms: number | null | undefined): number | null =>
  ms === null || ms === undefined ? null : ms / MS_PER_S

const gaugeFamilies = (runs: readonly RunAnalysis[]): readonly Family[] => [
  ...GAUGES.map(({ name, help, value }): Family => {
    const samples = runs.flatMap((run): Sample[] => {
      const found = value(run.point)
      return found === null || found === undefined ? [] : [{ labels: labelsOf(run), value: found }]
    })
    const unit = name.endsWith('_seconds') ? { unit: 'seconds' as const } : {}
    return { name: `falloff_${name}`, type: 'gauge', ...unit, help, samples }
  }),
  {
    name: 'falloff_requests',
    type: 'gauge',
    help: 'Planned requests by the state in which they ended.',
    samples: runs.flatMap((run) =>
      Object.entries(run.point.states).map(([state, value]) => ({
        labels: { ...labelsOf(run), state },
        value,
      })),
    ),
  },
]

interface Course {
  readonly name: string
  readonly help: string
  readonly value: (bin: TimelineBin) => number | null
}

const COURSES: readonly Course[] = [
  { name: 'output_tokens_per_second', help: 'Output tokens.', value: (b) => b.outputTokensPerS },
  { name: 'in_flight_requests', help: 'Requests in flight.', value: (b) => b.inFlight },
  { name: 'ttft_p50_seconds', help: 'Median time to first token.', value: (b) => inSeconds(b.ttftP50Ms) },
  { name: 'gap_p99_seconds', help: 'p99 of the gap between chunks.', value: (b) => inSeconds(b.gapP99Ms) },
  { name: 'failures', help: 'Requests that failed.', value: (b) => b.failures },
  { name: 'kv_cache_usage_ratio', help: 'Share of the KV cache in use.', value: (b) => b.kvUsage },
  { name: 'running_requests', help: 'Requests that the engine runs.', value: (b) => b.running },
  { name: 'waiting_requests', help: 'Requests that wait in the engine.', value: (b) => b.waiting },
  { name: 'preemptions_per_second', help: 'Preemptions.', value: (b) => b.preemptionsPerS },
]

/** The course of every run in at most 150 bins, each at the moment of its end: a history, for a time-series database. */
export const courseFamilies = ({ runs }: Result): readonly Family[] =>
  COURSES.map(({ name, help, value }): Family => {
    const samples = runs.flatMap((run) => courseOf(run, value))
    const unit = name.endsWith('_seconds') ? { unit: 'seconds' as const } : {}
    return {
      name: `falloff_course_${name}`,
      type: 'gauge',
      ...unit,
      help: `${help} Per bin of time.`,
      samples,
    }
  }).filter((family) => family.samples.length > 0)

function courseOf(run: RunAnalysis, value: Course['value']): readonly Sample[] {
  const labels = labelsOf(run)
  const { bins, binS } = run.timeline
  return bins.flatMap((bin): Sample[] => {
    const found = value(bin)
    const atMs = Math.round(zeroUtcMs(run) + (bin.atS + binS) * MS_PER_S)
    return found === null ? [] : [{ labels, value: found, atMs }]
  })
}

/** When the run ended, in ms since the epoch. */
export const endUtcMs = (run: RunAnalysis): number =>
  Math.round(zeroUtcMs(run) + nsToS(run.manifest.endNs ?? 0) * MS_PER_S)
