import type { Figure, FigureValue } from '../../record/index.js'
import type { MetricDeclaration } from '../metrics.js'
import type { Sample } from '../spread.js'
import {
  type Dependence,
  designEffectOf,
  meanOf,
  nearestRank,
  rankInterval,
  type Sorted,
  stdDevOf,
} from '../stats/index.js'
import type { Outcome } from '../throughput.js'

/** A metric's values of the requests that completed, and how many more there would be of those that did not. */
export interface Ranked {
  readonly sorted: Sorted
  readonly lost: number
  /** Where the lost ones rank: they are worse than every value. */
  readonly worst: 'above' | 'below'
  readonly dependence: Dependence
}

/**
 * Who sheds what it cannot serve in time must not look fast by it. Requests that we stopped ourselves are not among `asked`.
 * A lost request counts as often as one that completed has values: one gap would be nothing among the hundreds of the others.
 */
export function rankedOf(
  { values, dependence }: Sample,
  { from, better }: MetricDeclaration,
  { asked, completed }: Outcome,
): Ranked {
  const losesValues = from === 'completed' && better !== 'neither' && (values.length > 0 || completed === 0)
  const each = completed === 0 ? 1 : Math.max(1, values.length / completed)
  const lost = losesValues ? Math.round((asked - completed) * each) : 0
  return { sorted: values, lost, worst: better === 'higher' ? 'below' : 'above', dependence }
}

/** By nearest rank, with the 95 % interval inside the run; null without any request. */
export function quantileFigure(ranked: Ranked, q: number): Figure | null {
  const { sorted, lost, worst, dependence } = ranked
  const n = sorted.length + lost
  if (n === 0) return null
  const at = (rank: number): FigureValue => sorted[rank - 1 - (worst === 'below' ? lost : 0)] ?? 'endless'
  const { low, high } = rankInterval(n, q, dependence)
  return {
    value: at(nearestRank(n, q)),
    low: low === null ? null : at(low),
    high: high === null ? null : at(high),
  }
}

const Z = 1.959963984540054
const MIDDLE = [0.5, 0.9]

/** Of what completed. Its scatter is that of as many independent values as say the same of the middle of the distribution. */
export function meanFigure({ sorted, dependence }: Ranked): Figure | null {
  const n = sorted.length
  if (n === 0) return null
  const value = meanOf(sorted)
  const half = (Z * stdDevOf(sorted) * Math.sqrt(designEffectOf(dependence, MIDDLE))) / Math.sqrt(n)
  const bounded = n > 1 && Number.isFinite(half)
  return { value, low: bounded ? value - half : null, high: bounded ? value + half : null }
}
