import { nsToS } from '../base/index.js'
import type {
  ColdCosts,
  ColdEstimate,
  ColdFigures,
  ColdPhase,
  ColdPhaseFigures,
  ColdStart,
  StartPhase,
} from '../record/index.js'
import { meanOf, medianOf, stdDevOf, studentT } from './stats/index.js'

/**
 * The phases of a whole cold start: those of the launch, and the first request behind them. Their borders are whole ns, each
 * the end of one phase and the beginning of the next, so that they add up to the whole exactly.
 *
 * @param phases from the command to healthy, without gaps, in s
 * @param firstTokenNs when the first request had its first token
 */
export function coldPhases(
  phases: readonly StartPhase[],
  healthyNs: number,
  firstTokenNs: number,
): readonly ColdPhase[] {
  const border = (atS: number): number => Math.min(healthyNs, Math.max(0, Math.round(atS * 1e9)))
  const inner = phases.map(({ name, bytes, toS }) => ({ name, bytes, toNs: border(toS) }))
  const last = inner.at(-1)
  const named = last === undefined ? [{ name: 'process' as const, bytes: undefined, toNs: healthyNs }] : inner
  // What the log tells ends with the engine being ready, to the last digit of a float.
  const ends = named.map((phase, i) => (i === named.length - 1 ? { ...phase, toNs: healthyNs } : phase))
  let fromNs = 0
  const whole: ColdPhase[] = ends.map(({ name, bytes, toNs }) => {
    const phase = { name, fromNs, toNs, ...(bytes !== undefined && { bytes }) }
    fromNs = toNs
    return phase
  })
  return [...whole, { name: 'first-request', fromNs: healthyNs, toNs: firstTokenNs }]
}

const CONFIDENCE = 0.95

/**
 * Mean of independent starts with Student's t interval at 95 %: few starts, each a sum of many causes.
 * Null without values.
 */
export function coldEstimate(values: readonly number[]): ColdEstimate | null {
  const n = values.length
  if (n === 0) return null
  const mean = meanOf(values)
  const half = n < 2 ? null : (studentT(CONFIDENCE, n - 1) * stdDevOf(values, mean)) / Math.sqrt(n)
  return {
    n,
    mean,
    low: half === null ? null : mean - half,
    high: half === null ? null : mean + half,
    median: middleOf(values),
    min: Math.min(...values),
    max: Math.max(...values),
  }
}

/** Between both in the middle, where their number is even. */
function middleOf(values: readonly number[]): number {
  const mirrored = values.map((v) => -v)
  return (medianOf(values) - medianOf(mirrored)) / 2
}

/** Null without a start. */
export function coldFigures(starts: readonly ColdStart[]): ColdFigures | null {
  const of = (read: (start: ColdStart) => number | null | undefined): ColdEstimate | null =>
    coldEstimate(starts.flatMap((start) => read(start) ?? []))
  const [healthyNs, firstTokenNs] = [of((s) => s.healthyNs), of((s) => s.firstTokenNs)]
  if (healthyNs === null || firstTokenNs === null) return null
  return {
    portOpenNs: of((s) => s.portOpenNs),
    healthyNs,
    firstTokenNs,
    steadyNs: of((s) => s.steady?.atNs),
    phases: phaseFigures(starts, firstTokenNs.mean),
    arrived: of((s) => s.arrivals?.arrived),
    failed: of((s) => s.arrivals?.failed),
    missed: of((s) => s.arrivals && s.arrivals.misses.failed + (s.arrivals.misses.late ?? 0)),
  }
}

/** A phase that a start does not have took it no time: the means add up to the mean whole. */
function phaseFigures(starts: readonly ColdStart[], wholeNs: number): readonly ColdPhaseFigures[] {
  const names = [...new Set(starts.flatMap(({ phases }) => phases.map(({ name }) => name)))]
  return names.flatMap((name) => {
    const ns = coldEstimate(starts.map(({ phases }) => lengthNs(phases.filter((p) => p.name === name))))
    const speeds = starts.flatMap(({ phases }) => speedOf(phases.filter((p) => p.name === name)) ?? [])
    return ns === null ? [] : [{ name, ns, share: ns.mean / wholeNs, mbPerS: coldEstimate(speeds) }]
  })
}

const lengthNs = (phases: readonly ColdPhase[]): number =>
  phases.reduce((sum, { fromNs, toNs }) => sum + toNs - fromNs, 0)

/** In 1e6 bytes a second; undefined where nothing was read. */
function speedOf(phases: readonly ColdPhase[]): number | undefined {
  const bytes = phases.reduce((sum, phase) => sum + (phase.bytes ?? 0), 0)
  const seconds = nsToS(lengthNs(phases))
  return bytes > 0 && seconds > 0 ? bytes / 1e6 / seconds : undefined
}

/** 365 days of 24 h, by 12. */
const HOURS_PER_MONTH = 730
const DAYS_PER_MONTH = HOURS_PER_MONTH / 24

export interface ColdPrices {
  readonly usdPerHour: number
  readonly usdPerMiss?: number | undefined
  readonly startsPerDay?: number | undefined
}

/** What a replica that is always there costs, against what its users lose at each cold start. */
export function coldCosts(prices: ColdPrices, missesPerStart: number | null): ColdCosts {
  const { usdPerHour, usdPerMiss = null, startsPerDay = null } = prices
  const usdPerStart = usdPerMiss === null || missesPerStart === null ? null : usdPerMiss * missesPerStart
  return {
    usdPerHour,
    warmUsdPerMonth: usdPerHour * HOURS_PER_MONTH,
    ...{ usdPerMiss, missesPerStart, startsPerDay },
    missesUsdPerMonth:
      usdPerStart === null || startsPerDay === null ? null : usdPerStart * startsPerDay * DAYS_PER_MONTH,
    breakEvenPerDay: usdPerStart === null || usdPerStart === 0 ? null : (usdPerHour * 24) / usdPerStart,
  }
}
