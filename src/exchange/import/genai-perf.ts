import type { z } from 'zod'
import { mappings, summaryMetrics, summaryRates, summarySchema } from './aiperf.js'
import type { Importer } from './importer.js'

/** `profile_export_genai_perf.json`: AIPerf took its names and its shape over. */
export const GENAI_PERF: Importer<z.infer<typeof summarySchema>> = {
  tool: 'GenAI-Perf',
  schema: summarySchema,
  recognises: (value) =>
    'input_config' in value && 'request_latency' in value && !('aiperf_version' in value),
  read(summary) {
    return {
      version: null,
      model: null,
      points: [
        {
          ...{ label: 'run', concurrency: null, ratePerS: null, failed: 0 },
          completed: summary.request_count?.avg ?? 0,
          durationS: null,
          metrics: [...summaryMetrics(summary, mappings(false)), ...summaryRates(summary, false)],
        },
      ],
      defects: [
        'Tokens are counted by a tokenizer of the client: lengths, ITL and rates follow it.',
        'Failed requests are left out without a count.',
        'It is no longer developed; AIPerf took its place, and gives other figures for the same load.',
      ],
    }
  },
}
