import { nsToMs } from '../../base/index.js'
import {
  type Answered,
  type Dialect,
  type DialectRow,
  gapsMs,
  latencyMs,
  perS,
  sumOf,
  ttftMs,
  valuesOf,
} from './dialect.js'
import { numpyStats, only } from './statistics.js'

const withOutput = ({ firstTokenNs }: Answered): boolean => firstTokenNs !== undefined

function itl(request: Answered): number | undefined {
  const first = ttftMs(request)
  const { outputTokens = 0 } = request
  return first === undefined || outputTokens < 2
    ? undefined
    : (latencyMs(request) - first) / (outputTokens - 1)
}

function perUser(request: Answered): number | undefined {
  const ms = itl(request)
  return ms === undefined || ms === 0 ? undefined : 1000 / ms
}

const perSecond = (amount: number | undefined, ms: number | undefined): number | undefined =>
  amount === undefined || ms === undefined || ms === 0 ? undefined : (amount * 1000) / ms

const firstVisibleMs = ({ record, sentNs }: Answered): number | undefined =>
  record.firstVisibleNs === undefined ? undefined : nsToMs(record.firstVisibleNs - sentNs)

/** Per request: name, unit, definition, value. */
const PER_REQUEST: readonly (readonly [string, string, string, (r: Answered) => number | undefined])[] = [
  [
    'Time to First Token',
    'ms',
    'firstTokenNs − sentNs, the first chunk with content, reasoning included',
    ttftMs,
  ],
  ['Time to Second Token', 'ms', 'second chunk − first chunk', (r) => gapsMs(r)[0]],
  ['Time to First Output Token', 'ms', 'firstVisibleNs − sentNs', firstVisibleMs],
  ['Request Latency', 'ms', 'lastTokenNs − sentNs', latencyMs],
  ['Inter Token Latency', 'ms', '(request latency − TTFT) / (outputTokens − 1), one value per request', itl],
  ['Output Token Throughput Per User', 'tokens/s/user', '1 / inter token latency', perUser],
  [
    'E2E Output Token Throughput',
    'tokens/s/user',
    'outputTokens / request latency',
    (r) => perSecond(r.outputTokens, latencyMs(r)),
  ],
  [
    'Prefill Throughput Per User',
    'tokens/s/user',
    'inputTokens / TTFT',
    (r) => perSecond(r.inputTokens, ttftMs(r)),
  ],
  ['Output Sequence Length', 'tokens', 'outputTokens, as the server counted', (r) => r.outputTokens],
  ['Input Sequence Length', 'tokens', 'inputTokens, as the server counted', (r) => r.inputTokens],
]

export const AIPERF: Dialect = {
  tool: 'AIPerf 0.13.0',
  about:
    'completed requests with output (--use-server-token-count), from the first send to the last end; percentiles by linear interpolation',
  rows(requests): readonly DialectRow[] {
    const answered = requests.completed.filter(withOutput)
    const output = sumOf(valuesOf(answered, (r) => r.outputTokens))
    return [
      ...PER_REQUEST.map(
        ([name, unit, definition, value]): DialectRow => ({
          ...{ name, unit, definition },
          stats: numpyStats(valuesOf(answered, value)),
        }),
      ),
      {
        name: 'Inter Chunk Latency',
        unit: 'ms',
        definition: 'gaps between chunks with content, pooled',
        stats: numpyStats(answered.flatMap(gapsMs)),
      },
      {
        name: 'Output Token Throughput',
        unit: 'tokens/s',
        definition: 'Σ outputTokens / benchmark duration',
        stats: only(perS(output, requests)),
      },
      {
        name: 'Request Throughput',
        unit: 'requests/s',
        definition: 'requests / benchmark duration',
        stats: only(perS(answered.length, requests)),
      },
      {
        name: 'Benchmark Duration',
        unit: 's',
        definition: 'first send to last end',
        stats: only(requests.durationS),
      },
    ]
  },
}
