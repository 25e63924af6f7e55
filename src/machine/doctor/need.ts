import type { Profile } from '../../profile/index.js'

/** What a planned load asks of the machine. */
export interface Need {
  /** Requests in flight at once, at most: a connection each. */
  readonly streams: number
  /** Starts a second; undefined in a closed loop, where the target sets the pace. */
  readonly ratePerS: number | undefined
  /** Whether the target is this machine; undefined where no target is named. */
  readonly local: boolean | undefined
  /** The target's port, where one is named. */
  readonly targetPort: number | undefined
}

/** Nothing said of the load: judge for this many streams. */
export const DEFAULT_STREAMS = 1000

/**
 * For how long a request of an open load is taken to be in flight. How long it will be is what the measurement is to find;
 * `--streams` says it better.
 */
const ASSUMED_LIFE_S = 10

/** The need of a profile. @param streams instead of what follows from its load */
export function needOf(profile: Profile, streams?: number): Need {
  const ratePerS = peakRatePerS(profile.load)
  return {
    streams: streams ?? streamsOf(profile, ratePerS),
    ratePerS,
    ...placeOf(profile),
  }
}

type Load = Profile['load']

/** Starts a second where they are most; undefined where the target sets the pace, or a trace's file. */
export function peakRatePerS(load: Load): number | undefined {
  if ('ratePerS' in load) return load.ratePerS
  if (load.kind !== 'stages') return undefined
  const rates = load.stages.flatMap(({ ratePerS }) => ratePerS ?? [])
  return rates.length === 0 ? undefined : Math.max(...rates)
}

function streamsOf({ load, limits }: Profile, ratePerS: number | undefined): number {
  if (load.kind === 'closed') return load.concurrency
  if (ratePerS !== undefined) return Math.min(limits.maxInFlight, Math.ceil(ratePerS * ASSUMED_LIFE_S))
  if (load.kind === 'stages') return Math.max(...load.stages.map(({ concurrency }) => concurrency ?? 0))
  return limits.maxInFlight
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

function placeOf({ target, engine }: Profile): Pick<Need, 'local' | 'targetPort'> {
  // An engine that falloff starts is on this machine, on a port not known yet.
  if (engine !== undefined) return { local: true, targetPort: undefined }
  if (target.url === undefined || !URL.canParse(target.url))
    return { local: undefined, targetPort: undefined }
  const { hostname, port, protocol } = new URL(target.url)
  return {
    local: LOOPBACK.test(hostname),
    targetPort: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  }
}
