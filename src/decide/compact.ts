/** Six significant digits: more than any two runs agree on. */
export function rounded<T>(value: T): T {
  return copy(value) as T
}

function copy(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(6))
  if (Array.isArray(value)) return value.map(copy)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]))
}

/**
 * JSON whose innermost lists and objects stand on one line: a figure that changes is a line of the difference. A line feed never
 * stands inside a string of JSON, so a bracket right before or after one is never part of a text.
 */
export const compactJson = (value: unknown): string =>
  `${JSON.stringify(value, null, 1).replace(
    /([[{])\n([^[\]{}]*)\n\s*([\]}])/g,
    (_, open: string, inner: string, close: string) =>
      `${open}${inner
        .split('\n')
        .map((line) => line.trim())
        .join(' ')}${close}`,
  )}\n`
