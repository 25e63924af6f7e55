import { availableParallelism } from 'node:os'
import { formatNumber, NS_PER_S } from '../base/index.js'
import type { TransportName } from '../transport/index.js'
import { ceilingOf } from './ceiling.js'

/** How many workers drive a load, and why so many. */
export interface WorkerChoice {
  readonly workers: number
  readonly reason: string
}

/**
 * Events a second that a stream is taken to bring: as an engine generates for one user when it is not loaded. Slower ones
 * leave room, faster ones are few.
 */
const EVENTS_PER_S = 50
/** Of a worker's core. The rest is for requests that begin and end, and for what arrives in bursts. */
const USABLE_SHARE = 0.6
/** So few streams never fill a worker: nothing need be known of the machine. */
const FEW_STREAMS = 50

/**
 * One worker for as many streams as it can carry within its error bound, and no more workers than there are cores beside the
 * one of the main thread, which watches.
 * @param asked as in the profile
 */
export async function chooseWorkers(
  asked: number | 'auto',
  streams: number,
  transport: TransportName,
): Promise<WorkerChoice> {
  if (asked !== 'auto') return { workers: Math.min(asked, Math.max(1, streams)), reason: 'as asked' }
  const load = `${formatNumber(streams)} ${streams === 1 ? 'stream' : 'streams'}`
  if (streams <= FEW_STREAMS) return { workers: 1, reason: load }
  const ceiling = await ceilingOf(transport)
  const byCpu = Math.floor((USABLE_SHARE * NS_PER_S) / ceiling.cpuPerEventNs / EVENTS_PER_S)
  const each = Math.max(1, Math.min(byCpu, ceiling.streams))
  const wanted = Math.ceil(streams / each)
  const room = Math.max(1, availableParallelism() - 1)
  const carried = `${load}, of which a worker carries about ${formatNumber(each)} (${ceiling.source})`
  return wanted <= room
    ? { workers: wanted, reason: carried }
    : {
        workers: room,
        reason: `${carried}: ${wanted} workers are wanted, and this machine has cores for ${room}`,
      }
}
