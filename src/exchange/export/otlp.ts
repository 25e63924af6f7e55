import type { RunAnalysis } from '../../analyse/index.js'
import { type Result, zeroUtcMs } from '../result.js'
import { genAiHistograms } from './gen-ai.js'
import {
  attributesOf,
  type Metric,
  type MetricsRequest,
  type Moment,
  type NumberPoint,
  type ResourceMetrics,
} from './otlp-data.js'
import { endUtcMs, type Family, type Sample, summaryFamilies } from './series.js'

const NS_PER_MS = 1_000_000n

/**
 * One resource per run: histograms by the semantic conventions for generative AI, from the records, and falloff's own figures
 * as gauges. A run is over: its counts are cumulative since its start.
 */
export async function metricsRequest(result: Result): Promise<MetricsRequest> {
  const resourceMetrics: ResourceMetrics[] = []
  for (const run of result.runs) {
    const moment = {
      startTimeUnixNano: BigInt(zeroUtcMs(run)) * NS_PER_MS,
      timeUnixNano: BigInt(endUtcMs(run)) * NS_PER_MS,
    }
    const gauges = summaryFamilies({ ...result, runs: [run] }).flatMap((f) => gaugeOf(f, moment))
    resourceMetrics.push(resourceOf(run, [...(await genAiHistograms(run, moment)), ...gauges]))
  }
  return { resourceMetrics }
}

function resourceOf({ manifest }: RunAnalysis, metrics: readonly Metric[]): ResourceMetrics {
  const { id, name, tool, point } = manifest
  const attributes = attributesOf({
    'service.name': tool.name,
    'service.version': tool.version,
    'service.instance.id': id,
    'falloff.run.name': name,
    'falloff.point': point.label,
  })
  return {
    resource: { attributes },
    scopeMetrics: [{ scope: { name: tool.name, version: tool.version }, metrics }],
  }
}

/** Quantiles are gauges with an attribute: the protocol keeps its summaries for older systems. */
function gaugeOf({ name, unit, help, samples }: Family, moment: Moment): readonly Metric[] {
  const dataPoints = samples
    .filter((s) => s.suffix === undefined)
    .map((sample) => numberPoint(sample, moment))
  if (dataPoints.length === 0) return []
  const shown = unit === undefined ? name : name.slice(0, -'_seconds'.length)
  return [
    {
      name: shown.replace('_', '.'),
      description: help,
      unit: unit === undefined ? '1' : 's',
      gauge: { dataPoints },
    },
  ]
}

const numberPoint = ({ labels, value }: Sample, moment: Moment): NumberPoint => ({
  // Run and point are the resource's.
  attributes: attributesOf(Object.fromEntries(Object.entries(labels).filter(([key]) => !RESOURCE.has(key)))),
  ...moment,
  asDouble: value,
})

const RESOURCE: ReadonlySet<string> = new Set(['run', 'point'])

/** The protocol's JSON: 64-bit integers are decimal texts. */
export const otlpJson = (request: MetricsRequest): string =>
  `${JSON.stringify(request, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}\n`
