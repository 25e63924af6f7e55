import type { LoggedStream } from '../../emitter/index.js'
import type { RequestRecord } from '../../record/index.js'

/** What is known of a run on both sides. */
export interface JoinSources {
  /** As it stands before the index in every `x-request-id`. */
  readonly runId: string
  /** The run's zero on the machine's monotonic clock, by which the emitter logs. */
  readonly zeroNs: number
  readonly streams: readonly LoggedStream[]
}

/** Errors are ours − true, in ns, signed. */
interface Joined {
  requests: number
  failed: number
  joined: number
  unjoined: number
  coalesced: number
  lateCoalesced: number
  arrivalsByLoop: number
  heldUpWrites: number
  slowWrites: number
  readonly stampNs: number[]
  readonly ttftNs: number[]
  readonly gapNs: number[]
  readonly latenessNs: number[]
}

/**
 * Joins records with the log of the emitter that served them, chunk by chunk, on the clock that both share.
 *
 *     our send ──▶ arrival ──ttft──▶ write ──gap──▶ write ──▶ …    as the emitter logged them
 *        │                             └ stamp error ┐
 *        └────────── our ttft ──────────▶ stamp ──our gap──▶ stamp
 *
 * Only measured requests count. A record whose chunks are not the stream's writes one for one is not joined at all: which of
 * its chunks belongs to which write cannot be known.
 */
export function joinRecords(sources: JoinSources) {
  const served = new Map(sources.streams.map((stream) => [stream.id, stream]))
  const joined: Joined = {
    requests: 0,
    failed: 0,
    joined: 0,
    unjoined: 0,
    coalesced: 0,
    lateCoalesced: 0,
    arrivalsByLoop: 0,
    heldUpWrites: 0,
    slowWrites: 0,
    stampNs: [],
    ttftNs: [],
    gapNs: [],
    latenessNs: [],
  }
  return {
    /** Grows with every record. */
    joined: joined as Readonly<Joined>,
    add(record: RequestRecord): void {
      if (record.phase !== 'measured') return
      joined.requests++
      if (record.state !== 'completed') joined.failed++
      const stream = served.get(`${sources.runId}-${record.index}`)
      const chunks = record.chunks.length / 2
      if (record.sentNs !== undefined) joined.latenessNs.push(record.sentNs - record.scheduledNs)
      if (stream === undefined || !isSame(record, stream)) {
        joined.unjoined += Math.max(chunks, stream?.writesNs.length ?? 0)
        return
      }
      joined.joined += chunks
      joined.coalesced += record.coalescedChunks
      joined.lateCoalesced += record.lateCoalescedChunks ?? 0
      joined.heldUpWrites += stream.heldUp
      joined.slowWrites += stream.slow.length
      if (stream.stamped === 'loop') joined.arrivalsByLoop++
      addErrors(joined, record, stream, sources.zeroNs)
    },
  }
}

/** Whole on both sides, with as many chunks as writes, and in each as many tokens where the record says how many. */
function isSame(
  { state, sentNs, chunks }: RequestRecord,
  { whole, writesNs, tokens }: LoggedStream,
): boolean {
  if (state !== 'completed' || sentNs === undefined || !whole) return false
  if (chunks.length !== 2 * writesNs.length) return false
  return tokens.every((count, i) => chunks[2 * i + 1] === count || chunks[2 * i + 1] === -1)
}

/** A write whose moment is not known well judges nothing: neither its own stamp nor the steps from and to it. */
function addErrors(
  into: Joined,
  { sentNs = 0, chunks }: RequestRecord,
  { arrivalNs, writesNs, slow }: LoggedStream,
  zeroNs: number,
): void {
  const unknown = new Set(slow)
  let stampNs = zeroNs + sentNs
  let writtenNs = arrivalNs
  for (const [i, writeNs] of writesNs.entries()) {
    const stepNs = chunks[2 * i] ?? 0
    const stepTrueNs = writeNs - writtenNs
    stampNs += stepNs
    writtenNs = writeNs
    if (unknown.has(i)) continue
    into.stampNs.push(stampNs - writeNs)
    // The first step runs from our send, as the true one does from the arrival.
    const errors = i === 0 ? into.ttftNs : into.gapNs
    if (!unknown.has(i - 1)) errors.push(stepNs - stepTrueNs)
  }
}
