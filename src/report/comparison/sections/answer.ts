import { plural, sentence } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { table } from '../../table.js'
import { type ComparisonView, firstOf, metricAt, type Other } from '../view.js'
import {
  atShort,
  change,
  changeRange,
  confidence,
  fromTo,
  headline,
  listed,
  shortName,
  shownVerdict,
  VERDICTS,
} from '../words.js'
import { ANSWER_WORDS, matrix, verdictTable } from './verdicts.js'

/** Who is better, by how much, how sure, and what cannot be compared and why. */
export function answerSection(view: ComparisonView): Html {
  const [only] = view.others
  const isPair = view.others.length === 1 && only !== undefined
  return html`<section id="answer" aria-label="Answer"><p class="verdict"><bdi>${headline(view)}</bdi></p>
${refusals(view)}${isPair && only.pair.answer !== 'not-comparable' ? pairText(only) : nothing}
<p class="sub">${sureText(view)}</p>
${isPair ? tiles(view, only) : nothing}
${isPair ? table(verdictTable(view, only)) : manyTables(view)}</section>`
}

const pairText = ({ pair }: Other): Html => html`<p class="sub"><bdi>${pair.text}</bdi></p>${reasonsOf(pair)}`

/** Why, by the engines' own metrics. */
const reasonsOf = ({ reasons = [] }: Other['pair']): Html =>
  reasons.length === 0
    ? nothing
    : html`<p class="sub"><b>Why, by the engines’ own metrics:</b> <bdi>${reasons.join(' ')}</bdi></p>`

/** Why there is no verdict, before any figure. */
function refusals({ findings }: ComparisonView): Html {
  const refused = findings.checks.filter(({ severity }) => severity === 'refuse')
  if (findings.comparable || refused.length === 0) return nothing
  return html`<div class="box bad"><h3>Not comparable</h3><ul>${refused.map(
    (check) =>
      html`<li><b class="tone">${check.code}:</b> <bdi>${check.text}</bdi> <span>${check.advice}</span></li>`,
  )}</ul></div>`
}

/** How sure: runs, order and intervals in one sentence, and what stands beside every verdict. */
function sureText(view: ComparisonView): Html {
  const { design, checks, comparable } = view.findings
  const counts = [...new Set(design.runs)]
  const [count = 0] = counts
  const each =
    counts.length === 1
      ? `${plural(count, design.unit)} of each`
      : `${listed(design.runs.map(String))} ${design.unit}s`
  const order = design.interleaved ? 'measured in turn, in random order' : 'not measured in turn'
  const labels = checks.filter(({ severity }) => severity === 'label').map(({ code }) => code)
  const shown = comparable || labels.length > 0
  return html`${sentence(`${each}, ${order}; intervals at ${confidence(view)}${design.paired ? ', from differences inside blocks' : ''}`)}${
    shown &&
    labels.length > 0 &&
    html` <b>Read with care:</b> ${listed(labels)} (see <a href="#trust">Trust</a>).`
  }`
}

/** The first gated figures with an effect, large. */
function tiles(view: ComparisonView, other: Other): Html {
  const shown = firstOf(view)
    .flatMap((figure) => metricAt(other.pair, figure) ?? [])
    .filter((m) => m.effect !== null)
  if (shown.length === 0) return nothing
  return html`<dl class="tiles">${shown.slice(0, 4).map((m) => {
    const verdict = shownVerdict(m, view)
    const [sign, tone, word] = VERDICTS[verdict]
    const range = m.effect?.low !== null && html`${changeRange(m.effect, m.scale)}<br>`
    const judged = verdict !== 'none' && html`<br><b class="tone">${sign} ${word}</b>`
    return html`<div class="${tone}"><dt>${shortName(m.key)}${atShort(m.at)}</dt><dd>${change(m.effect?.value, m.scale)}<small>${range}${fromTo(m)}${judged}</small></dd></div>`
  })}</dl>`
}

/** A row a side, a column a gated figure; the full table of each side folded away. */
function manyTables(view: ComparisonView): Html {
  const pairs = view.others.map(
    (other) =>
      html`<details><summary><bdi>${other.side.name} against ${other.pair.a}</bdi>: ${ANSWER_WORDS[other.pair.answer]}</summary>
${pairText(other)}${table(verdictTable(view, other))}</details>`,
  )
  const folded = view.crowded
    ? html`<details><summary>Every side against the base in full</summary>${pairs}</details>`
    : pairs
  return html`${table(matrix(view))}${folded}`
}
