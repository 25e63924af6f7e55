import type { RequestFailure } from '../base/index.js'
import type { RequestRecord, RequestState, TokenSource } from '../record/index.js'
import type { Intent, Trail } from './intent.js'

/** What every record of a worker has in common. */
export interface RecordContext {
  readonly point: string
  readonly worker: number
  readonly stamps: RequestRecord['stamps']
}

type Common = 'point' | 'worker' | 'stamps' | 'bytesSent'

/** Facts of the worker are added when the record is written; this is what the exchange itself knows. */
export function assembleRecord(
  x: Trail,
  state: RequestState,
  endNs: number,
  failure?: RequestFailure,
): RequestRecord {
  const { tokenSource, outputTokens, chunks } = tokensOf(x)
  const record: Omit<RequestRecord, Common> = {
    ...plannedPart(x.intent),
    state,
    ...(failure && { error: failure }),
    ...defined({
      sentNs: round(x.sentNs),
      headersNs: round(x.headersNs),
      firstEventNs: round(x.firstEventNs),
      firstTokenNs: round(x.firstTokenNs),
      firstVisibleNs: round(x.firstVisibleNs),
      lastTokenNs: round(x.lastTokenNs),
    }),
    endNs: Math.round(endNs),
    ...defined({
      inputTokens: x.usage?.inputTokens,
      cachedTokens: x.usage?.cachedTokens,
      outputTokens,
      reasoningTokens: x.usage?.reasoningTokens,
    }),
    tokenSource,
    chunks,
    coalescedChunks: x.coalescedChunks,
    ...(x.lateCoalescedChunks > 0 && { lateCoalescedChunks: x.lateCoalescedChunks }),
    bytesReceived: x.bytesReceived,
    ...defined({
      connectionReused: x.connectionReused,
      httpStatus: x.httpStatus,
      finishReason: x.finishReason,
      servedModel: x.servedModel,
    }),
  }
  return record as RequestRecord
}

/** A request that was planned and never sent still has its record, and stays in every denominator. */
export function unsentRecord(intent: Intent, atNs: number, error: RequestFailure): RequestRecord {
  const record: Omit<RequestRecord, Common> = {
    ...plannedPart(intent),
    state: 'unsent',
    error,
    endNs: Math.round(atNs),
    tokenSource: 'none',
    chunks: [],
    coalescedChunks: 0,
    bytesReceived: 0,
  }
  return record as RequestRecord
}

function plannedPart({ blueprint, phase, scheduledNs }: Intent) {
  return {
    index: blueprint.index,
    phase,
    scheduledNs: Math.round(scheduledNs),
    inputTokensAsked: blueprint.inputTokens,
    outputTokensAsked: blueprint.outputTokens,
    ...defined({ conversation: blueprint.conversation, turn: blueprint.turn }),
  }
}

/**
 * Usage decides. Where chunks carried no count of their own but there are exactly as many of them as tokens, each had one;
 * otherwise their counts stay unknown. Without any usage a chunk is taken for a token, and the record says so.
 */
function tokensOf(x: Trail): { tokenSource: TokenSource; outputTokens?: number; chunks: number[] } {
  const pairs = roundTimes(x.chunks)
  const perChunk = pairs.length / 2
  const counted = x.usage?.outputTokens
  const known = pairs.every((value, i) => i % 2 === 0 || value >= 0)
  if (counted !== undefined && known && perChunk > 0) {
    return { tokenSource: 'chunk-usage', outputTokens: counted, chunks: pairs }
  }
  if (counted !== undefined) {
    const one = counted === perChunk
    return {
      tokenSource: 'usage',
      outputTokens: counted,
      chunks: one ? pairs.map((v, i) => (i % 2 ? 1 : v)) : pairs,
    }
  }
  return perChunk > 0
    ? { tokenSource: 'counted', outputTokens: perChunk, chunks: pairs }
    : { tokenSource: 'none', chunks: pairs }
}

/** Whole nanoseconds; the rounding error is carried on, so that the sum stays true to the last stamp. */
function roundTimes(chunks: readonly number[]): number[] {
  const out = new Array<number>(chunks.length)
  let exact = 0
  let written = 0
  for (let i = 0; i < chunks.length; i += 2) {
    exact += chunks[i] ?? 0
    const step = Math.round(exact) - written
    written += step
    out[i] = step
    out[i + 1] = chunks[i + 1] ?? -1
  }
  return out
}

const round = (ns: number | undefined): number | undefined => (ns === undefined ? undefined : Math.round(ns))

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Leaves out what is undefined: absent and undefined are not the same in a record. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>
}
