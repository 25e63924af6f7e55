import { NS_PER_S } from '../../base/index.js'
import type { InstrumentSample, RequestRecord, WorkerLoad } from '../../record/index.js'

/** A stretch of the run, in ns since its zero. */
export interface Span {
  readonly fromNs: number
  readonly toNs: number
}

/** From the first measured send to the last measured end; undefined when nothing measured was sent. */
export function measuredSpan(records: readonly RequestRecord[]): Span | undefined {
  const measured = records.filter(({ phase, sentNs }) => phase === 'measured' && sentNs !== undefined)
  if (measured.length === 0) return undefined
  return {
    fromNs: measured.reduce(
      (least, { sentNs }) => Math.min(least, sentNs ?? least),
      Number.POSITIVE_INFINITY,
    ),
    toNs: measured.reduce((most, { endNs }) => Math.max(most, endNs), 0),
  }
}

/** The samples whose whole interval lies inside the span: a sample speaks for the time since its worker's sample before. */
export function samplesWithin(samples: readonly InstrumentSample[], span: Span): readonly InstrumentSample[] {
  const beganNs = new Map<number, number>()
  return samples.filter(({ worker, atNs }) => {
    const fromNs = beganNs.get(worker) ?? Number.NEGATIVE_INFINITY
    beganNs.set(worker, atNs)
    return fromNs >= span.fromNs && atNs <= span.toNs
  })
}

/** What the workers did inside the span. Events of every phase are counted, since all of them cost time. */
export function workerLoad(
  samples: readonly InstrumentSample[],
  records: readonly RequestRecord[],
  span: Span,
): WorkerLoad | null {
  const workers = [...new Set(samples.map(({ worker }) => worker))]
  const loads = workers.flatMap((w) => oneWorker(ofWorker(samples, w), ofWorker(records, w), span) ?? [])
  const ranNs = sum(loads.map((load) => load.ranNs))
  const events = sum(loads.map((load) => load.events))
  if (events === 0) return null
  const waits = loads.flatMap(({ waitShare }) => (waitShare === undefined ? [] : [waitShare]))
  return {
    cpuShare: Math.max(...loads.map(({ ranNs: own, tookNs }) => own / tookNs)),
    coreWaitShare: waits.length === 0 ? null : Math.max(...waits),
    deliveredPerS: sum(loads.map((load) => (load.events / load.tookNs) * NS_PER_S)),
    cpuPerEventNs: ranNs / events,
  }
}

const ofWorker = <T extends { readonly worker: number }>(all: readonly T[], worker: number): readonly T[] =>
  all.filter((one) => one.worker === worker)

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

interface OneLoad {
  readonly ranNs: number
  readonly tookNs: number
  readonly events: number
  /** Undefined where the system does not tell. */
  readonly waitShare: number | undefined
}

function oneWorker(
  samples: readonly InstrumentSample[],
  records: readonly RequestRecord[],
  span: Span,
): OneLoad | undefined {
  const inside = new Set(samplesWithin(samples, span))
  const intervals = samples.flatMap((sample, i) =>
    inside.has(sample) ? [{ ...sample, fromNs: samples[i - 1]?.atNs ?? sample.atNs }] : [],
  )
  const first = intervals[0]?.fromNs ?? 0
  const last = intervals.at(-1)?.atNs ?? 0
  if (last <= first) return undefined
  const over = (shareOf: (sample: InstrumentSample) => number): number =>
    sum(intervals.map((interval) => shareOf(interval) * (interval.atNs - interval.fromNs)))
  const told = intervals.every(({ coreWaitShare }) => coreWaitShare !== undefined)
  return {
    ranNs: over(({ cpuShare }) => cpuShare),
    tookNs: last - first,
    events: eventsBetween(records, first, last),
    waitShare: told ? over(({ coreWaitShare = 0 }) => coreWaitShare) / (last - first) : undefined,
  }
}

function eventsBetween(records: readonly RequestRecord[], fromNs: number, toNs: number): number {
  let events = 0
  for (const { sentNs, chunks } of records) {
    let atNs = sentNs ?? 0
    for (let i = 0; i < chunks.length; i += 2) {
      atNs += chunks[i] ?? 0
      if (atNs > fromNs && atNs <= toNs) events++
    }
  }
  return events
}
