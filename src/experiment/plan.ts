import { UsageError, usageError } from '../base/index.js'
import type { Assignment } from '../drive/index.js'
import type { Profile } from '../profile/index.js'
import type { ConnectionFacts } from '../record/index.js'
import { MAX_CLOSED_REQUESTS, planSchedule } from '../schedule/index.js'
import { chooseTransport, SDK_APIS, type TransportChoice, type TransportName } from '../transport/index.js'
import { readDataset, readTrace } from '../workload/index.js'
import { agree, connectionFacts, urlsOf, waysTo } from './connection.js'
import { peakEventsPerS } from './pace.js'
import type { PreparedTarget } from './target.js'
import { chooseWorkers, type WorkerChoice } from './workers.js'

/** An open loop's streams are as many as the target lets them become; more than these are rare. */
const OPEN_STREAMS = 256

/** `counted`: whether a number of requests alone bounds the plan. */
export interface RunPlan
  extends Pick<Assignment, 'schedule' | 'requests' | 'counted' | 'workers' | 'dataset' | 'trace' | 'ways'> {
  readonly transport: TransportChoice
  /** Undefined: plain connections. */
  readonly connection: ConnectionFacts | undefined
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
  const transport = transportFor(target.ways, profile.target)
  const { ways, handshakes } = await agree(target.ways)
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
    ways,
    connection: connectionFacts(ways, handshakes),
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

/** As a run would choose; a target that is not named yet is taken to speak plain HTTP. */
export function likelyTransport({ target, engine }: Profile): TransportChoice {
  const urls = engine === undefined ? urlsOf(target) : []
  return choose(waysTo(urls.length === 0 ? ['http://localhost'] : urls, target), target.transport)
}

/** One for all base URLs: the kernel's only where it serves them all. */
function choose(ways: Assignment['ways'], wanted: Profile['target']['transport']): TransportChoice {
  const choices = ways.map(({ origin, connection }) => chooseTransport(origin, wanted, connection))
  const choice = choices.find(({ name }) => name !== 'kernel') ?? choices[0]
  if (choice === undefined) throw new Error('a target without a place')
  return choice
}

/**
 * What can be known before the target is asked anything: an engine of ours speaks plain HTTP.
 * @throws UsageError when the transport asked for cannot serve the target
 */
export function assertTransport({ target, engine }: Profile): void {
  const urls = engine === undefined ? urlsOf(target) : ['http://localhost']
  if (urls.length > 0) transportFor(waysTo(urls, target), target)
}

/** @throws UsageError when the one asked for cannot serve the target, or does not speak the API */
function transportFor(
  ways: Assignment['ways'],
  { transport: wanted, api }: Profile['target'],
): TransportChoice {
  if (wanted === 'sdk' && !SDK_APIS.includes(api)) {
    const known = SDK_APIS.join(', ')
    throw usageError('target.transport', `no official client speaks ${api}; sdk is for ${known}`)
  }
  const choice = choose(ways, wanted)
  if (wanted !== 'kernel' || choice.name === 'kernel') return choice
  throw new UsageError([
    {
      place: 'target.transport',
      message: `kernel stamps cannot be had: ${choice.reason}; use auto or undici`,
    },
  ])
}
