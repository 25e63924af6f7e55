import type { Backend } from './backend.js'
import { type Labels, type MetricFamily, metricFamilies } from './metric-families.js'

export interface ExpositionOptions {
  readonly model: string
  /** `v0` exposes the older names of the metrics that were renamed. */
  readonly names: 'v0' | 'v1'
  /** Longest time the simulator itself was behind its own timeline, in seconds. */
  readonly maxLateS: number
}

/** The Prometheus text of a backend, under vLLM's names, types and labels, and one metric on the simulator itself. */
export function exposition(backend: Backend, { model, names, maxLateS }: ExpositionOptions): string {
  const own: MetricFamily = {
    name: 'falloff_simulator:late_seconds_max',
    help: 'Most the simulator was behind its own timeline.',
    data: { type: 'gauge', samples: [[{}, maxLateS]] },
  }
  const lines = [...metricFamilies(backend, names), own].flatMap((family) => [
    `# HELP ${family.name} ${family.help}`,
    `# TYPE ${family.name} ${family.data.type}`,
    ...samplesOf(family, { engine: '0', ...(family.withoutModel ? {} : { model_name: model }) }),
  ])
  return `${lines.join('\n')}\n`
}

function samplesOf({ name, data }: MetricFamily, base: Labels): string[] {
  if (data.type !== 'histogram')
    return data.samples.map(([labels, value]) => sample(name, { ...base, ...labels }, value))
  const { bounds, counts, count, sum } = data.histogram
  let below = 0
  const buckets = counts.map((inBucket, i) => {
    below += inBucket
    const bound = bounds[i]
    return sample(`${name}_bucket`, { ...base, le: bound === undefined ? '+Inf' : pythonFloat(bound) }, below)
  })
  return [...buckets, sample(`${name}_count`, base, count), sample(`${name}_sum`, base, sum)]
}

/** Labels in the order of their names, as the Python client prints them. */
const sample = (name: string, labels: Labels, value: number): string => {
  const text = Object.keys(labels)
    .sort()
    .map((label) => `${label}="${quoted(labels[label] ?? '')}"`)
  return `${name}{${text.join(',')}} ${pythonFloat(value)}`
}

const quoted = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

/** Whole numbers keep their point. */
const pythonFloat = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value))
