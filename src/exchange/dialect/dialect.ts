import { nsToMs, nsToS } from '../../base/index.js'
import type { RequestRecord } from '../../record/index.js'
import type { Stats } from './statistics.js'

/** A figure as another tool would give it. */
export interface DialectRow {
  /** The tool's own name for it. */
  readonly name: string
  readonly unit: string
  /** What the tool makes it of, in terms of the record's fields. */
  readonly definition: string
  /** Null: the records hold nothing for it. */
  readonly stats: Stats | null
}

export interface Dialect {
  /** The tool and the version whose source was read. */
  readonly tool: string
  /** Which requests it judges, over what time, and how it takes percentiles. */
  readonly about: string
  rows(requests: DialectRequests): readonly DialectRow[]
}

/** A completed request, its absent times told. */
export interface Answered {
  readonly record: RequestRecord
  readonly sentNs: number
  readonly firstTokenNs: number | undefined
  readonly lastTokenNs: number | undefined
  readonly outputTokens: number | undefined
  readonly inputTokens: number
}

/** The measured requests of a run, warm-up left out, as the tools would have seen them. */
export interface DialectRequests {
  readonly completed: readonly Answered[]
  readonly failed: number
  /** First send to last end of those that were sent. */
  readonly durationS: number
}

export async function collect(records: AsyncIterable<RequestRecord>): Promise<DialectRequests> {
  const completed: Answered[] = []
  let failed = 0
  let firstNs = Number.POSITIVE_INFINITY
  let lastNs = Number.NEGATIVE_INFINITY
  for await (const record of records) {
    const { sentNs, firstTokenNs, lastTokenNs, outputTokens } = record
    if (record.phase !== 'measured' || sentNs === undefined) continue
    firstNs = Math.min(firstNs, sentNs)
    lastNs = Math.max(lastNs, record.endNs)
    const inputTokens = record.inputTokens ?? record.inputTokensAsked
    if (record.state === 'completed')
      completed.push({ record, sentNs, firstTokenNs, lastTokenNs, outputTokens, inputTokens })
    else failed++
  }
  return { completed, failed, durationS: lastNs > firstNs ? nsToS(lastNs - firstNs) : 0 }
}

export const valuesOf = (
  requests: readonly Answered[],
  value: (request: Answered) => number | undefined,
): readonly number[] => requests.flatMap((request) => value(request) ?? [])

export const ttftMs = ({ sentNs, firstTokenNs }: Answered): number | undefined =>
  firstTokenNs === undefined ? undefined : nsToMs(firstTokenNs - sentNs)

/** To the last output. */
export const latencyMs = ({ sentNs, lastTokenNs, record }: Answered): number =>
  nsToMs((lastTokenNs ?? record.endNs) - sentNs)

/** Gaps between chunks in ms, as recorded. */
export function gapsMs({ record: { chunks } }: Answered): readonly number[] {
  const gaps: number[] = []
  for (let i = 2; i < chunks.length; i += 2) gaps.push(nsToMs(chunks[i] ?? 0))
  return gaps
}

export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

/** Null where the run took no time. */
export const perS = (amount: number, { durationS }: DialectRequests): number | null =>
  durationS > 0 ? amount / durationS : null
