import { monotonicNs, runClock, threadSchedule } from '../base/index.js'
import { startEmitter } from '../emitter/index.js'
import { apiOf, type DecodeSink } from '../protocol/index.js'
import type { Calibration } from '../record/index.js'
import { type Channel, createTransport, type ResponseSink, type TransportName } from '../transport/index.js'
import { readCalibration } from './calibrate/store.js'

/** What one worker can carry on this machine. */
export interface Ceiling {
  /** Up to so many streams its stamps are good. */
  readonly streams: number
  /** Of one core, everything from the send to the record included. The probe's own figure is scaled up to that. */
  readonly cpuPerEventNs: number
  /** Where this is known from. */
  readonly source: string
}

/**
 * Up to so many streams of 50 events a second a worker's stamps keep their bound: 0.1 ms at p99 from the kernel, 1 ms from
 * the event loop. The official clients are slower than either. Measured with `falloff calibrate` on two shared cores; a calibration of the machine at hand replaces it.
 */
const STREAMS: Readonly<Record<TransportName, number>> = { kernel: 1000, undici: 200, sdk: 100 }
/** Where nothing could be measured: a slow core. */
const ASSUMED_CPU_NS: Readonly<Record<TransportName, number>> = {
  kernel: 20_000,
  undici: 60_000,
  sdk: 200_000,
}

/**
 * Work of the whole path, sends, requests' ends and records included, over that of reading and decoding alone, which is all
 * that the probe does: measured with `npm run bench`.
 */
const WHOLE_PATH = 1.3
/** A calibration held to a looser bound tells of stamps worse than those promised. */
const LOOSEST_BOUND_MS = 1

const known = new Map<TransportName, Promise<Ceiling>>()

/** As calibrated, or found in about a second; once per process. */
export function ceilingOf(transport: TransportName): Promise<Ceiling> {
  const ceiling = known.get(transport) ?? findCeiling(transport)
  known.set(transport, ceiling)
  return ceiling
}

async function findCeiling(transport: TransportName): Promise<Ceiling> {
  const calibrated = calibratedCeiling(readCalibration(), transport)
  if (calibrated) return calibrated
  const readNs = await measureCpuPerEvent(transport).catch(() => undefined)
  return {
    streams: STREAMS[transport],
    cpuPerEventNs: readNs === undefined ? ASSUMED_CPU_NS[transport] : WHOLE_PATH * readNs,
    source: readNs === undefined ? 'assumed' : 'measured at start',
  }
}

/**
 * A series that ended before it met its limit tells only that a worker carries at least so many: it does not lower what holds
 * without it.
 */
export function calibratedCeiling(
  calibration: Pick<Calibration, 'bounds' | 'boundMs'> | undefined,
  transport: TransportName,
): Ceiling | undefined {
  const bound = transport === 'sdk' ? undefined : calibration?.bounds[transport]
  if (!calibration || !bound || bound.cpuPerEventNs === null || bound.streams === 0) return undefined
  if (calibration.boundMs > LOOSEST_BOUND_MS) return undefined
  const streams = bound.exceeded ? bound.streams : Math.max(bound.streams, STREAMS[transport])
  return { streams, cpuPerEventNs: bound.cpuPerEventNs, source: 'as calibrated' }
}

const PROBE_STREAMS = 64
const PROBE_TOKENS = 150
/** Compiled code is what counts: rounds before the last are run for it. */
const ROUNDS = 3

/** CPU time of this thread per event read and decoded; undefined where the system does not count it. */
async function measureCpuPerEvent(name: TransportName): Promise<number | undefined> {
  const emitter = await startEmitter({ shape: { ttftMs: 5, gapMs: 2 } })
  const transport = await createTransport(name, runClock(monotonicNs()))
  try {
    const channel = transport.open(emitter.url, PROBE_STREAMS)
    let cpuPerEventNs: number | undefined
    for (let round = 0; round < ROUNDS; round++) {
      const before = threadSchedule()
      const events = await readStreams(channel, emitter.model)
      const after = threadSchedule()
      cpuPerEventNs = before && after ? (after.ranNs - before.ranNs) / events : undefined
    }
    return cpuPerEventNs
  } finally {
    await transport.close()
    await emitter.stop()
  }
}

const GIVE_UP_MS = 3000

/** @returns how many events came. @throws Error when a stream breaks or all of it takes too long */
async function readStreams(channel: Channel, model: string): Promise<number> {
  let events = 0
  const count = (): void => void events++
  const body = JSON.stringify({
    model,
    messages: [{ role: 'user', content: 'sing' }],
    max_tokens: PROBE_TOKENS,
    stream: true,
  })
  let timer: NodeJS.Timeout | undefined
  const streams = Array.from({ length: PROBE_STREAMS }, () => readStream(channel, body, count))
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the probe took too long')), GIVE_UP_MS)
  })
  await Promise.race([Promise.all(streams), tooLong]).finally(() => clearTimeout(timer))
  return events
}

function readStream(channel: Channel, body: string, onEvent: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const ignore = (): void => {}
    const heard: DecodeSink = {
      onEvent,
      onOutput: ignore,
      onModel: ignore,
      onUsage: ignore,
      onFinish: ignore,
      onServerTimings: ignore,
      onTerminal: ignore,
      onFailure: ({ message }) => reject(new Error(message)),
    }
    const decoder = apiOf('openai-chat').createDecoder(heard, false)
    const sink: ResponseSink = {
      onSent: ignore,
      onHeaders: ignore,
      onData: (_atNs, bytes, from, to) => decoder.feed(bytes, from, to),
      onEnd: () => resolve(),
      onBroken: (_atNs, { message }) => reject(new Error(message)),
    }
    channel.send(
      { path: '/v1/chat/completions', headers: { 'content-type': 'application/json' }, body },
      sink,
    )
  })
}
