import { Html, html, trusted } from './html.js'
import { renderSvg, type Spec } from './render-svg.js'
import { csvOf, type Table, table } from './table.js'

export interface Figure {
  /** Part of the page's anchors and of the names of downloaded files. */
  readonly id: string
  readonly title: string
  /** What the picture shows, with its figures: caption and text alternative. */
  readonly summary: string
  /** Called once for wide pages and once for narrow ones. */
  readonly spec: (narrow: boolean) => Spec
  /** The figures behind the picture. */
  readonly data: Table | readonly Table[]
}

/** A chart in both widths (the style sheet shows one), its caption and its data. */
export async function figure(content: Figure): Promise<Html> {
  const wide = await renderSvg(content.spec(false), 12)
  const narrow = await renderSvg(content.spec(true), 11)
  const tables = 'columns' in content.data ? [content.data] : content.data
  const drawn = html`<figure id="${content.id}">
<figcaption><h3>${content.title}</h3><p>${content.summary}</p></figcaption>
<div class="chart" role="img" aria-label="${content.summary}"><div class="wide">${trusted(wide)}</div><div class="narrow">${trusted(narrow)}</div></div>
<details class="data"><summary>Data behind this chart</summary>${tables.map(table)}</details>
</figure>`
  const { id, title, spec } = content
  return new Html(drawn.text, [{ id, title, spec, csv: () => tables.map(csvOf) }])
}
