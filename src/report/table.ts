import { type Html, html } from './html.js'

/** A cell: what is shown, and the plain value that a CSV file gets. */
export interface Cell {
  readonly show: string | Html
  readonly raw?: number | string | null | undefined
}

export interface Column {
  readonly head: string
  /** Figures are set flush right. */
  readonly figure?: boolean
}

export interface Table {
  readonly caption: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly (Cell | string)[])[]
}

export const text = (head: string): Column => ({ head })
export const figures = (...heads: readonly string[]): readonly Column[] =>
  heads.map((head) => ({ head, figure: true }))

/** A cell of a figure: shown rounded, exported in full. */
export const fig = (
  value: number | null | undefined,
  show: (value: number | null | undefined) => string,
): Cell => ({
  show: show(value),
  raw: value ?? '',
})

/** More columns than a sheet of paper has room for. */
const DENSE = 12

/** A table that scrolls inside its own box; the first column names the row. */
export const table = (
  data: Table,
): Html => html`<div class="scroll${data.columns.length > DENSE && ' dense'}" tabindex="0" role="region" aria-label="${data.caption}"><table>
<caption><span>${data.caption}</span></caption>
<thead><tr>${data.columns.map((c) => html`<th scope="col"${c.figure && html` class="n"`}>${c.head}</th>`)}</tr></thead>
<tbody>${data.rows.map(
  (row) => html`<tr>${row.map((cell, i) => tableCell(cell, data.columns[i], i === 0))}</tr>
`,
)}</tbody></table></div>`

function tableCell(cell: Cell | string, column: Column | undefined, first: boolean): Html {
  const { show, raw } = typeof cell === 'string' ? { show: cell, raw: undefined } : cell
  const kind = column?.figure && html` class="n"`
  const value = raw !== undefined && raw !== null && html` data-v="${raw}"`
  return first ? html`<th scope="row"${kind}${value}>${show}</th>` : html`<td${kind}${value}>${show}</td>`
}

/** Two columns: a name and what it is. */
export const facts = (rows: readonly (readonly [name: string, value: string | Html])[]): Html =>
  html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value instanceof Object ? value : html`<bdi>${value}</bdi>`}</dd></div>`)}</dl>`

/** What the page's own button saves: plain values, and no field that a spreadsheet would take for a formula. */
export const csvOf = ({ columns, rows }: Table): string =>
  [columns.map(({ head }) => head), ...rows.map((row) => row.map(plainOf))]
    .map((line) => `${line.map(csvField).join(',')}\r\n`)
    .join('')

function plainOf(cell: Cell | string): string {
  if (typeof cell === 'string') return cell
  if (cell.raw !== undefined && cell.raw !== null) return String(cell.raw)
  return typeof cell.show === 'string' ? cell.show : textOf(cell.show)
}

const ENTITY: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** The letters of markup that `html` made. */
const textOf = ({ text: markup }: Html): string =>
  markup
    .replace(/<[^>]*>/g, '')
    .replace(/&(#?\w+);/g, (whole, name: string) => ENTITY[name] ?? whole)
    .trim()

function csvField(value: string): string {
  const isFormula = /^[=+@\t\r-]/.test(value) && Number.isNaN(Number(value))
  const safe = isFormula ? `'${value}` : value
  return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
}
