import type { MetricComparison } from '../../../analyse/index.js'
import type { Scale } from '../../charts/scale.js'

/** Changes that make good ticks, as shares, from small to large on each side. */
const UP = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 4, 9]
const DOWN = [-0.01, -0.02, -0.05, -0.1, -0.2, -0.3, -0.5, -0.7, -0.8, -0.9]
/** Of the half axis: closer to each other ticks do not stand, in a wide picture and in a narrow one. */
const APART = { wide: 0.24, narrow: 0.46 } as const

/** Beyond a factor of so much a mark stands at the edge. */
const MOST = 20
const CHANGE_LABELS =
  "datum.value == 1 ? 'equal' : replace(format((datum.value - 1) * 100, '+,.2~f'), '-', '−') + ' %'"
const POINT_LABELS =
  "abs(datum.value) < 1e-9 ? 'equal' : replace(format(datum.value * 100, '+,.2~f'), '-', '−')"

/** Ratios on a log axis, as far to the one side as to the other: a half and a double are equally far from equal. */
export function ratioScale(values: readonly (number | null | undefined)[], narrow = false): Scale {
  const spans = values.flatMap((v) => (typeof v === 'number' && v > 0 ? [Math.abs(Math.log(v))] : []))
  const span = Math.min(Math.log(MOST), Math.max(Math.log(1.02), ...spans)) * 1.06
  const high = Math.exp(span)
  const apart = (narrow ? APART.narrow : APART.wide) * span
  const ticks = [...outward(DOWN, span, apart).toReversed(), 0, ...outward(UP, span, apart)]

  return {
    type: 'log',
    base: 10,
    domain: [1 / high, high],
    ticks: ticks.map((share) => 1 + share),
    labels: CHANGE_LABELS,
  }
}

/** Changes from `equal` outward that leave room for each other. */
function outward(changes: readonly number[], span: number, apart: number): readonly number[] {
  let last = 0
  return changes.filter((share) => {
    const at = Math.abs(Math.log(1 + share))
    if (at > span || at - last < apart) return false
    last = at
    return true
  })
}

/** Differences of shares, as far to the one side as to the other. */
export function differenceScale(values: readonly (number | null | undefined)[]): Scale {
  const span = Math.max(0.002, ...values.flatMap((v) => (typeof v === 'number' ? [Math.abs(v)] : []))) * 1.06
  const power = 10 ** Math.floor(Math.log10(span))
  // The largest round step that clearly fits: one or two of them on either side of nought.
  const step = Math.max(...[0.5, 1, 2, 5].map((s) => s * power).filter((s) => s <= 0.9 * span))
  const ticks = [-2, -1, 0, 1, 2].map((n) => n * step).filter((t) => Math.abs(t) <= span)
  return { type: 'linear', domain: [-span, span], ticks, labels: POINT_LABELS }
}

export const effectScale = (
  scale: MetricComparison['scale'],
  values: readonly (number | null | undefined)[],
  narrow: boolean,
): Scale => (scale === 'ratio' ? ratioScale(values, narrow) : differenceScale(values))

/** Where nothing changes. */
export const equalAt = (scale: MetricComparison['scale']): number => (scale === 'ratio' ? 1 : 0)
