/** One reading of the engine's own metrics, a line of `server.ndjson`. Counters are raw totals as exposed. */
export interface ServerSample {
  /** When the scrape was sent, in ns since the run's zero. */
  readonly atNs: number
  /** How long the engine's pages took. */
  readonly tookNs: number
  /** Set when the engine's scrape failed; nothing of the engine is then present. */
  readonly error?: string
  readonly gauges?: ServerGauges
  readonly counters?: ServerCounters
  /** Sum and count of the engine's own histograms, as totals. */
  readonly histograms?: ServerHistograms
  /** One reading per device that was seen. Absent: nothing told of GPUs. */
  readonly gpu?: readonly GpuReading[]
  /** The machine that the engine runs on. */
  readonly host?: HostReading
  /** Why GPUs or host were asked for and not read, by page. */
  readonly besideErrors?: Readonly<Record<string, string>>
}

/** Missing means: not observed. */
export interface ServerGauges {
  readonly running?: number
  readonly waiting?: number
  /** Of `waiting`, those that wait because the KV cache has no room. */
  readonly waitingForCapacity?: number
  /** Share of the KV cache in use (TGI: reserved), 0 to 1. */
  readonly kvUsage?: number
  /** Models held in memory, their bytes, and how many of these lie in GPU memory. */
  readonly modelsLoaded?: number
  readonly modelBytes?: number
  readonly modelGpuBytes?: number
}

/** One GPU at one moment. Absent: its exporter does not tell. */
export interface GpuReading {
  /** Index, and the machine's name before it where several are exported on one page. */
  readonly id: string
  /** Share of the time in which some kernel ran, 0 to 1: says nothing of how many cores it kept busy. */
  readonly utilisation?: number
  /** Share of the streaming multiprocessors that had work, 0 to 1. */
  readonly smActive?: number
  readonly memoryUsedBytes?: number
  readonly memoryTotalBytes?: number
  readonly powerW?: number
  readonly temperatureC?: number
}

/** The target's machine at one moment; CPU times are totals over all cores since its start. */
export interface HostReading {
  readonly cpuTotalS?: number
  /** Of these, idle or waiting for a disk. */
  readonly cpuIdleS?: number
  /** Told as a share at once, 0 to 1, by those who do not tell totals. */
  readonly cpuBusyShare?: number
  readonly memoryTotalBytes?: number
  readonly memoryAvailableBytes?: number
  readonly load1?: number
}

const SERVER_COUNTERS = [
  'preemptions',
  'promptTokens',
  'generationTokens',
  'prefixQueries',
  'prefixHits',
  'requestsFinished',
  /** Of a gateway: requests that it answered with an error; calls to a deployment behind it that failed; deployments set aside. */
  'requestsFailed',
  'deploymentFailures',
  'deploymentCooldowns',
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
  /** Of a gateway: what it added to the time of the engine behind it. */
  'gatewayS',
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
