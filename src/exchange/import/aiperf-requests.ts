import { z } from 'zod'
import { NS_PER_S } from '../../base/index.js'
import { CLIENT_COUNT, defectsOf, mappings, WHOLE } from './aiperf.js'
import type { ImportedMetric } from './imported.js'
import type { Importer } from './importer.js'
import { mapped } from './metric.js'
import { present, single, statsOf } from './stats.js'

const maybe = z.number().nullish()
const value = z.looseObject({ value: z.union([z.number(), z.array(z.number())]) })
const line = z.looseObject({
  metadata: z.looseObject({
    request_start_ns: z.number(),
    request_end_ns: maybe,
    benchmark_phase: z.string().nullish(),
    was_cancelled: z.boolean().nullish(),
  }),
  metrics: z.record(z.string(), z.unknown()),
  error: z.unknown().optional(),
})
const linesSchema = z.looseObject({ lines: z.array(line).min(1) })
type Lines = z.infer<typeof linesSchema>

/** `profile_export.jsonl`: every request with its figures. */
export const AIPERF_REQUESTS: Importer<Lines> = {
  tool: 'AIPerf',
  schema: linesSchema,
  recognises: ({ lines }) =>
    Array.isArray(lines) && typeof lines[0] === 'object' && lines[0] !== null && 'metadata' in lines[0],
  read({ lines }) {
    const measured = lines.filter(({ metadata }) => (metadata.benchmark_phase ?? 'profiling') === 'profiling')
    const failed = measured.filter(({ error, metadata }) => error != null || metadata.was_cancelled === true)
    const good = measured.filter((request) => !failed.includes(request))
    const startNs = Math.min(...measured.map(({ metadata }) => metadata.request_start_ns))
    const endNs = Math.max(...present(measured.map(({ metadata }) => metadata.request_end_ns)))
    const durationS = (endNs - startNs) / NS_PER_S
    return {
      version: null,
      model: null,
      points: [
        {
          ...{ label: 'run', concurrency: null, ratePerS: null },
          ...{ completed: good.length, failed: failed.length, durationS },
          metrics: [...lineMetrics(good), ...lineRates(good, durationS)],
        },
      ],
      defects: [
        'The file does not tell whose count of tokens was used: see use_server_token_count in the summary beside it.',
        ...defectsOf(true),
      ],
    }
  },
}

const lineMetrics = (lines: Lines['lines']): readonly ImportedMetric[] =>
  mappings(null).flatMap((mapping) => {
    const values = lines.flatMap(({ metrics }) => valuesIn(metrics[mapping.theirs]))
    return values.length === 0 ? [] : [mapped(mapping, 'requests', statsOf(values))]
  })

function valuesIn(cell: unknown): readonly number[] {
  const parsed = value.safeParse(cell)
  return parsed.success ? [parsed.data.value].flat() : []
}

function lineRates(lines: Lines['lines'], durationS: number): readonly ImportedMetric[] {
  if (!(durationS > 0)) return []
  const tokens = lines.flatMap(({ metrics }) => valuesIn(metrics.output_sequence_length))
  const total = tokens.reduce((sum, count) => sum + count, 0)
  return [
    mapped(
      { theirs: 'request_throughput', ours: 'requestsPerS', match: 'equal', note: WHOLE, unit: 'requests/s' },
      'requests',
      single(lines.length / durationS),
    ),
    mapped(
      {
        theirs: 'output_token_throughput',
        ours: 'outputTokensPerS',
        match: 'differs',
        note: CLIENT_COUNT,
        unit: 'tokens/s',
      },
      'requests',
      single(total / durationS),
    ),
  ]
}
