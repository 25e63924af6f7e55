import type { FigureDeclaration } from '../../analyse/index.js'
import { changePoints } from './change-points.js'
import type { TrendChange } from './findings.js'
import { comparable, grouped, type Held } from './held.js'
import { likeKey } from './like.js'

/** Older runs than these say nothing of today, and the search takes time with the square of their number. */
const MOST_SEARCHED = 500

interface Value {
  /** Index in the series. */
  readonly at: number
  readonly value: number
}

/** Change points among runs that are like each other: a change of the machine is none of the server. */
export function changesIn(held: readonly Held[], figure: FigureDeclaration): readonly TrendChange[] {
  const entries = held.map((one, at) => ({ one, at }))
  return grouped(entries, ({ one }) => likeKey(one.line))
    .flatMap((group) => {
      const values = group.flatMap(({ one, at }): Value[] => {
        const value = comparable(one)
        return value === null ? [] : [{ at, value }]
      })
      return changesOf(values.slice(-MOST_SEARCHED), figure)
    })
    .toSorted((a, b) => a.at - b.at)
}

function changesOf(values: readonly Value[], figure: FigureDeclaration): readonly TrendChange[] {
  const onLogs = figure.scale === 'ratio' && values.every(({ value }) => value > 0)
  const cuts = changePoints(values.map(({ value }) => (onLogs ? Math.log(value) : value)))
  const edges = [0, ...cuts, values.length]
  return cuts.map((cut, i) => {
    const before = meanOf(values.slice(edges[i], cut))
    const after = meanOf(values.slice(cut, edges[i + 2]))
    return { at: values[cut]?.at ?? 0, before, after, direction: directionOf(before, after, figure) }
  })
}

const meanOf = (values: readonly Value[]): number =>
  values.reduce((sum, { value }) => sum + value, 0) / values.length

function directionOf(before: number, after: number, { better }: FigureDeclaration): TrendChange['direction'] {
  if (better === 'neither') return 'moved'
  return after > before === (better === 'lower') ? 'worse' : 'better'
}
