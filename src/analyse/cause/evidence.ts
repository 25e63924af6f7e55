import { formatNumber } from '../../base/index.js'
import type { TargetFacts } from '../../record/index.js'
import type { CauseFinding, PointFindings } from '../findings.js'

/** What a cause may look at. */
export interface FalloffContext {
  /** In order of load; at least one. */
  readonly points: readonly PointFindings[]
  /** Load of each point. */
  readonly loads: readonly number[]
  readonly lowest: PointFindings
  /** At or past the knee; without a knee, the highest load alone. */
  readonly past: readonly PointFindings[]
  readonly target: TargetFacts
}

/** One signal that a cause looks for: seen, looked for in vain, or not observable. */
export interface Signal {
  readonly weight: number
  /** With figures. Null: not observed. */
  readonly seen: { readonly supports: boolean; readonly text: string } | null
  /** What is needed to observe it. */
  readonly needs: string
  /** Without it the cause is out, whatever else was seen. */
  readonly required?: boolean
}

/** A cause that lacks what it requires keeps this much of its strength. */
const RULED_OUT = 0.2

/**
 * Strength: the weight of what was seen over the weight of all that was looked for. What could not be observed counts as
 * not seen, so that no cause is named on silence.
 */
export function weigh(
  name: CauseFinding['name'],
  sentence: string,
  signals: readonly Signal[],
): CauseFinding {
  const total = signals.reduce((sum, s) => sum + s.weight, 0)
  const found = signals.reduce((sum, s) => sum + (s.seen?.supports ? s.weight : 0), 0)
  const lacking = signals.some((s) => s.required === true && s.seen?.supports !== true)
  return {
    name,
    sentence,
    strength: total === 0 ? 0 : (found / total) * (lacking ? RULED_OUT : 1),
    evidence: signals.flatMap((s) => s.seen ?? []),
    notObserved: [...new Set(signals.flatMap((s) => (s.seen === null ? [s.needs] : [])))],
  }
}

/** A signal from a figure that may not have been observed. */
export function signal(
  weight: number,
  needs: string,
  value: number | null | undefined,
  judge: (value: number) => { readonly supports: boolean; readonly text: string },
  required = false,
): Signal {
  return { weight, needs, required, seen: value === null || value === undefined ? null : judge(value) }
}

/** Greatest of a figure over points; null when none has it. */
export function greatest(
  points: readonly PointFindings[],
  read: (p: PointFindings) => number | null | undefined,
): number | null {
  const values = points.map(read).filter((v) => v !== null && v !== undefined)
  return values.length === 0 ? null : Math.max(...values)
}

/** Label of the point with the greatest figure. */
export function whereGreatest(
  points: readonly PointFindings[],
  read: (p: PointFindings) => number | null | undefined,
): string {
  const most = greatest(points, read)
  return points.find((p) => read(p) === most)?.setting.label ?? ''
}

/** Share of planned requests that ended with one of the failure codes. */
export const failureShare = (point: PointFindings, codes: readonly string[]): number =>
  point.failures.filter((f) => codes.includes(f.code)).reduce((sum, f) => sum + f.count, 0) /
  Math.max(1, point.planned)

/** Greatest KV usage of a point with room to spare. */
export const ROOM = 0.9
export const CEILING = 0.95
/** Waiting requests on average that make a queue, not a moment between two steps. */
export const QUEUE = 0.5

/** Required by every cause that is not the cache: the cache was never near full. */
export const cacheHasRoom = (usage: number | null): Signal =>
  signal(
    2,
    'the engine’s KV-cache usage',
    usage,
    (v) => ({
      supports: v < ROOM,
      text: `KV-cache usage stayed at ${formatNumber(v)} or below; room counts below ${ROOM}`,
    }),
    true,
  )

export const noPreemption = (preemptions: number | null): Signal =>
  signal(1, 'the engine’s preemption counter', preemptions, (v) => ({
    supports: v === 0,
    text: v === 0 ? 'no preemption past the knee' : `${formatNumber(v)} preemptions past the knee`,
  }))
