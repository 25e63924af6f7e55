import type { MetricName } from '../../analyse/index.js'

/** A metric of requests, or a figure of a whole run. */
export type OursName = MetricName | 'requestsPerS' | 'outputTokensPerS' | 'meanInFlight'

/**
 * `equal`: the same definition. `differs`: the same thing measured another way, close enough to be set beside ours with its
 * note. `not-comparable`: another quantity under a like name.
 */
export type Match = 'equal' | 'differs' | 'not-comparable'

export interface ImportedStats {
  readonly n: number | null
  readonly mean: number | null
  readonly p50: number | null
  readonly p90: number | null
  readonly p95: number | null
  readonly p99: number | null
}

export interface ImportedMetric extends ImportedStats {
  /** Their name for it. */
  readonly theirs: string
  /** Ours for the quantity; null where we have none. */
  readonly ours: OursName | null
  readonly match: Match
  /** Why it differs or cannot be compared; '' where it is equal. */
  readonly note: string
  readonly unit: string
  /** Their own summary, or worked out here from their values per request by our definition, percentiles by nearest rank. */
  readonly from: 'summary' | 'requests'
}

export interface ImportedPoint {
  readonly label: string
  readonly concurrency: number | null
  readonly ratePerS: number | null
  readonly completed: number
  readonly failed: number
  readonly durationS: number | null
  readonly metrics: readonly ImportedMetric[]
}

/** `imported.json`: another tool's result, in our units, each figure with what it may be compared to. */
export interface Imported {
  readonly format: 1
  readonly kind: 'imported'
  readonly tool: { readonly name: string; readonly version: string | null }
  /** Name of the file it came from. */
  readonly source: string
  readonly model: string | null
  readonly points: readonly ImportedPoint[]
  /** What is known to go wrong in that tool, and what of it this file shows. */
  readonly defects: readonly string[]
}
