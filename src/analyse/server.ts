import { NS_PER_MS, nsToS } from '../base/index.js'
import type { HistogramTotal, ServerSample } from '../record/index.js'
import type { ServerFindings } from './findings.js'
import type { Gathered } from './gather.js'
import { meanOf, quantileOf, sortValues } from './stats/index.js'
import type { Judged } from './window.js'

/** How much a counter grew over the samples; null when fewer than two showed it. */
export interface Increase {
  readonly total: number | null
  /** The counter fell: the engine restarted, and counts from zero again. */
  readonly restarted: boolean
}

export function increaseOf(
  samples: readonly ServerSample[],
  read: (s: ServerSample) => number | undefined,
): Increase {
  let previous: number | undefined
  let total: number | null = null
  let restarted = false
  for (const sample of samples) {
    const value = read(sample)
    if (value === undefined) continue
    if (previous !== undefined) {
      const fell = value < previous
      restarted ||= fell
      total = (total ?? 0) + (fell ? value : value - previous)
    }
    previous = value
  }
  return { total, restarted }
}

type Gauge = keyof NonNullable<ServerSample['gauges']>
type Counter = keyof NonNullable<ServerSample['counters']>
type Histogram = keyof NonNullable<ServerSample['histograms']>

/** What the engine's own metrics say of the window, set against what the client saw between the same two readings. */
export function serverFindings(
  all: readonly ServerSample[],
  judged: Judged,
  g: Gathered,
): ServerFindings | null {
  const usable = all.filter((s) => s.error === undefined)
  const inside = usable.filter((s) => s.atNs >= judged.fromNs && s.atNs <= judged.toNs)
  if (inside.length === 0) return null
  // Counters need the reading before the window too, or what happened up to its first reading would be lost.
  const before = usable.findLast((s) => s.atNs < judged.fromNs)
  const spanned = before === undefined ? inside : [before, ...inside]
  const gauge = (name: Gauge) => inside.flatMap((s) => s.gauges?.[name] ?? [])
  const counter = (name: Counter) => increaseOf(spanned, (s) => s.counters?.[name]).total
  const meanMs = (name: Histogram) => histogramMeanMs(spanned, name)
  const preemptions = counter('preemptions')
  const finished = counter('requestsFinished')
  const hits = counter('prefixHits')
  const queries = counter('prefixQueries')
  const ttftMs = meanMs('ttftS')
  const clientTtftMs = clientTtft(g, spanned[0]?.atNs ?? 0, spanned.at(-1)?.atNs ?? 0)
  return {
    samples: inside.length,
    kvUsageMean: mean(gauge('kvUsage')),
    kvUsageMax: max(gauge('kvUsage')),
    runningMean: mean(gauge('running')),
    runningMax: max(gauge('running')),
    waitingMean: mean(gauge('waiting')),
    waitingMax: max(gauge('waiting')),
    waitingForCapacityMax: max(gauge('waitingForCapacity')),
    preemptions,
    preemptionsPerRequest: ratio(preemptions, finished),
    prefixHitShare: ratio(hits, queries),
    ttftMs,
    queueMs: meanMs('queueS'),
    prefillMs: meanMs('prefillS'),
    decodeMs: meanMs('decodeS'),
    frontEndMs: ttftMs === null || clientTtftMs === null ? null : clientTtftMs - ttftMs,
    prefillTokensPerS: prefillRate(spanned, counter('promptTokens'), hits),
    scrapeP99Ms: quantileOf(sortValues(Float64Array.from(inside, (s) => s.tookNs / NS_PER_MS)), 0.99),
    restarted: COUNTED.some((name) => increaseOf(spanned, (s) => s.counters?.[name]).restarted),
  }
}

/**
 * Mean TTFT of the requests whose first token came between two readings, warm-up included: the same requests that the
 * engine's histogram counted there. Any other set would leave a difference that nobody's network explains.
 */
function clientTtft({ rows, columns }: Gathered, fromNs: number, toNs: number): number | null {
  let sumNs = 0
  let count = 0
  for (let row = 0; row < rows; row++) {
    const firstNs = columns.firstTokenNs.at(row)
    if (!(firstNs >= fromNs && firstNs < toNs)) continue
    sumNs += firstNs - columns.sentNs.at(row)
    count++
  }
  return count === 0 ? null : sumNs / count / NS_PER_MS
}

const COUNTED: readonly Counter[] = ['generationTokens', 'promptTokens', 'requestsFinished', 'preemptions']

const mean = (values: readonly number[]): number | null => (values.length === 0 ? null : meanOf(values))
const max = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values))
const ratio = (part: number | null, whole: number | null): number | null =>
  part === null || whole === null || whole === 0 ? null : part / whole

function histogramMeanMs(samples: readonly ServerSample[], name: Histogram): number | null {
  const part = (key: keyof HistogramTotal) => increaseOf(samples, (s) => s.histograms?.[name]?.[key]).total
  const meanS = ratio(part('sum'), part('count'))
  return meanS === null ? null : meanS * 1000
}

/** Prompt counters include cached tokens, which cost no prefill. */
function prefillRate(
  samples: readonly ServerSample[],
  prompt: number | null,
  hits: number | null,
): number | null {
  const seconds = nsToS((samples.at(-1)?.atNs ?? 0) - (samples[0]?.atNs ?? 0))
  return prompt === null || seconds <= 0 ? null : Math.max(0, prompt - (hits ?? 0)) / seconds
}
