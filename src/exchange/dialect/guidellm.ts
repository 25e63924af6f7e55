import { nsToMs, nsToS } from '../../base/index.js'
import { type Answered, type Dialect, type DialectRow, perS, sumOf, ttftMs, valuesOf } from './dialect.js'
import { only, type Weighted, weightedStats } from './statistics.js'

/** A request counts once unless the metric says otherwise. */
type Measure = (request: Answered) => Weighted | undefined

const once =
  (value: (request: Answered) => number | undefined): Measure =>
  (request) => {
    const found = value(request)
    return found === undefined ? undefined : [found, 1]
  }

/** To the very end, the closing events included; in seconds, as there. */
const requestLatencyS = ({ record, sentNs }: Answered): number => nsToS(record.endNs - sentNs)

const firstOutputMs = ({ record, sentNs }: Answered): number | undefined =>
  record.firstVisibleNs === undefined ? undefined : nsToMs(record.firstVisibleNs - sentNs)

const interToken: Measure = ({ firstTokenNs, lastTokenNs, outputTokens = 0 }) =>
  firstTokenNs === undefined || lastTokenNs === undefined || outputTokens <= 1
    ? undefined
    : [nsToMs(lastTokenNs - firstTokenNs) / (outputTokens - 1), outputTokens - 1]

const perOutputToken: Measure = ({ record, sentNs, lastTokenNs, outputTokens = 0 }) =>
  outputTokens === 0
    ? undefined
    : [nsToMs((lastTokenNs ?? record.endNs) - sentNs) / outputTokens, outputTokens]

const PER_REQUEST: readonly (readonly [string, string, string, Measure])[] = [
  ['request_latency', 's', 'endNs − sentNs, closing events included', once(requestLatencyS)],
  ['time_to_first_token_ms', 'ms', 'firstTokenNs − sentNs, reasoning included', once(ttftMs)],
  ['time_to_first_output_token_ms', 'ms', 'firstVisibleNs − sentNs', once(firstOutputMs)],
  [
    'inter_token_latency_ms',
    'ms',
    '(lastTokenNs − firstTokenNs) / (outputTokens − 1), weighted by outputTokens − 1',
    interToken,
  ],
  [
    'time_per_output_token_ms',
    'ms',
    '(lastTokenNs − sentNs) / outputTokens, weighted by outputTokens: the TTFT is in it',
    perOutputToken,
  ],
  ['prompt_token_count', 'tokens', 'inputTokens, the server’s count first', once((r) => r.inputTokens)],
  [
    'output_token_count',
    'tokens',
    'outputTokens; without a count one per chunk',
    once((r) => r.outputTokens ?? r.record.chunks.length / 2),
  ],
]

const measured = (requests: readonly Answered[], measure: Measure): readonly Weighted[] =>
  requests.flatMap((request) => {
    const found = measure(request)
    return found === undefined ? [] : [found]
  })

export const GUIDELLM: Dialect = {
  tool: 'GuideLLM 0.8.1',
  about:
    'completed requests, from the first send to the last end; percentiles by nearest rank over weights; of rates the mean only, for theirs are of single instants',
  rows(requests): readonly DialectRow[] {
    const { completed } = requests
    const output = sumOf(valuesOf(completed, (r) => r.outputTokens))
    const busyS = sumOf(completed.map(requestLatencyS))
    return [
      ...PER_REQUEST.map(([name, unit, definition, measure]): DialectRow => {
        const stats = weightedStats(measured(completed, measure))
        return { name, unit, definition, stats }
      }),
      {
        name: 'requests_per_second',
        unit: 'requests/s',
        definition: 'completed / duration',
        stats: only(perS(completed.length, requests)),
      },
      {
        name: 'output_tokens_per_second',
        unit: 'tokens/s',
        definition: 'Σ outputTokens / duration',
        stats: only(perS(output, requests)),
      },
      {
        name: 'request_concurrency',
        unit: '',
        definition: 'Σ request latency / duration',
        stats: only(perS(busyS, requests)),
      },
    ]
  },
}
