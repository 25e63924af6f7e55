import type { Cell, ColumnType, Table } from './table.js'

/**
 * Lines of a CSV file (RFC 4180, but with LF): head, then rows. An absent cell is empty, an empty text is `""`. A text that a
 * spreadsheet would take for a formula is left as it is: the file is for programs.
 */
export async function* csvLines<R>({ columns, rows }: Table<R>): AsyncGenerator<string> {
  yield `${columns.map((c) => quoted(c.name)).join(',')}\n`
  for await (const row of rows()) yield `${columns.map((c) => cell(c.type, c.value(row))).join(',')}\n`
}

function cell(type: ColumnType, value: Cell): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return quoted(value)
  if (type === 'instant') return isoMicros(Number(value))
  return type === 'whole' ? String(Math.round(Number(value))) : String(value)
}

const quoted = (value: string): string =>
  value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value

/** `2026-11-21T15:27:26.921123Z` */
function isoMicros(us: number): string {
  const fraction = String(us % 1e6).padStart(6, '0')
  return `${new Date(Math.floor(us / 1000)).toISOString().slice(0, 19)}.${fraction}Z`
}
