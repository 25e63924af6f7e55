import type { ImportedMetric, ImportedStats, Match, OursName } from './imported.js'

/** What a figure of another tool is, before its value is known. */
export interface Mapping {
  readonly theirs: string
  readonly ours: OursName | null
  readonly match: Match
  readonly note?: string
  readonly unit: string
}

export const mapped = (
  { note = '', ...mapping }: Mapping,
  from: ImportedMetric['from'],
  stats: ImportedStats,
): ImportedMetric => ({ ...mapping, note, from, ...stats })

/** The same mapping, but of lesser worth for a reason that this file shows. */
export const lessened = (mapping: Mapping, match: Match, note: string): Mapping => ({
  ...mapping,
  match,
  note,
})
