import type { FigureDeclaration } from '../../analyse/index.js'
import type { FigureValue } from '../../record/index.js'
import type { Boundary } from './boundary.js'

/** What a history shows, as plain data: the answer of `--format json` and the input of the page. */
export interface TrendFindings {
  readonly format: 1
  readonly kind: 'trend'
  readonly file: string
  readonly series: readonly TrendSeries[]
  /** Lines of the file that could not be read. */
  readonly unread: readonly { readonly line: number; readonly why: string }[]
  /** Figures that were asked for and that no run of the history holds. */
  readonly absent: readonly string[]
  /** Series whose newest value is beyond its boundary on the bad side. */
  readonly worse: number
}

/** One figure of one profile at one target and point, over time. */
export interface TrendSeries extends Pick<FigureDeclaration, 'key' | 'label' | 'unit' | 'better' | 'scale'> {
  readonly name: string
  readonly model: string
  readonly engine: string | null
  /** Label of the point; `run` of a single run, `sweep` of a figure of a whole sweep. */
  readonly at: string
  /** Oldest first. */
  readonly points: readonly TrendPoint[]
  readonly changes: readonly TrendChange[]
  readonly marks: readonly TrendMark[]
  readonly newest: Newest
}

export interface TrendPoint {
  readonly run: string
  /** Such as a commit. */
  readonly label: string | null
  readonly startedAtUtc: string
  readonly value: FigureValue
  readonly low: FigureValue | null
  readonly high: FigureValue | null
  /** Not INVALID. What is takes no part in boundaries and change points. */
  readonly valid: boolean
  /** From the like runs before it; null: there are too few. */
  readonly boundary: Boundary | null
  readonly stands: Standing
}

/** Against the boundary. `unbounded`: there is none yet, or the run is INVALID. */
export type Standing = 'within' | 'better' | 'worse' | 'moved' | 'unbounded'

export interface TrendChange {
  /** Index of the first point after it. */
  readonly at: number
  /** Means of the stretches on both sides. */
  readonly before: number
  readonly after: number
  /** `moved`: of a figure that is neither better nor worse. */
  readonly direction: 'better' | 'worse' | 'moved'
}

/** Something else changed here. */
export interface TrendMark {
  /** Index of the first point that has it. */
  readonly at: number
  readonly text: string
  /** Runs before and after are not like each other: boundary and change points begin anew. */
  readonly restarts: boolean
}

export interface Newest {
  readonly stands: Standing
  readonly text: string
}
