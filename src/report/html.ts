/** Markup that is already safe. Only `html` and `trusted` make it. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
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
  return new Html(strings.reduce((out, part, i) => out + insert(values[i - 1]) + part))
}

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
