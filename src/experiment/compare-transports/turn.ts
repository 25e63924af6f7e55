import { basename } from 'node:path'
import { readRecords, readRun } from '../../analyse/index.js'
import type { EmitterLog } from '../../emitter/index.js'
import type { RequestRecord } from '../../record/index.js'
import { joinRecords } from '../calibrate/join.js'
import { measuredSpan, workerLoad } from '../calibrate/worker-load.js'

/** What one run told. Times in ns. */
export interface Turn {
  /** Measured requests, and those of them that did not complete. */
  readonly requests: number
  readonly failed: number
  /** CPU time of the worker's thread for each token; null where too little was sampled. */
  readonly cpuPerTokenNs: number | null
  /** Share of one core that the worker took. */
  readonly cpuShare: number | null
  readonly ttftNs: readonly number[]
  readonly gapNs: readonly number[]
  /** From the write of a token to its stamp; null where nobody knows when it was written. */
  readonly latenessNs: readonly number[] | null
}

/** Reads a run's folder. @param log of the emitter, where it served the run */
export async function readTurn(folder: string, log: EmitterLog | undefined): Promise<Turn> {
  const { manifest, instrumentSamples } = await readRun(folder)
  const sources = { runId: basename(folder), zeroNs: manifest.zeroMonotonicNs, streams: log?.streams ?? [] }
  const join = joinRecords(sources)
  const records: RequestRecord[] = []
  for await (const record of readRecords(folder)) {
    if (log) join.add(record)
    records.push(record)
  }
  const measured = records.filter(({ phase }) => phase === 'measured')
  const whole = measured.filter(({ state }) => state === 'completed')
  const span = measuredSpan(records)
  const load = span ? workerLoad(instrumentSamples, records, span) : null
  return {
    requests: measured.length,
    failed: measured.length - whole.length,
    cpuPerTokenNs: load && load.cpuPerEventNs / tokensPerEvent(whole),
    cpuShare: load?.cpuShare ?? null,
    ttftNs: whole.flatMap(({ sentNs, firstTokenNs }) =>
      sentNs === undefined || firstTokenNs === undefined ? [] : [firstTokenNs - sentNs],
    ),
    gapNs: whole.flatMap(({ chunks }) => chunks.filter((_, i) => i > 0 && i % 2 === 0)),
    latenessNs: log ? join.joined.stampNs : null,
  }
}

/** A chunk may hold several. */
function tokensPerEvent(records: readonly RequestRecord[]): number {
  const events = records.reduce((sum, { chunks }) => sum + chunks.length / 2, 0)
  const tokens = records.reduce((sum, { outputTokens = 0 }) => sum + outputTokens, 0)
  return tokens > 0 && events > 0 ? tokens / events : 1
}
