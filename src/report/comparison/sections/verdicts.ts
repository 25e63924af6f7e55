import type { MetricComparison } from '../../../analyse/index.js'
import { ABSENT } from '../../format.js'
import { type Html, html } from '../../html.js'
import { type Cell, figures, type Table, text } from '../../table.js'
import { type ComparisonView, firstOf, metricAt, type Other } from '../view.js'
import {
  atShort,
  change,
  changeRange,
  chartLabel,
  confidence,
  marginText,
  probability,
  shortName,
  shownVerdict,
  VERDICTS,
  value,
} from '../words.js'

/** One row a figure. */
export function verdictTable(view: ComparisonView, { pair }: Other): Table {
  const shown = firstOf(view).flatMap((figure) => metricAt(pair, figure) ?? [])
  const isRun = view.findings.design.unit === 'run'
  return {
    caption: view.isGated
      ? `Verdicts on the gated figures: ${pair.b} against ${pair.a}`
      : `No figure was gated; those that matter most, uncorrected for being several: ${pair.b} against ${pair.a}`,
    columns: [
      text('figure'),
      text('verdict'),
      ...figures(pair.a, pair.b, `change (${confidence(view)})`, 'margin', 'p, Holm'),
    ],
    rows: shown.map((m) => [
      chartLabel(m, isRun ? '' : atShort(m.at)),
      { show: verdictText(m, view), raw: shownVerdict(m, view) },
      ...sideCells(m),
      changeCell(m),
      { show: marginText(m), raw: m.margin },
      { show: probability(m.pHolm), raw: m.pHolm },
    ]),
  }
}

/** With its interval below: a table of the first screen has no room for three columns. */
const changeCell = (m: MetricComparison): Cell => ({
  show: html`${change(m.effect?.value, m.scale)}${m.effect !== null && html`<br><small>${changeRange(m.effect, m.scale)}</small>`}`,
  raw: m.effect?.value ?? '',
})

const sideCells = (m: MetricComparison): readonly Cell[] => [
  { show: value(m.centreA, m.unit), raw: m.centreA },
  { show: value(m.centreB, m.unit), raw: m.centreB },
]

/** Of both sides, the change with its interval, and the margin. */
const valueCells = (m: MetricComparison): readonly Cell[] => [
  ...sideCells(m),
  effectCell(m, m.effect?.value),
  effectCell(m, m.effect?.low),
  effectCell(m, m.effect?.high),
  { show: marginText(m), raw: m.margin },
]

/** Everything that was found of some figures. */
export const metricTable = (
  metrics: readonly MetricComparison[],
  { a, b }: { readonly a: string; readonly b: string },
  caption: string,
  view: ComparisonView,
): Table => ({
  caption,
  columns: [
    text('figure'),
    text('at'),
    text('verdict'),
    ...figures(
      a,
      b,
      'change',
      `from (${confidence(view)})`,
      'to',
      'margin',
      'p',
      'p, Holm',
      'p, permutation',
    ),
    text('why'),
  ],
  rows: metrics.map((m) => [
    m.label,
    m.at,
    { show: verdictText(m, view), raw: shownVerdict(m, view) },
    ...valueCells(m),
    { show: probability(m.p), raw: m.p },
    { show: probability(m.pHolm), raw: m.pHolm },
    { show: permutationText(m), raw: m.permutation?.p },
    { show: html`<span class="wrap">${m.text}</span>`, raw: m.text },
  ]),
})

const effectCell = (m: MetricComparison, effect: number | null | undefined): Cell => ({
  show: change(effect, m.scale),
  raw: effect ?? '',
})

/** As far as so few runs can tell at all. */
const permutationText = ({ permutation: own }: MetricComparison): string =>
  own === null ? ABSENT : `${probability(own.p)}${own.p === own.least ? ' (least possible)' : ''}`

function verdictText(m: MetricComparison, view: ComparisonView): Html {
  const verdict = shownVerdict(m, view)
  const [sign, tone, word] = VERDICTS[verdict]
  const more =
    m.runsNeeded !== null &&
    verdict !== 'none' &&
    html`<br><small>${m.runsNeeded} runs a side would show it</small>`
  return html`<span class="${tone}"><b class="tone">${sign} ${word}</b></span>${more}`
}

export const ANSWER_WORDS: Readonly<Record<Other['pair']['answer'], string>> = {
  better: 'better',
  worse: 'worse',
  mixed: 'better and worse',
  equivalent: 'equivalent',
  'not-shown': 'not shown',
  'not-comparable': 'not comparable',
}

const ANSWER_TONES: Readonly<Record<Other['pair']['answer'], string>> = {
  better: '✓',
  worse: '✗',
  mixed: '±',
  equivalent: '=',
  'not-shown': '?',
  'not-comparable': '⊘',
}

/** Figures that a matrix has room for. */
const MOST_COLUMNS = 6

/** A row a side, a column a figure. */
export function matrix(view: ComparisonView): Table {
  const shown = firstOf(view).slice(0, MOST_COLUMNS)
  return {
    caption: `Every side against ${view.base.name}: change with its ${confidence(view)} interval; ✓ better, ✗ worse, = equivalent within the margin, ? not shown${view.isGated ? '' : '; no figure was gated'}`,
    columns: [
      text('side'),
      text('answer'),
      ...figures(...shown.map(({ key, at }) => `${shortName(key)}${atShort(at)}`)),
    ],
    rows: [
      [
        `${view.base.name} (base)`,
        ABSENT,
        ...shown.map((figure): Cell => {
          const first = view.others.flatMap(({ pair }) => metricAt(pair, figure) ?? [])[0]
          return { show: value(first?.centreA, figure.unit), raw: first?.centreA }
        }),
      ],
      ...view.others.map(({ side, pair }) => [
        side.name,
        { show: `${ANSWER_TONES[pair.answer]} ${ANSWER_WORDS[pair.answer]}`, raw: pair.answer },
        ...shown.map((figure) => matrixCell(metricAt(pair, figure), view)),
      ]),
    ],
  }
}

function matrixCell(m: MetricComparison | undefined, view: ComparisonView): Cell {
  if (m === undefined || m.effect === null) return { show: ABSENT, raw: '' }
  const [sign, tone, word] = VERDICTS[shownVerdict(m, view)]
  return {
    show: html`<span class="${tone}"><b class="tone" aria-label="${word}">${sign === '–' ? '' : sign}</b></span> ${change(m.effect.value, m.scale)}<br><small>${changeRange(m.effect, m.scale)}</small>`,
    raw: m.effect.value,
  }
}
