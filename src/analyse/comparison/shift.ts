import { CURVE_QUANTILES, type FigureValue } from '../../record/index.js'
import { METRICS } from '../metrics.js'
import { contrastOf, intervalOf } from './contrast.js'
import type { ShiftFunction } from './findings.js'
import { type PairInput, pointAt, sharedPoints } from './metrics.js'

/** How much each quantile of the metrics with curves moved, at every point that both sides hold. */
export const shiftsOf = (pair: PairInput): readonly ShiftFunction[] =>
  sharedPoints(pair).flatMap((at) =>
    METRICS.flatMap(({ name, unit }) => {
      const [a, b] = [pair.a, pair.b].map((runs) => runs.map((run) => pointAt(run, at)?.curves[name] ?? null))
      if (!a?.some((c) => c !== null) || !b?.some((c) => c !== null)) return []
      return [{ metric: name, unit, at, points: pointsOf(a, b, pair) }]
    }),
  )

type Curve = readonly (FigureValue | null)[] | null

function pointsOf(a: readonly Curve[], b: readonly Curve[], pair: PairInput): ShiftFunction['points'] {
  const values = CURVE_QUANTILES.map((_, i) => ({
    a: a.map((curve) => curve?.[i] ?? null),
    b: b.map((curve) => curve?.[i] ?? null),
  }))
  const held = values.filter((v) => hasMean(v.a) && hasMean(v.b)).length
  return CURVE_QUANTILES.map((quantile, i) => {
    const [ofA, ofB] = [values[i]?.a ?? [], values[i]?.b ?? []]
    const { effect, basis } = contrastOf(
      { a: ofA, b: ofB, pairs: pair.pairs },
      { scale: 'ratio', better: 'lower' },
      pair.level,
    )
    // Bonferroni: five runs a side tell nothing of how quantiles move together, on which a narrower band would rest.
    const band = basis === null ? null : intervalOf(basis, 'ratio', pair.level / Math.max(1, held))
    return {
      quantile,
      a: centreOf(ofA),
      b: centreOf(ofB),
      ratio: effect,
      bandLow: band?.low ?? null,
      bandHigh: band?.high ?? null,
    }
  })
}

const hasMean = (values: readonly (FigureValue | null)[]): boolean => centreOf(values) !== null

/** Geometric mean over the runs that have one; null where a run has an endless one or none of them any. */
function centreOf(values: readonly (FigureValue | null)[]): number | null {
  const present = values.filter((v) => v !== null)
  const logs = present.map((v) => (v === 'endless' ? Number.NaN : Math.log(v)))
  const mean = logs.reduce((sum, v) => sum + v, 0) / logs.length
  return Number.isFinite(mean) ? Math.exp(mean) : null
}
