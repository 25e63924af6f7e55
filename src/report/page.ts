import { type Html, html, scriptJson, trusted } from './html.js'
import { SCRIPT, scriptHash } from './script.js'
import { STYLE } from './style.js'

export interface Page {
  readonly title: string
  readonly description: string
  readonly meta: string
  readonly sections: readonly { readonly id: string; readonly name: string; readonly body: Html }[]
  readonly tool: string
  /** Embedded as JSON, for other programs. */
  readonly data: unknown
}

const POLICY = `default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; script-src '${scriptHash}'; base-uri 'none'; form-action 'none'`

/** A curve that falls off: the mark beside the name. */
const MARK = trusted(
  '<svg viewBox="0 0 26 18" aria-hidden="true"><path d="M1 3.5C9 3.5 12 4 14.5 9S19 15.5 25 15.5" fill="none" stroke="var(--c1)" stroke-width="2.6" stroke-linecap="round"/><path d="M13.6 1v16" stroke="var(--ink-2)" stroke-width="1.2" stroke-dasharray="2 2"/></svg>',
)

/** The whole file. Nothing in it refers to anything outside. */
export function page(content: Page): string {
  const shown = content.sections.filter((s) => s.body.text !== '')
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="${content.description}">
<meta name="generator" content="${content.tool}">
<title>${content.title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the answer</a>
<header class="mast"><div class="line"><span class="mark">${MARK} falloff</span><span class="tools"></span></div>
<h1><bdi>${content.title}</bdi></h1><p class="meta"><bdi>${content.meta}</bdi></p>
<nav aria-label="Contents"><ul>${shown.flatMap((s) => (s.name === '' ? [] : [html`<li><a href="#${s.id}">${s.name}</a></li>`]))}</ul></nav></header>
<main id="main">${shown.map((s) => s.body)}</main>
<footer>${content.tool}. One file: charts, data and figures are all inside; nothing is loaded from anywhere.</footer>
<script type="application/json" id="findings">${scriptJson(content.data)}</script>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.text
}
