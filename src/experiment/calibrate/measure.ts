import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRecords, readRun } from '../../analyse/index.js'
import { FalloffError } from '../../base/index.js'
import type { EmitterLog, RunningEmitter } from '../../emitter/index.js'
import { loadProfile, type Profile } from '../../profile/index.js'
import type {
  CalibrationPoint,
  CalibrationSetting,
  CanaryErrors,
  CanaryEstimate,
  InstrumentSample,
  RequestRecord,
} from '../../record/index.js'
import type { Lexicon } from '../../workload/index.js'
import type { RunListener } from '../listener.js'
import { type Interruption, measureRun } from '../run.js'
import { prepareTarget } from '../target.js'
import { errorFigures, p99Ms } from './figures.js'
import { joinRecords } from './join.js'
import { streamPlan } from './shapes.js'
import { measuredSpan, type Span, samplesWithin, workerLoad } from './worker-load.js'

export interface PointOptions {
  readonly setting: CalibrationSetting
  readonly emitter: RunningEmitter
  /** Measured time. */
  readonly seconds: number
  readonly workers: number
  /** Receives the run's folder. */
  readonly folder: string
  /** Keep the emitter's log beside the records. */
  readonly keep: boolean
  readonly command: string
  readonly listener: RunListener
  readonly interruption: Interruption
}

/** Compiled code and connections are there after it; so is the first generation of streams. */
const WARMUP_S = 1
/** The emitter counts no tokens of a prompt: any word will do. */
const LEXICON: Lexicon = { source: 'calibrated', baseTokens: 0, words: [{ text: 'sing', tokens: 1 }] }
const PROMPT_TOKENS = 8
const TRUTH_FILE = 'truth.ndjson'

/** A run like any other, held against the emitter's log. Undefined when the user ended it early. */
export async function measurePoint(options: PointOptions): Promise<CalibrationPoint | undefined> {
  const { setting, folder, emitter, interruption } = options
  const name = nameOf(setting)
  const runFolder = join(folder, name)
  const profile = profileFor(options)
  const reason = await measureRun({
    profile,
    target: await prepareTarget(profile),
    lexicon: LEXICON,
    folder: runFolder,
    setting: { label: name, axes: { concurrency: setting.streams } },
    command: options.command,
    listener: options.listener,
    interruption,
  })
  const log = await emitter.log()
  if (options.keep) writeTruth(join(runFolder, TRUTH_FILE), log)
  if (reason === 'interrupted') return undefined
  if (reason === 'target-lost') throw new FalloffError('EMITTER_LOST', `the emitter was lost at ${name}`)
  return findPoint(setting, runFolder, log)
}

/** `kernel-plain-50x200`: streams × events per second of each. Unique, since every request is known by it. */
function nameOf({ transport, shape, streams, eventsPerS }: CalibrationSetting): string {
  return `${transport}-${shape.replaceAll(' ', '-')}-${streams}x${eventsPerS}`
}

function profileFor({ setting, emitter, seconds, workers }: PointOptions): Profile {
  const { shape, outputTokens, lifeS } = streamPlan(setting.shape, setting.eventsPerS)
  const values: Readonly<Record<string, unknown>> = {
    name: 'calibrate',
    'target.url': emitter.url,
    'target.model': emitter.model,
    'target.transport': setting.transport,
    'target.exactOutput': 'off',
    'target.chunkUsage': shape.usageOnEveryChunk ? 'on' : 'off',
    'target.extraBody': { emit: shape },
    load: { kind: 'closed', concurrency: setting.streams },
    'workload.inputTokens': PROMPT_TOKENS,
    'workload.outputTokens': outputTokens,
    'workload.salt': false,
    'limits.warmupS': WARMUP_S,
    'limits.durationS': seconds,
    // What is open at the end has all the time that it takes; jittered streams take longer.
    'limits.drainS': 10 + 3 * lifeS,
    workers,
    // There is nothing to scrape.
    scrapeIntervalMs: 3_600_000,
  }
  return loadProfile(
    undefined,
    Object.entries(values).map(([path, value]) => ({ path, value, flag: path })),
  )
}

async function findPoint(
  setting: CalibrationSetting,
  folder: string,
  log: EmitterLog,
): Promise<CalibrationPoint> {
  const { manifest, instrumentSamples } = await readRun(folder)
  const join = joinRecords({ runId: manifest.id, zeroNs: manifest.zeroMonotonicNs, streams: log.streams })
  const records: RequestRecord[] = []
  for await (const record of readRecords(folder)) {
    join.add(record)
    records.push(record)
  }
  const { joined } = join
  const span = measuredSpan(records)
  return {
    ...setting,
    requests: joined.requests,
    failed: joined.failed,
    joined: joined.joined,
    unjoined: joined.unjoined,
    stamp: errorFigures(joined.stampNs),
    ttft: errorFigures(joined.ttftNs),
    gap: errorFigures(joined.gapNs),
    canary: canaryEstimate(instrumentSamples, span),
    coalescedShare: joined.coalesced / Math.max(1, joined.joined),
    lateCoalescedShare: joined.lateCoalesced / Math.max(1, joined.joined),
    latenessP99Ms: p99Ms(joined.latenessNs),
    load: span ? workerLoad(instrumentSamples, records, span) : null,
    truth: {
      arrivalsByLoop: joined.arrivalsByLoop,
      heldUpWrites: joined.heldUpWrites,
      slowWrites: joined.slowWrites,
      unlogged: log.unlogged,
    },
  }
}

/** From the time in which measured requests ran, and no other: the start of a run is its worst moment. */
function canaryEstimate(samples: readonly InstrumentSample[], span: Span | undefined): CanaryEstimate {
  const inside = span ? samplesWithin(samples, span) : []
  const all = (kind: keyof CanaryErrors): number[] => inside.flatMap(({ canary }) => canary?.[kind] ?? [])
  return {
    stamp: errorFigures(all('stampNs')),
    ttft: errorFigures(all('ttftNs')),
    gap: errorFigures(all('gapNs')),
  }
}

function writeTruth(file: string, { streams }: EmitterLog): void {
  writeFileSync(file, streams.map((stream) => `${JSON.stringify(stream)}\n`).join(''))
}
