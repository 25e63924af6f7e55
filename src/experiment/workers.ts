import { formatNumber, NS_PER_S } from '../base/index.js'
import { usableCores } from '../machine/index.js'
import type { TransportName } from '../transport/index.js'
import { type Ceiling, ceilingOf } from './ceiling.js'

/** What a plan asks of the workers. */
export interface PlannedLoad {
  /** In flight at once. */
  readonly streams: number
  /** Output events a second that an open load brings at its peak; 0 in a closed loop, where the target sets the pace. */
  readonly eventsPerS: number
}

/** How many workers drive a load, and why so many. */
export interface WorkerChoice {
  readonly workers: number
  /** As many as the load wants, were there cores for them. */
  readonly wanted: number
  /** Why so many are wanted. */
  readonly because: string
  /** That, and why there are fewer where there are. */
  readonly reason: string
}

/**
 * Events a second that a stream is taken to bring: as an engine generates for one user when it is not loaded. Slower ones
 * leave room, faster ones are few.
 */
const EVENTS_PER_S = 50
/** Of a worker's core. The rest is for requests that begin and end, and for what arrives in bursts. */
const USABLE_SHARE = 0.6
/** So few streams, and events as of so few, never fill a worker: nothing need be known of the machine. */
const FEW_STREAMS = 50

/**
 * One worker for as many streams and events as it can carry within its error bound, and no more workers than there are cores
 * beside the one of the main thread, which watches.
 * @param asked as in the profile
 */
export async function chooseWorkers(
  asked: number | 'auto',
  load: PlannedLoad,
  transport: TransportName,
): Promise<WorkerChoice> {
  if (asked !== 'auto') {
    const workers = Math.min(asked, Math.max(1, load.streams))
    return { workers, wanted: workers, because: 'as asked', reason: 'as asked' }
  }
  if (load.streams <= FEW_STREAMS && load.eventsPerS <= FEW_STREAMS * EVENTS_PER_S) {
    const because = streamsText(load.streams)
    return { workers: 1, wanted: 1, because, reason: because }
  }
  return workersFor(load, await ceilingOf(transport), usableCores())
}

/** @param cores that this process may keep busy */
export function workersFor(load: PlannedLoad, ceiling: Ceiling, cores: number): WorkerChoice {
  const { wanted, because } = wantedFor(load, ceiling)
  const room = Math.max(1, cores - 1)
  if (wanted <= room) return { workers: wanted, wanted, because, reason: because }
  return {
    workers: room,
    wanted,
    because,
    reason: `${because}: ${wanted} workers are wanted, and this machine has cores for ${room}`,
  }
}

/** What takes more workers decides: the streams at once, or the events that the rate brings. */
function wantedFor(
  { streams, eventsPerS }: PlannedLoad,
  ceiling: Ceiling,
): Pick<WorkerChoice, 'wanted' | 'because'> {
  const eventsEach = (USABLE_SHARE * NS_PER_S) / ceiling.cpuPerEventNs
  const streamsEach = Math.max(1, Math.min(Math.floor(eventsEach / EVENTS_PER_S), ceiling.streams))
  const byStreams = Math.max(1, Math.ceil(streams / streamsEach))
  // A worker without a stream would have nothing to do.
  const byRate = Math.min(Math.ceil(eventsPerS / eventsEach), Math.max(1, streams))
  return byRate > byStreams
    ? { wanted: byRate, because: carried(`${formatNumber(eventsPerS)} events/s`, eventsEach, ceiling) }
    : { wanted: byStreams, because: carried(streamsText(streams), streamsEach, ceiling) }
}

const carried = (load: string, each: number, { source }: Ceiling): string =>
  `${load}, of which a worker carries about ${formatNumber(each)} (${source})`

const streamsText = (streams: number): string =>
  `${streams.toLocaleString('en-US')} ${streams === 1 ? 'stream' : 'streams'}`
