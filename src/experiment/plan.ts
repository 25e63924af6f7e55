import { UsageError } from '../base/index.js'
import type { Assignment } from '../drive/index.js'
import type { Profile } from '../profile/index.js'
import { MAX_CLOSED_REQUESTS, planSchedule } from '../schedule/index.js'
import { chooseTransport, type TransportChoice, type TransportName } from '../transport/index.js'
import { readDataset, readTrace } from '../workload/index.js'
import { peakEventsPerS } from './pace.js'
import type { PreparedTarget } from './target.js'
import { chooseWorkers, type WorkerChoice } from './workers.js'

/** An open loop's streams are as many as the target lets them become; more than these are rare. */
const OPEN_STREAMS = 256

/** `counted`: whether a number of requests alone bounds the plan. */
export interface RunPlan
  extends Pick<Assignment, 'schedule' | 'requests' | 'counted' | 'workers' | 'dataset' | 'trace'> {
  readonly transport: TransportChoice
  /** Why so many workers. */
  readonly workersReason: string
}

/** What is decided before the first request. */
export async function planRun(profile: Profile, target: PreparedTarget): Promise<RunPlan> {
  const { dataset, trace } = profile.workload
  const traceRows = trace && readTrace(trace.path, trace.format, trace.speedup)
  const arrivals = traceRows && Float64Array.from(traceRows, (row) => row.arrivalNs)
  const schedule = planSchedule(profile, arrivals)
  const requests = schedule.kind === 'open' ? schedule.arrivalsNs.length : schedule.requests
  const maxInFlight =
    schedule.kind === 'open' ? Math.min(requests, profile.limits.maxInFlight) : schedule.maxConcurrency
  const transport = transportFor(target.baseUrl, profile.target.transport)
  const streams = schedule.kind === 'open' ? Math.min(OPEN_STREAMS, maxInFlight) : maxInFlight
  const { workers, reason } = await chooseWorkers(
    profile.workers,
    { streams, eventsPerS: peakEventsPerS(profile, traceRows) },
    transport.name,
  )
  return {
    schedule,
    requests,
    transport,
    workers,
    workersReason: reason,
    // First of both bounds to be met ends the plan: with a time limit, what was never drawn was never planned.
    counted:
      requests < MAX_CLOSED_REQUESTS && !(schedule.kind === 'closed' && Number.isFinite(schedule.endNs)),
    ...(dataset && { dataset: readDataset(dataset.path, dataset.format) }),
    ...(traceRows && { trace: traceRows }),
  }
}

/** The workers of a load that is not planned yet, such as one that a machine is judged for; its files are not read. */
export const workersOf = (
  profile: Profile,
  streams: number,
  transport: TransportName,
): Promise<WorkerChoice> =>
  chooseWorkers(profile.workers, { streams, eventsPerS: peakEventsPerS(profile) }, transport)

/**
 * What can be known before the target is asked anything: an engine of ours speaks plain HTTP.
 * @throws UsageError when the kernel's stamps are insisted upon where they cannot be had
 */
export function assertTransport({ target, engine }: Profile): void {
  const known = engine === undefined ? target.url : 'http:'
  if (known !== undefined) transportFor(known, target.transport)
}

/** @throws UsageError when the kernel's stamps are insisted upon where they cannot be had */
function transportFor(url: string, wanted: Profile['target']['transport']): TransportChoice {
  const choice = chooseTransport(url, wanted)
  if (wanted !== 'kernel' || choice.name === 'kernel') return choice
  throw new UsageError([
    {
      place: 'target.transport',
      message: `kernel stamps cannot be had: ${choice.reason}; use auto or undici`,
    },
  ])
}
