import { type RunAnalysis, readRecords } from '../../analyse/index.js'
import { nsToS } from '../../base/index.js'
import type { RequestRecord } from '../../record/index.js'
import { attributesOf, type HistogramPoint, type Metric, type Moment } from './otlp-data.js'

/** Boundaries that the semantic conventions for generative AI ask for. */
const TOKENS = Array.from({ length: 14 }, (_, i) => 4 ** i)
const DURATION_S = Array.from({ length: 14 }, (_, i) => 2 ** i / 100)
const FIRST_S = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const EACH_S = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]

interface Declared {
  readonly name: string
  readonly unit: 's' | '{token}'
  readonly description: string
  readonly bounds: readonly number[]
  /** Attributes of a value beside those of its request. */
  readonly extra?: Readonly<Record<string, string>>
  readonly values: (record: RequestRecord) => readonly number[]
}

const one = (value: number | undefined): readonly number[] => (value === undefined ? [] : [value])

const since = (from: number | undefined, to: number | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : nsToS(to - from)

const durationS = (r: RequestRecord): readonly number[] => one(since(r.sentNs, r.lastTokenNs ?? r.endNs))

/** Names that begin with `gen_ai.server` are the server's own by the conventions; here the client stands in for it. */
const OUTSIDE = 'as the client sees it, network included'

const DECLARED: readonly Declared[] = [
  {
    name: 'gen_ai.client.token.usage',
    unit: '{token}',
    description: 'Number of input and output tokens used',
    bounds: TOKENS,
    extra: { 'gen_ai.token.type': 'input' },
    values: (r) => one(r.inputTokens),
  },
  {
    name: 'gen_ai.client.token.usage',
    unit: '{token}',
    description: 'Number of input and output tokens used',
    bounds: TOKENS,
    extra: { 'gen_ai.token.type': 'output' },
    values: (r) => one(r.outputTokens),
  },
  {
    name: 'gen_ai.client.operation.duration',
    unit: 's',
    description: 'GenAI operation duration, to the last output',
    bounds: DURATION_S,
    values: durationS,
  },
  {
    name: 'gen_ai.client.operation.time_to_first_chunk',
    unit: 's',
    description: 'Time from the send to the first chunk of any kind',
    bounds: FIRST_S,
    values: (r) => one(since(r.sentNs, r.firstEventNs)),
  },
  {
    name: 'gen_ai.client.operation.time_per_output_chunk',
    unit: 's',
    description: 'Gap between output chunks',
    bounds: EACH_S,
    values: gapsS,
  },
  {
    name: 'gen_ai.server.request.duration',
    unit: 's',
    description: `Request duration to the last output, ${OUTSIDE}`,
    bounds: DURATION_S,
    values: durationS,
  },
  {
    name: 'gen_ai.server.time_to_first_token',
    unit: 's',
    description: `Time to first token of successful responses, ${OUTSIDE}`,
    bounds: FIRST_S,
    values: (r) => (r.state === 'completed' ? one(since(r.sentNs, r.firstTokenNs)) : []),
  },
  {
    name: 'gen_ai.server.time_per_output_token',
    unit: 's',
    description: `Time per output token after the first of successful responses, ${OUTSIDE}`,
    bounds: EACH_S,
    values: (r) => (r.state === 'completed' ? one(perTokenS(r)) : []),
  },
]

function gapsS({ chunks }: RequestRecord): readonly number[] {
  const gaps: number[] = []
  for (let i = 2; i < chunks.length; i += 2) gaps.push(nsToS(chunks[i] ?? 0))
  return gaps
}

function perTokenS({ firstTokenNs, lastTokenNs, outputTokens = 0 }: RequestRecord): number | undefined {
  const decodeS = since(firstTokenNs, lastTokenNs)
  return decodeS === undefined || outputTokens < 2 ? undefined : decodeS / (outputTokens - 1)
}

class Histogram {
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #count = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = Array(bounds.length + 1).fill(0)
  }

  /** A value on a boundary belongs to the bucket below it. */
  add(value: number): void {
    const found = this.#bounds.findIndex((bound) => value <= bound)
    const bucket = found < 0 ? this.#bounds.length : found
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#count++
    this.#sum += value
    this.#min = Math.min(this.#min, value)
    this.#max = Math.max(this.#max, value)
  }

  close() {
    return {
      ...{ count: BigInt(this.#count), sum: this.#sum, min: this.#min, max: this.#max },
      bucketCounts: this.#counts.map(BigInt),
      explicitBounds: this.#bounds,
    }
  }
}

/** Histograms over the measured requests that were sent, with the error among the attributes of those that failed. */
export async function genAiHistograms(run: RunAnalysis, moment: Moment): Promise<readonly Metric[]> {
  const common = commonAttributes(run)
  const points = DECLARED.map(() => new Map<string, Histogram>())
  for await (const record of readRecords(run.folder)) {
    if (record.phase !== 'measured' || record.sentNs === undefined) continue
    for (const [i, declared] of DECLARED.entries()) addTo(points[i] ?? new Map(), declared, record)
  }
  const names = [...new Set(DECLARED.map((d) => d.name))]
  return names.flatMap((name): readonly Metric[] => {
    const dataPoints = DECLARED.flatMap((d, i) =>
      d.name === name ? [...(points[i] ?? [])].map(([key, h]) => pointOf(d, common, key, h, moment)) : [],
    )
    const declared = DECLARED.find((d) => d.name === name)
    if (declared === undefined || dataPoints.length === 0) return []
    const { unit, description } = declared
    return [{ name, unit, description, histogram: { dataPoints, aggregationTemporality: 2 } }]
  })
}

/** @param points by what went wrong; '' for what did not */
function addTo(points: Map<string, Histogram>, { bounds, values }: Declared, record: RequestRecord): void {
  const found = values(record)
  if (found.length === 0) return
  const key = record.error?.code ?? ''
  const histogram = points.get(key) ?? new Histogram(bounds)
  points.set(key, histogram)
  for (const value of found) histogram.add(value)
}

const pointOf = (
  { extra = {} }: Declared,
  common: Readonly<Record<string, string>>,
  error: string,
  histogram: Histogram,
  moment: Moment,
): HistogramPoint => ({
  attributes: attributesOf({ ...common, ...extra, 'error.type': error }),
  ...moment,
  ...histogram.close(),
})

function commonAttributes({ manifest }: RunAnalysis): Readonly<Record<string, string>> {
  const { target } = manifest
  const url = URL.canParse(target.url) ? new URL(target.url) : null
  return {
    'gen_ai.operation.name': /completion|generate/.test(target.api) ? 'text_completion' : 'chat',
    'gen_ai.provider.name': target.engine ?? (target.api.startsWith('anthropic') ? 'anthropic' : 'openai'),
    'gen_ai.request.model': target.model,
    'server.address': url?.hostname ?? '',
    'server.port': url?.port ?? '',
  }
}
