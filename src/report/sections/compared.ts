import { num, whole } from '../format.js'
import { type Html, html } from '../html.js'
import type { ReportResult } from '../input.js'
import { fig, figures, type Table, table, text } from '../table.js'
import { answerOf, CAUSE_NAMES, objectivesTable, verdictOf } from './answer.js'

/** What was found, before anything else. */
export function answerSection(results: readonly ReportResult[]): Html {
  const [only] = results
  const body = results.length === 1 && only ? answerOf(only) : comparedAnswer(results)
  return html`<section id="answer" aria-label="Answer">${body}</section>`
}

/** The answer when results are laid over each other: who carries more, then each result in one row. */
const comparedAnswer = (
  results: readonly ReportResult[],
): Html => html`<p class="verdict">${headline(results)}</p>
${table(summaryTable(results))}
${results.map((r) => html`<p class="verdict of"><bdi>${r.name}</bdi>: ${verdictOf(r)}</p>${objectivesTable(r)}`)}`

const best = (result: ReportResult): number =>
  result.findings.falloff?.peak?.outputTokensPerS ??
  Math.max(0, ...result.findings.points.map((p) => p.throughput.outputTokensPerS))

function headline(results: readonly ReportResult[]): string {
  const ranked = results.toSorted((a, b) => best(b) - best(a))
  const [first, second] = [ranked[0], ranked[1]]
  if (!first || !second || best(second) <= 0) return 'Results side by side.'
  return `${first.name} carries ${num(best(first))} tokens/s at its peak, ${num(best(first) / best(second))} times ${second.name}.`
}

const summaryTable = (results: readonly ReportResult[]): Table => ({
  caption: 'The results in one view',
  columns: [
    text('result'),
    ...figures('peak, tokens/s', 'at load', 'knee (95 % interval)', 'objectives met up to'),
    text('cause'),
    text('validity'),
  ],
  rows: results.map(({ name, findings }) => {
    const { falloff, validity } = findings
    const knee = falloff?.knee
    return [
      name,
      fig(best({ name, findings, timelines: [], manifests: [] }), whole),
      fig(falloff?.peak?.at, num),
      { show: knee ? `${num(knee.at)} (${num(knee.low)}–${num(knee.high)})` : 'none', raw: knee?.at ?? '' },
      fig(falloff?.lastGood, num),
      { show: falloff ? CAUSE_NAMES[falloff.cause.name] : '–' },
      { show: validity.verdict },
    ]
  }),
})
