import type { RequestFailure } from '../base/index.js'
import type { RequestRecord, RequestState, TokenSource } from '../record/index.js'
import type { Intent, Trail } from './intent.js'
import { originIndexOf } from './origins.js'

/** What every record of a worker has in common. */
export interface RecordContext {
  readonly point: string
  readonly worker: number
  readonly stamps: RequestRecord['stamps']
  /** How many base URLs are asked in turn; one when left out. */
  readonly origins?: number
}

/** A record with a place for every field. What is undefined vanishes when the record is written: no field is then there. */
type Draft = { readonly [K in keyof Required<RequestRecord>]: RequestRecord[K] | undefined }

export function assembleRecord(
  x: Trail,
  context: RecordContext,
  state: RequestState,
  endNs: number,
  error: RequestFailure | undefined,
): RequestRecord {
  const { tokenSource, outputTokens, chunks } = tokensOf(x)
  const { blueprint, phase, scheduledNs } = x.intent
  const draft: Draft = {
    index: blueprint.index,
    point: context.point,
    worker: context.worker,
    origin: originOf(blueprint.index, context.origins),
    phase,
    state,
    error,
    scheduledNs: Math.round(scheduledNs),
    sentNs: round(x.earlier[0]?.sentNs ?? x.sentNs),
    attempts: x.earlier.length === 0 ? undefined : x.earlier,
    lastSentNs: x.earlier.length === 0 ? undefined : round(x.triedNs),
    headersNs: round(x.headersNs),
    firstEventNs: round(x.firstEventNs),
    firstTokenNs: round(x.firstTokenNs),
    firstVisibleNs: round(x.firstVisibleNs),
    lastTokenNs: round(x.lastTokenNs),
    endNs: Math.round(endNs),
    stamps: context.stamps,
    inputTokensAsked: blueprint.inputTokens,
    inputTokens: x.usage?.inputTokens,
    cachedTokens: x.usage?.cachedTokens,
    outputTokensAsked: blueprint.outputTokens,
    outputTokens,
    reasoningTokens: x.usage?.reasoningTokens,
    outputChars: charsOf(x),
    tokenSource,
    chunks,
    coalescedChunks: x.coalescedChunks,
    lateCoalescedChunks: x.lateCoalescedChunks === 0 ? undefined : x.lateCoalescedChunks,
    bytesSent: x.bytesSent,
    bytesReceived: x.bytesReceived,
    connectionReused: x.connectionReused,
    httpStatus: x.httpStatus,
    finishReason: x.finishReason,
    servedModel: x.servedModel,
    serverTimings: x.serverTimings,
    rateLimits: x.rateLimits,
    requestId: x.requestId,
    conversation: blueprint.conversation,
    turn: blueprint.turn,
  }
  return draft as RequestRecord
}

/** A request that was planned and never sent still has its record, and stays in every denominator. */
export const unsentRecord = (
  intent: Intent,
  context: RecordContext,
  atNs: number,
  error: RequestFailure,
): RequestRecord => assembleRecord({ ...UNSENT, intent }, context, 'unsent', atNs, error)

const UNSENT: Omit<Trail, 'intent'> = {
  bytesSent: 0,
  sentNs: undefined,
  earlier: [],
  triedNs: undefined,
  connectionReused: undefined,
  headersNs: undefined,
  httpStatus: undefined,
  firstEventNs: undefined,
  firstTokenNs: undefined,
  firstVisibleNs: undefined,
  lastTokenNs: undefined,
  usage: undefined,
  finishReason: undefined,
  text: '',
  servedModel: undefined,
  serverTimings: undefined,
  rateLimits: undefined,
  requestId: undefined,
  bytesReceived: 0,
  coalescedChunks: 0,
  lateCoalescedChunks: 0,
  chunks: [],
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

/** Undefined where no text was kept, or where tokens of reasoning would be set against text that leaves it out. */
function charsOf({ text, usage, firstTokenNs, firstVisibleNs }: Trail): number | undefined {
  if (text === '' || (usage?.reasoningTokens ?? 0) > 0 || firstVisibleNs !== firstTokenNs) return undefined
  let chars = 0
  for (const _ of text) chars++
  return chars
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

const originOf = (index: number, origins = 1): number | undefined =>
  origins === 1 ? undefined : originIndexOf(index, origins)

const round = (ns: number | undefined): number | undefined => (ns === undefined ? undefined : Math.round(ns))
