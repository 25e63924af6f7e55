import type { Figure } from '../../record/index.js'
import type { HistoryLine } from '../history.js'

/** A line that holds a figure at a point. */
export interface Held {
  readonly line: HistoryLine
  readonly figure: Figure
}

/** A value that may be held against others: of a run that is not INVALID, and not among requests that did not complete. */
export function comparable({ line, figure: { value } }: Held): number | null {
  return value === 'endless' || line.validity.verdict === 'INVALID' ? null : value
}

export function grouped<T>(values: readonly T[], keyOf: (value: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return [...groups.values()]
}
