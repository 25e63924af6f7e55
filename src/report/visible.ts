/**
 * Characters that a reader cannot see but that change what is seen: control characters, bidirectional overrides and
 * marks, zero-width characters, line separators. They are spelt out, so that a model name or an error body cannot
 * reorder or hide the text around it. Tab and line feed stay.
 */
const INVISIBLE = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const spell = (char: string): string =>
  `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`

export const visibleText = (text: string): string => text.replace(INVISIBLE, spell)

/**
 * A copy with every string made visible and every number that JSON cannot hold made null. Applied once, where data
 * enters this room; nothing inside checks again.
 */
export function visible<T>(value: T): T {
  return copy(value) as T
}

function copy(value: unknown): unknown {
  if (typeof value === 'string') return visibleText(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (Array.isArray(value)) return value.map(copy)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [visibleText(key), copy(inner)]))
}
