import type { PromptPairs } from '../../../analyse/index.js'
import { figure } from '../../figure.js'
import { num, percent, whole } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { figures, type Table, text } from '../../table.js'
import { type NamedPrompts, scatterChart } from '../charts/scatter.js'
import type { ComparisonView } from '../view.js'

type Named = NamedPrompts & { readonly name: string }

/** The same prompt on both sides. */
export async function promptSection(view: ComparisonView): Promise<Html> {
  const groups = groupsOf(view)
  if (groups.length === 0) return nothing
  return html`<section id="prompts"><h2>The same prompt on both sides</h2>
<p class="lead">A dot a prompt that both completed, both axes logarithmic and alike. On the dashed line nothing changed; below it the other side was lower.</p>
${await figure({
  id: 'prompt-pairs',
  title: `Each prompt against itself on ${view.base.name}`,
  summary: groups
    .slice(0, 6)
    .map(({ title, prompts }) => `${title}: ${lowerText(prompts)}.`)
    .join(' '),
  spec: (narrow) => scatterChart(groups, view.base.name, narrow),
  data: tableOf(groups),
})}</section>`
}

/** Of one other side every metric; of several the first metric of each. */
function groupsOf({ others, focus }: ComparisonView): readonly Named[] {
  const single = others.length === 1
  return others.flatMap(({ side, pair }) => {
    const full = pair.prompts.filter(({ pairs }) => pairs.length > 0)
    const near = full.filter(({ at }) => at === focus)
    const chosen = near.length > 0 ? near : full.filter(({ at }) => at === full[0]?.at)
    return (single ? chosen.slice(0, 2) : chosen.slice(0, 1)).map((prompts) => ({
      name: side.name,
      title: single ? `${METRIC[prompts.metric] ?? prompts.metric} on ${side.name}` : side.name,
      slot: single ? 0 : others.length > 5 ? 0 : side.slot,
      prompts,
    }))
  })
}

const METRIC: Readonly<Record<string, string>> = { ttft: 'Time to first token', e2e: 'End to end' }

const lowerShare = ({ pairs }: PromptPairs): number =>
  pairs.filter(([a, b]) => b < a).length / Math.max(1, pairs.length)

const lowerText = (prompts: PromptPairs): string =>
  `lower in ${percent(lowerShare(prompts))} of ${whole(prompts.pairs.length)} prompts`

/** Quantiles of the ratio within a prompt: thousands of pairs are no table. */
const tableOf = (groups: readonly Named[]): Table => ({
  caption: 'Ratio of the other side to the base, prompt by prompt',
  columns: [text('side'), text('metric'), text('at'), ...figures('prompts', 'lower', 'p10', 'median', 'p90')],
  rows: groups.map(({ name, prompts }) => {
    const ratios = prompts.pairs.flatMap(([a, b]) => (a > 0 ? [b / a] : [])).toSorted((x, y) => x - y)
    const at = (q: number) => ratios[Math.min(ratios.length - 1, Math.floor(q * ratios.length))]
    return [
      name,
      prompts.metric,
      prompts.at,
      { show: whole(prompts.pairs.length), raw: prompts.pairs.length },
      { show: percent(lowerShare(prompts)), raw: lowerShare(prompts) },
      ...[0.1, 0.5, 0.9].map((q) => ({ show: num(at(q)), raw: at(q) })),
    ]
  }),
})
