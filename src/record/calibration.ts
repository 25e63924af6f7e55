import type { RawTransportName } from '../transport/index.js'
import type { MachineFacts } from './manifest.js'

/** `calibration.json`: how far off our own stamps were on this machine, load by load. */
export interface Calibration {
  readonly format: 1
  readonly tool: { readonly name: 'falloff'; readonly version: string }
  readonly command: string
  readonly madeAtUtc: string
  readonly machine: MachineFacts
  /** The p99 that an error has to stay within, in ms. */
  readonly boundMs: number
  /** Worker threads that shared the streams of every point. */
  readonly workers: number
  /** In the order of measuring. */
  readonly points: readonly CalibrationPoint[]
  /** By transport; one that was not measured is missing. */
  readonly bounds: { readonly [T in RawTransportName]?: TransportBound }
}

/** What one worker can carry before its own error shows. */
export interface TransportBound {
  /** Streams a worker, at the pace of the plain series; 0 when not even the smallest load stayed within the bound. */
  readonly streams: number
  /** Whether more streams were measured, and were too many. Otherwise a worker may carry more than this. */
  readonly exceeded: boolean
  /** Events a second that each worker took in there; null when `streams` is 0. */
  readonly eventsPerS: number | null
  /** CPU time of the worker's thread for an event there, everything included, in ns; null when `streams` is 0. */
  readonly cpuPerEventNs: number | null
}

/** One load, and what became of it. */
export interface CalibrationSetting {
  readonly transport: RawTransportName
  /** How the events of a stream are spread: `plain`, `jittered` … */
  readonly shape: string
  /** Streams at once, all workers together. */
  readonly streams: number
  /** Pace of each while it runs. */
  readonly eventsPerS: number
}

export interface CalibrationPoint extends CalibrationSetting {
  /** Measured requests, and those of them that did not complete. */
  readonly requests: number
  readonly failed: number
  /** Chunks of measured requests that were joined with the write they come from, and those that could not be. */
  readonly joined: number
  readonly unjoined: number
  /** Ours − true. Null: no value at all. */
  readonly stamp: ErrorFigures | null
  readonly ttft: ErrorFigures | null
  readonly gap: ErrorFigures | null
  /** What the run's own canary streams said at the same time. */
  readonly canary: CanaryEstimate
  /** Shares of the joined chunks, as in the records. */
  readonly coalescedShare: number
  readonly lateCoalescedShare: number
  /** From the wish to send to the send, p99. */
  readonly latenessP99Ms: number | null
  /** Null where the system does not tell, or the run was too short to. */
  readonly load: WorkerLoad | null
  readonly truth: TruthFacts
}

/** Size of an error in ms, by nearest rank, and its signed mean: positive where we say more than there was. */
export interface ErrorFigures {
  readonly n: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly biasMs: number
}

export interface CanaryEstimate {
  readonly stamp: ErrorFigures | null
  readonly ttft: ErrorFigures | null
  readonly gap: ErrorFigures | null
}

/** What the workers did while measured requests ran. */
export interface WorkerLoad {
  /** Share of a core that the busiest worker used, and that the worst off could have used and did not get. */
  readonly cpuShare: number
  readonly coreWaitShare: number | null
  /** Output events a second, all workers together. */
  readonly deliveredPerS: number
  readonly cpuPerEventNs: number
}

/** How much the truth itself can be relied upon. */
interface TruthFacts {
  /** Requests whose arrival the emitter's loop told, not the kernel: their true TTFT may be short. */
  readonly arrivalsByLoop: number
  /** Writes that a full buffer on the way held up. */
  readonly heldUpWrites: number
  /** Writes during which the emitter lost its core: they judge nothing. */
  readonly slowWrites: number
  /** Streams for which the emitter's log had no room. */
  readonly unlogged: number
}
