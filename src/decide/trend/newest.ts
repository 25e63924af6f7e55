import type { FigureDeclaration } from '../../analyse/index.js'
import type { FigureValue } from '../../record/index.js'
import { LEAST_LIKE } from './boundary.js'
import type { Newest, Standing, TrendPoint } from './findings.js'

const STANDS: Readonly<Record<Exclude<Standing, 'unbounded'>, string>> = {
  within: 'within',
  better: 'beyond its boundary on the good side:',
  worse: 'beyond its boundary on the bad side:',
  moved: 'beyond its boundary:',
}

/** How the newest value stands. */
export function newestOf(points: readonly TrendPoint[], figure: FigureDeclaration): Newest {
  const newest = points.at(-1)
  if (newest === undefined) return { stands: 'unbounded', text: 'Nothing was measured.' }
  const { stands, boundary, value, valid } = newest
  const said = `The newest, ${shown(value, figure)},`
  if (!valid) return { stands, text: `${said} is of an INVALID run and is not judged.` }
  if (stands === 'unbounded' || boundary === null) {
    return { stands, text: `${said} has no boundary yet: that takes ${LEAST_LIKE} like runs before it.` }
  }
  const range = `${figure.format(boundary.low)} to ${figure.format(boundary.high)}, from ${boundary.runs} like runs`
  return { stands, text: `${said} is ${STANDS[stands]} ${range}.` }
}

const shown = (value: FigureValue, { format }: FigureDeclaration): string =>
  value === 'endless' ? 'endless' : format(value)
