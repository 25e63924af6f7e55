import { createRandom, NS_PER_S, type Random } from '../base/index.js'
import type { Load, Profile } from '../profile/index.js'

/**
 * When requests start, worked out before the run. An open schedule is a list of moments; a closed one says how many
 * requests may be in flight at any moment, and a request starts when a slot is free.
 */
export type Schedule = OpenSchedule | ClosedSchedule

export interface OpenSchedule {
  readonly kind: 'open'
  /** Arrivals in ns since the start of the plan, ascending, warm-up included. */
  readonly arrivalsNs: Float64Array
  /** Requests that arrive before this moment are warm-up. */
  readonly warmupUntilNs: number
}

export interface ClosedSchedule {
  readonly kind: 'closed'
  /** Slots over time: from `atNs` on, `concurrency` requests may be in flight. Ascending; the first at 0. */
  readonly levels: readonly { readonly atNs: number; readonly concurrency: number }[]
  readonly maxConcurrency: number
  /** No request starts later than this. */
  readonly endNs: number
  /** Requests in the plan, warm-up included. */
  readonly requests: number
  /** The first so many requests are warm-up … */
  readonly warmupRequests: number
  /** … and so is what starts before this moment. */
  readonly warmupUntilNs: number
}

/** An open schedule longer than this is a slip of the pen, and would not fit the memory. */
const MAX_ARRIVALS = 20_000_000
/** A closed loop bounded by time alone plans at most so many requests. */
export const MAX_CLOSED_REQUESTS = 10_000_000

/**
 * @param traceArrivalsNs arrivals of the trace, needed by a `trace` load
 */
export function planSchedule(profile: Profile, traceArrivalsNs?: Float64Array): Schedule {
  const { load, limits } = profile
  const warmupUntilNs = (limits.warmupS ?? 0) * NS_PER_S
  if (load.kind === 'closed')
    return closedSchedule(profile, [{ atNs: 0, concurrency: load.concurrency }], undefined)
  if (load.kind === 'stages' && load.stages[0]?.concurrency !== undefined) {
    return closedSchedule(profile, concurrencyLevels(load), stagesEndNs(load))
  }
  const random = createRandom(profile.seeds.arrivals, 'arrivals')
  const source =
    load.kind === 'trace' ? (traceArrivalsNs ?? new Float64Array()).values() : openArrivals(load, random)
  const untilNs =
    warmupUntilNs + (limits.durationS === undefined ? Number.POSITIVE_INFINITY : limits.durationS * NS_PER_S)
  const arrivalsNs = take(source, untilNs, warmupUntilNs, limits.warmupRequests ?? 0, limits.requests)
  const byCount = limits.warmupRequests ? (arrivalsNs[limits.warmupRequests] ?? Number.POSITIVE_INFINITY) : 0
  return { kind: 'open', arrivalsNs, warmupUntilNs: Math.max(warmupUntilNs, byCount) }
}

function closedSchedule(
  profile: Profile,
  levels: ClosedSchedule['levels'],
  stagesNs: number | undefined,
): ClosedSchedule {
  const { limits } = profile
  const warmupRequests = limits.warmupRequests ?? 0
  const warmupUntilNs = (limits.warmupS ?? 0) * NS_PER_S
  const durationNs = limits.durationS === undefined ? Number.POSITIVE_INFINITY : limits.durationS * NS_PER_S
  return {
    kind: 'closed',
    levels,
    maxConcurrency: Math.max(...levels.map((l) => l.concurrency)),
    endNs: Math.min(stagesNs ?? Number.POSITIVE_INFINITY, warmupUntilNs + durationNs),
    requests: limits.requests === undefined ? MAX_CLOSED_REQUESTS : warmupRequests + limits.requests,
    warmupRequests,
    warmupUntilNs,
  }
}

/** Takes arrivals until a moment or, once the warm-up is over, until `requests` of them. */
function take(
  source: Iterator<number>,
  untilNs: number,
  warmupNs: number,
  warmupRequests: number,
  requests = MAX_ARRIVALS,
) {
  const arrivals: number[] = []
  let measured = 0
  for (let next = source.next(); !next.done && next.value < untilNs; next = source.next()) {
    if (next.value >= warmupNs && arrivals.length >= warmupRequests && ++measured > requests) break
    if (arrivals.length >= MAX_ARRIVALS) break
    arrivals.push(next.value)
  }
  return Float64Array.from(arrivals)
}

type OpenLoad = Exclude<Load, { kind: 'closed' } | { kind: 'trace' }>

/** Arrivals of an open load, in ns since the start. */
function openArrivals(load: OpenLoad, random: Random): Generator<number> {
  switch (load.kind) {
    case 'constant':
      return constantArrivals(load.ratePerS)
    case 'poisson':
      return renewalArrivals(load.ratePerS, () => random.exponential())
    case 'gamma':
      // Gaps of mean 1: a gamma variable of mean `shape`, divided by it.
      return renewalArrivals(load.ratePerS, () => random.gamma(load.shape) / load.shape)
    case 'stages':
      return stageArrivals(load, random)
  }
}

function* constantArrivals(ratePerS: number): Generator<number> {
  // Multiplied, not summed: no drift.
  for (let i = 0; ; i++) yield (i * NS_PER_S) / ratePerS
}

function* renewalArrivals(ratePerS: number, gap: () => number): Generator<number> {
  for (let atNs = 0; ; atNs += (gap() / ratePerS) * NS_PER_S) yield atNs
}

type StagesLoad = Extract<Load, { kind: 'stages' }>
const stagesEndNs = (load: StagesLoad): number =>
  load.stages.reduce((sum, s) => sum + s.durationS, 0) * NS_PER_S

/**
 * Poisson arrivals whose rate changes over time, by inversion: unit-rate arrivals are mapped through the inverse of the
 * cumulative rate. Within a stage the rate runs linearly from `from` to `to`, so its integral is a parabola.
 */
function* stageArrivals(load: StagesLoad, random: Random): Generator<number> {
  let target = random.exponential()
  let doneMass = 0
  let startS = 0
  let previous = 0
  for (const stage of load.stages) {
    const to = stage.ratePerS ?? 0
    const from = stage.ramp ? previous : to
    const mass = ((from + to) / 2) * stage.durationS
    while (target <= doneMass + mass) {
      yield (startS + timeAtMass(target - doneMass, from, to, stage.durationS)) * NS_PER_S
      target += random.exponential()
    }
    doneMass += mass
    startS += stage.durationS
    previous = to
  }
}

/** Solves from·t + (to − from)·t²/(2·duration) = mass for t. */
function timeAtMass(mass: number, from: number, to: number, durationS: number): number {
  const a = (to - from) / (2 * durationS)
  if (Math.abs(a) < 1e-12) return mass / from
  return (2 * mass) / (from + Math.sqrt(from * from + 4 * a * mass))
}

/** A ramp of concurrency is a staircase of single steps. */
function concurrencyLevels(load: StagesLoad): ClosedSchedule['levels'] {
  const levels: { atNs: number; concurrency: number }[] = []
  let startS = 0
  let previous = 0
  for (const stage of load.stages) {
    const to = stage.concurrency ?? 0
    const steps = stage.ramp ? Math.max(1, Math.abs(to - previous)) : 1
    for (let i = 1; i <= steps; i++) {
      const atS = startS + (stage.ramp ? ((i - 1) / steps) * stage.durationS : 0)
      levels.push({ atNs: atS * NS_PER_S, concurrency: Math.round(previous + ((to - previous) * i) / steps) })
    }
    startS += stage.durationS
    previous = to
  }
  return levels
}
