import type { Spec } from './render-svg.js'

/** A chart as it can be drawn once more, for a file of its own. */
export interface Chart {
  /** Unique on its page: part of the names of files. */
  readonly id: string
  readonly title: string
  /** Called with whether it is to be narrow. */
  readonly spec: (narrow: boolean) => Spec
  /** The figures behind it, as CSV; several where they do not fit one table. */
  readonly csv: () => readonly string[]
}

/** Markup that is already safe, and the charts in it. Only `html` and `trusted` make it. */
export class Html {
  readonly text: string
  readonly charts: readonly Chart[]
  constructor(text: string, charts: readonly Chart[] = []) {
    this.text = text
    this.charts = charts
  }
}

type Insert = string | number | Html | null | undefined | false | readonly Insert[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c)

function insert(value: Insert): string {
  if (value === null || value === undefined || value === false) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'string') return escapeHtml(value)
  if (typeof value === 'number') return String(value)
  return value.map(insert).join('')
}

/** Template for markup: everything inserted is escaped, unless it is `Html` itself. Empty values vanish. */
export function html(strings: TemplateStringsArray, ...values: readonly Insert[]): Html {
  return new Html(
    strings.reduce((out, part, i) => out + insert(values[i - 1]) + part),
    values.flatMap(chartsIn),
  )
}

const chartsIn = (value: Insert): readonly Chart[] =>
  value instanceof Html ? value.charts : Array.isArray(value) ? value.flatMap(chartsIn) : []

/** For markup from our own renderer, style sheet or script; never for anything a target said. */
export const trusted = (markup: string): Html => new Html(markup)

export const nothing = new Html('')

/** JSON that can stand inside a script element: no `<`, and no line ends that old parsers choke on. */
export const scriptJson = (value: unknown): Html =>
  new Html(
    JSON.stringify(value)
      .replace(/</g, '\\u003c')
      .replace(/\u2028/g, '\\u2028')
      .replace(/\u2029/g, '\\u2029'),
  )
