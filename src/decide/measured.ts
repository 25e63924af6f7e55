import { type FigureDeclaration, wilson } from '../analyse/index.js'
import type { Figure, FigureValue, RunFigures } from '../record/index.js'
import type { GateFinding } from './gate.js'
import { meanInterval } from './spread.js'

/** A figure at one point, over all runs that were given. */
export interface Measured {
  readonly at: string
  readonly value: FigureValue | null
  readonly low: FigureValue | null
  readonly high: FigureValue | null
  readonly interval: GateFinding['interval']
  /** Runs that hold it. */
  readonly runs: number
}

/** Of a figure of a whole sweep. */
const SWEEP = 'sweep'

/** Labels of the points at which any of the runs holds the figure. */
export function pointsWith(runs: readonly RunFigures[], key: string): readonly string[] {
  const labels = runs.flatMap(({ overall, points }) => [
    ...(key in overall ? [SWEEP] : []),
    ...points.filter(({ figures }) => key in figures).map(({ label }) => label),
  ])
  return [...new Set(labels)]
}

/** The figure of one run at one point; undefined where it was not measured. */
export const figureAt = ({ overall, points }: RunFigures, key: string, at: string): Figure | undefined =>
  at === SWEEP && key in overall ? overall[key] : points.find(({ label }) => label === at)?.figures[key]

/** One run speaks by the interval inside it, several by how much they differ from each other: the run is the unit then. */
export function measured(runs: readonly RunFigures[], figure: FigureDeclaration, at: string): Measured {
  const held = runs.flatMap((run) => figureAt(run, figure.key, at) ?? [])
  const [first] = held
  if (first === undefined) return { at, value: null, low: null, high: null, interval: 'none', runs: 0 }
  if (runs.length === 1) {
    const bounded = first.low !== null || first.high !== null
    return { at, ...first, interval: bounded ? 'one run' : 'none', runs: 1 }
  }
  const own = centre(held, figure.scale)
  return {
    at,
    ...(figure.scale === 'difference' ? withChance(own, requestsAt(runs, at)) : own),
    runs: held.length,
  }
}

const requestsAt = (runs: readonly RunFigures[], at: string): number =>
  runs.reduce((sum, { points }) => sum + (points.find(({ label }) => label === at)?.judged ?? 0), 0)

/** Runs that all saw no failure do not differ, and yet so many requests say only so much: at least Wilson's interval over all. */
function withChance(own: Centre, requests: number): Centre {
  const { value, low, high } = own
  if (typeof value !== 'number' || typeof low !== 'number' || typeof high !== 'number' || requests === 0)
    return own
  const chance = wilson(value * requests, requests)
  return {
    ...own,
    low: Math.max(0, Math.min(low, chance.low)),
    high: Math.min(1, Math.max(high, chance.high)),
  }
}

type Centre = Omit<Measured, 'at' | 'runs'>

/** Mean with Student's t interval: of logarithms where all values allow them, as ratios between runs are what scatters. */
function centre(held: readonly Figure[], scale: FigureDeclaration['scale']): Centre {
  const values = held.map(({ value }) => value)
  const finite = values.filter((value) => value !== 'endless')
  // A run in which the quantile fell among what did not complete has no value to average: neither have all of them.
  if (finite.length < values.length) return { value: 'endless', low: null, high: 'endless', interval: 'runs' }
  const onLogs = scale === 'ratio' && finite.every((value) => value > 0)
  const [there, back] = onLogs ? [Math.log, Math.exp] : [Number, Number]
  const { mean, low, high } = meanInterval(finite.map(there))
  const or = (bound: number | null): number | null => (bound === null ? null : back(bound))
  return { value: back(mean), low: or(low), high: or(high), interval: low === null ? 'none' : 'runs' }
}
