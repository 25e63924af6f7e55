/** What a cell may hold. Absent: not observed. */
export type Cell = string | number | boolean | undefined

/** `whole`: a number without fraction, below 2^53 in size. `instant`: the same, in µs since the epoch. */
export type ColumnType = 'text' | 'whole' | 'real' | 'flag' | 'instant'

export interface Column<R> {
  /** With its unit: `ttft_ms`, `sent_ns`. */
  readonly name: string
  readonly type: ColumnType
  value(row: R): Cell
}

/** Rows that are never all in memory, and what is written of each. */
export interface Table<R> {
  readonly columns: readonly Column<R>[]
  rows(): AsyncIterable<R>
}

/** A column of each kind, so that a cell of another kind does not compile. */
export const text = <R>(name: string, value: (row: R) => string | undefined): Column<R> => ({
  name,
  type: 'text',
  value,
})
export const whole = <R>(name: string, value: (row: R) => number | undefined): Column<R> => ({
  name,
  type: 'whole',
  value,
})
export const real = <R>(name: string, value: (row: R) => number | undefined): Column<R> => ({
  name,
  type: 'real',
  value,
})
export const flag = <R>(name: string, value: (row: R) => boolean | undefined): Column<R> => ({
  name,
  type: 'flag',
  value,
})
export const instant = <R>(name: string, value: (row: R) => number | undefined): Column<R> => ({
  name,
  type: 'instant',
  value,
})
