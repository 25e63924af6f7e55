import type { MetricComparison } from '../../analyse/index.js'

/** A forest plot of characters: one line a figure, all on one scale. */
export interface Forest {
  readonly head: string
  readonly rows: readonly string[]
}

/** Odd, so that there is a middle. */
const WIDTH = 17
const HALF = (WIDTH - 1) / 2
/** How far beyond the outermost estimate the scale goes: a single wide interval must not press all others into the middle. */
const ROOM = 1.5

/**
 * Intervals on a common scale around no change in the middle: `├──●──┤` on a ground that is `·` inside the figure's margin,
 * `‹` and `›` where they go on. On logarithms for ratios; shares are drawn as if a point were a percent.
 */
export function forestOf(metrics: readonly MetricComparison[]): Forest {
  const furthest = Math.max(
    ...metrics.map((m) => ROOM * positionOf(m, edgeOf(m))),
    ...metrics.flatMap((m) => estimateOf(m).map((at) => ROOM * Math.abs(at))),
  )
  const column = (position: number): number => Math.round(HALF + (HALF * position) / furthest)
  return {
    head: 'less ┊ more'.padStart(HALF + 6).padEnd(WIDTH),
    rows: metrics.map((m) => rowOf(m, column)),
  }
}

const positionOf = ({ scale }: MetricComparison, value: number): number =>
  scale === 'ratio' ? Math.log(value) : value

const edgeOf = ({ scale, margin }: MetricComparison): number => (scale === 'ratio' ? 1 + margin : margin)

function estimateOf(m: MetricComparison): readonly number[] {
  const at = m.effect === null ? Number.NaN : positionOf(m, m.effect.value)
  return Number.isFinite(at) ? [at] : []
}

function rowOf(m: MetricComparison, column: (position: number) => number): string {
  const cells = Array.from({ length: WIDTH }, () => ' ')
  const fill = (from: number, to: number, mark: string): void => {
    for (let i = Math.max(0, from); i <= Math.min(WIDTH - 1, to); i++) cells[i] = mark
  }
  const edge = positionOf(m, edgeOf(m))
  fill(column(-edge), column(edge), '·')
  fill(HALF, HALF, '┊')
  const [estimate] = estimateOf(m)
  if (estimate === undefined || m.effect === null) return cells.join('')
  const { low, high } = m.effect
  if (low !== null && high !== null) {
    const [from, to] = [column(positionOf(m, low)), column(positionOf(m, high))]
    fill(from, to, '─')
    fill(from, from, '├')
    fill(to, to, '┤')
    if (from < 0) cells[0] = '‹'
    if (to > WIDTH - 1) cells[WIDTH - 1] = '›'
  }
  fill(column(estimate), column(estimate), '●')
  return cells.join('')
}
