/** One reading of the engine's own metrics, a line of `server.ndjson`. Counters are raw totals as exposed. */
export interface ServerSample {
  /** When the scrape was sent, in ns since the run's zero. */
  readonly atNs: number
  /** How long the scrape took. */
  readonly tookNs: number
  /** Set when the scrape failed; nothing else is then present. */
  readonly error?: string
  readonly gauges?: ServerGauges
  readonly counters?: ServerCounters
  /** Sum and count of the engine's own histograms, as totals. */
  readonly histograms?: ServerHistograms
}

/** Missing means: not observed. */
export interface ServerGauges {
  readonly running?: number
  readonly waiting?: number
  /** Of `waiting`, those that wait because the KV cache has no room. */
  readonly waitingForCapacity?: number
  /** Share of the KV cache in use, 0 to 1. */
  readonly kvUsage?: number
}

const SERVER_COUNTERS = [
  'preemptions',
  'promptTokens',
  'generationTokens',
  'prefixQueries',
  'prefixHits',
  'requestsFinished',
] as const
type ServerCounters = { readonly [K in (typeof SERVER_COUNTERS)[number]]?: number }

export interface HistogramTotal {
  readonly sum: number
  readonly count: number
}

/** Seconds, as the engines expose them; `stepTokens` counts tokens per engine step. */
const SERVER_HISTOGRAMS = [
  'ttftS',
  'interTokenS',
  'e2eS',
  'queueS',
  'prefillS',
  'decodeS',
  'stepTokens',
] as const
type ServerHistograms = { readonly [K in (typeof SERVER_HISTOGRAMS)[number]]?: HistogramTotal }

/** One worker's view of itself over an interval, a line of `instrument.ndjson`. */
export interface InstrumentSample {
  readonly atNs: number
  readonly worker: number
  readonly inFlight: number
  /** Event-loop delay over the interval: how late a stamp taken in the loop can have been. */
  readonly loopDelayP99Ns: number
  readonly loopDelayMaxNs: number
  /** Share of one core used by this worker's thread over the interval, 0 to 1. */
  readonly cpuShare: number
  /** Share of the interval in which the thread was ready to run and had no core. Absent where the system does not tell. */
  readonly coreWaitShare?: number
  /** Longest pause and sum of pauses for garbage collection in the interval. */
  readonly gcMaxNs?: number
  readonly gcNs?: number
  /**
   * How far the wall clock was set against the monotonic one in the interval, signed; absent where nobody looked. Stamps of
   * the kernel come by the wall clock.
   */
  readonly clockJumpNs?: number
  /** Reads to which the kernel gave no stamp, or none that can be true: the moment of reading stands in. Absent when none. */
  readonly unstampedReads?: number
  /** Absent where no canary ran. */
  readonly canary?: CanaryErrors
}

/**
 * Errors of our stamps on streams whose true times are known, read by the worker beside its load; ns, signed, ours − true.
 * One value per event of a canary stream (`stamp`), per gap between two of them, and per canary request (`ttft`).
 */
export interface CanaryErrors {
  readonly stampNs: readonly number[]
  readonly gapNs: readonly number[]
  readonly ttftNs: readonly number[]
}

/** What the system says of the client machine over an interval, a line of `machine.ndjson`. Absent: it does not tell. */
export interface MachineSample {
  readonly atNs: number
  /** Share of all cores that was busy, by anybody, 0 to 1. */
  readonly cpuBusyShare?: number
  /** Share of all cores' time that the hypervisor gave to others. */
  readonly stealShare?: number
  /** Share of the interval in which some task waited for a core (pressure stall information). */
  readonly cpuPressureShare?: number
  /** Time in which our control group was throttled. */
  readonly throttledNs?: number
}
