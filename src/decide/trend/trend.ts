import { type FigureDeclaration, figureOf } from '../../analyse/index.js'
import type { FigureValue } from '../../record/index.js'
import type { History, HistoryLine } from '../history.js'
import { figureAt, pointsWith } from '../measured.js'
import { type Boundary, boundaryOf } from './boundary.js'
import { changesIn } from './changes.js'
import type { Standing, TrendFindings, TrendPoint, TrendSeries } from './findings.js'
import { comparable, grouped, type Held } from './held.js'
import { likeKey, marksOf } from './like.js'
import { newestOf } from './newest.js'

/** Everything that the figures show over time. Every key must be known. */
export function trendOf(file: string, { lines, unread }: History, keys: readonly string[]): TrendFindings {
  const groups = grouped(lines, ({ name, target }) => JSON.stringify([name, target.model, target.engine]))
  const series = keys.flatMap((key) => {
    const figure = figureOf(key)
    return figure === undefined ? [] : groups.flatMap((group) => seriesOf(group, figure))
  })
  return {
    format: 1,
    kind: 'trend',
    file,
    series,
    unread,
    absent: keys.filter((key) => !series.some((one) => one.key === key)),
    worse: series.filter(({ newest }) => newest.stands === 'worse').length,
  }
}

function seriesOf(group: readonly HistoryLine[], figure: FigureDeclaration): readonly TrendSeries[] {
  return pointsWith(group, figure.key).map((at) => {
    const held = group.flatMap((line): Held[] => {
      const found = figureAt(line, figure.key, at)
      return found === undefined ? [] : [{ line, figure: found }]
    })
    return oneSeries(held, figure, at)
  })
}

function oneSeries(held: readonly Held[], figure: FigureDeclaration, at: string): TrendSeries {
  const points = held.map((one, i) => pointOf(one, held.slice(0, i), figure))
  const { name, target } = held[0]?.line ?? { name: '', target: { model: '', engine: null } }
  const { key, label, unit, better, scale } = figure
  return {
    key,
    label,
    unit,
    better,
    scale,
    name,
    model: target.model,
    engine: target.engine,
    at,
    points,
    changes: changesIn(held, figure),
    marks: marksOf(held.map(({ line }) => line)),
    newest: newestOf(points, figure),
  }
}

function pointOf(one: Held, before: readonly Held[], figure: FigureDeclaration): TrendPoint {
  const { line } = one
  const own = likeKey(line)
  const like = before
    .filter((other) => likeKey(other.line) === own)
    .flatMap((other) => comparable(other) ?? [])
  const boundary = boundaryOf(like, (median) => leastHalf(figure, median))
  const valid = line.validity.verdict !== 'INVALID'
  return {
    run: line.run,
    label: line.label ?? null,
    startedAtUtc: line.startedAtUtc,
    ...one.figure,
    valid,
    boundary,
    stands: boundary === null || !valid ? 'unbounded' : standing(one.figure.value, boundary, figure),
  }
}

/** One part in a hundred; of a share its practical margin: one request that failed among runs without any is no news. */
const leastHalf = ({ scale, margin }: FigureDeclaration, median: number): number =>
  scale === 'difference' ? margin : Math.abs(median) * 0.01

/** A quantile among requests that did not complete lies above every value. */
function standing(value: FigureValue, { low, high }: Boundary, { better }: FigureDeclaration): Standing {
  if (value === 'endless') return 'worse'
  if (value >= low && value <= high) return 'within'
  if (better === 'neither') return 'moved'
  return value > high === (better === 'lower') ? 'worse' : 'better'
}
