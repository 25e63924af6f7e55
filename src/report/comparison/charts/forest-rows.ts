import type { MetricComparison } from '../../../analyse/index.js'
import type { Lanes } from '../../charts/lanes.js'
import type { Scale } from '../../charts/scale.js'
import type { VERDICTS } from '../words.js'

/** A row of a forest: one figure of one side against the base. */
export interface ForestRow {
  readonly label: string
  readonly short: string
  readonly metric: MetricComparison
  readonly verdict: keyof typeof VERDICTS
  readonly nameA: string
  readonly nameB: string
  readonly slotB: number
}

/** With the name of its lane as the axis shows it. */
export type Laned = ForestRow & { readonly lane: string }

/** What the layers of one panel share. */
export interface Geometry {
  readonly lanes: Lanes
  readonly x: Scale
  readonly scale: MetricComparison['scale']
  readonly narrow: boolean
}

/** The x axis, to be put into an encoding; its field is `v`. */
export type Axis = Readonly<Record<string, unknown>>

/** Runs of a side on the scale of the effect: over the base's centre, or less it. Null where it has no place. */
export function placesOf(metric: MetricComparison, side: 'a' | 'b'): readonly (number | null)[] {
  const centre = centreOf(metric)
  return metric[side].map((v) => {
    if (typeof v !== 'number' || centre === null) return null
    return metric.scale === 'ratio' ? (v > 0 && centre > 0 ? v / centre : null) : v - centre
  })
}

/** Of the base; where a run of it is endless, of the others. */
function centreOf({ centreA, a, scale }: MetricComparison): number | null {
  if (centreA !== null) return centreA
  const seen = a.filter((v): v is number => typeof v === 'number' && (scale === 'difference' || v > 0))
  if (seen.length === 0) return null
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length
  return scale === 'ratio' ? Math.exp(mean(seen.map(Math.log))) : mean(seen)
}
