import type { ComparisonFindings, MetricComparison, PairFindings } from '../../analyse/index.js'
import { plural } from '../format.js'
import { visible } from '../visible.js'
import { type ComparisonView, firstOf, isDrawn, metricAt, type Other, viewOf } from './view.js'
import {
  atShort,
  change,
  changeRange,
  confidence,
  headline,
  marginText,
  probability,
  shownVerdict,
  VERDICTS,
  value,
} from './words.js'

/**
 * A summary fit for a pull request: the answer, the verdicts, and the rest folded away. Whatever a target, a profile or a
 * folder calls itself stays text: no markup, no link, no mention, no reference to an issue.
 */
export function renderComparisonMarkdown(findings: ComparisonFindings): string {
  const view = viewOf(visible(findings))
  const parts = [
    `### ${safe(headline(view))}`,
    ...refusals(view),
    ...(view.others.length === 1 ? view.others.flatMap((other) => pairParts(view, other)) : manyParts(view)),
    safe(designText(view)),
    ...checkParts(view),
    ...view.others.map((other) =>
      folded(`All figures: ${other.pair.b} against ${other.pair.a}`, allFigures(view, other)),
    ),
    folded('Runs', runTable(view)),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

const SPECIAL = /[\\`*_{}[\]()<>#+!|~@&:"'=^$-]/g

/** Every character that Markdown could take for its own, as a character reference; and `www.`, which would be a link. */
const safe = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(SPECIAL, (char) => (char === '-' ? '-' : `&#${char.charCodeAt(0)};`))
    .replace(/^([-\d])/, (char) => (char === '-' ? '&#45;' : char))
    .replace(/^(\d+)\.(?=\s)/, '$1&#46;')
    .replace(/www\./gi, (word) => `${word.slice(0, 3)}&#46;`)

const row = (cells: readonly string[]): string => `| ${cells.map(safe).join(' | ')} |`

function tableOf(head: readonly string[], rows: readonly (readonly string[])[], texts = 1): string {
  if (rows.length === 0) return ''
  const rule = head.map((_, i) => (i < texts ? '---' : '--:'))
  return [row(head), `| ${rule.join(' | ')} |`, ...rows.map(row)].join('\n')
}

/** A blank line on both sides: else Markdown inside would not be read as such. */
const folded = (summary: string, body: string): string =>
  body === '' ? '' : `<details><summary>${safe(summary)}</summary>\n\n${body}\n\n</details>`

function refusals({ findings }: ComparisonView): readonly string[] {
  if (findings.comparable) return []
  const refused = findings.checks.filter(({ severity }) => severity === 'refuse')
  return [
    refused.map(({ code, text, advice }) => `- **${safe(code)}**: ${safe(`${text} ${advice}`)}`).join('\n'),
  ]
}

function pairParts(view: ComparisonView, { pair }: Other): readonly string[] {
  const metrics = firstOf(view).flatMap((figure) => metricAt(pair, figure) ?? [])
  const words = pair.answer !== 'not-comparable' ? [pair.text, ...(pair.reasons ?? [])].join(' ') : ''
  return [safe(words), verdicts(metrics, pair, view)]
}

const verdicts = (
  metrics: readonly MetricComparison[],
  { a, b }: PairFindings,
  view: ComparisonView,
): string =>
  tableOf(
    [
      'figure',
      'verdict',
      a,
      b,
      'change',
      `${confidence(view)} interval`,
      'margin',
      'p, Holm',
      'p, permutation',
    ],
    metrics.map((m) => [
      `${m.label}${atShort(m.at)}`,
      verdictText(m, view),
      value(m.centreA, m.unit),
      value(m.centreB, m.unit),
      change(m.effect?.value, m.scale),
      changeRange(m.effect, m.scale),
      marginText(m),
      probability(m.pHolm),
      probability(m.permutation?.p),
    ]),
    2,
  )

const MARKS = { better: '✅', worse: '❌', equivalent: '🟰', 'not-shown': '❔', none: '–' } as const

function verdictText(m: MetricComparison, view: ComparisonView): string {
  const verdict = shownVerdict(m, view)
  const more =
    m.runsNeeded === null || verdict === 'none' ? '' : ` (${m.runsNeeded} runs a side would show it)`
  return `${MARKS[verdict]} ${VERDICTS[verdict][2]}${more}`
}

/** A row a side. */
function manyParts(view: ComparisonView): readonly string[] {
  const shown = firstOf(view)
  return [
    tableOf(
      [`against ${view.base.name}`, 'answer', ...shown.map(({ label, at }) => `${label}${atShort(at)}`)],
      view.others.map(({ side, pair }) => [
        side.name,
        pair.answer.replace('-', ' '),
        ...shown.map((figure) => {
          const m = metricAt(pair, figure)
          return m === undefined ? '–' : `${MARKS[shownVerdict(m, view)]} ${change(m.effect?.value, m.scale)}`
        }),
      ]),
      2,
    ),
  ]
}

function designText(view: ComparisonView): string {
  const { design, tool } = view.findings
  const runs = design.runs.reduce((sum, n) => sum + n, 0)
  const order = design.interleaved ? 'measured in turn' : 'not measured in turn'
  return `${plural(runs, design.unit)} of ${plural(view.sides.length, 'side')}, ${order}; intervals at ${confidence(view)}, the run is the unit. ${tool}.`
}

function checkParts({ findings: { checks } }: ComparisonView): readonly string[] {
  const labels = checks.filter(({ severity }) => severity === 'label')
  const items = labels.map(({ code, text, advice }) => `- **${safe(code)}**: ${safe(`${text} ${advice}`)}`)
  return [folded('Read with care', items.join('\n'))]
}

const allFigures = (view: ComparisonView, { pair }: Other): string =>
  verdicts(
    pair.metrics.filter((m) => m.gated || (isDrawn(m) && (m.at === view.focus || m.at === 'sweep'))),
    pair,
    view,
  )

const runTable = ({ sides }: ComparisonView): string =>
  tableOf(
    ['folder', 'side', 'validity'],
    sides.flatMap(({ name, runs }) =>
      runs.map(({ run, validity }) => [run, name, [validity.verdict, ...validity.codes].join(', ')]),
    ),
    3,
  )
