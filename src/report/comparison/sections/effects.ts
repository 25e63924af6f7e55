import type { MetricComparison } from '../../../analyse/index.js'
import { figure } from '../../figure.js'
import { plural } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { figures, type Table, text } from '../../table.js'
import { forestChart } from '../charts/forest.js'
import type { ForestRow } from '../charts/forest-rows.js'
import { type ComparisonView, type FigureAt, firstOf, isDrawn, metricAt, type Other } from '../view.js'
import {
  atShort,
  change,
  chartLabel,
  confidence,
  effectText,
  shortName,
  shownVerdict,
  VERDICTS,
  value,
} from '../words.js'
import { metricTable } from './verdicts.js'

const HOW =
  'A row a figure: the mark is the change, the line its interval, the band the margin within which nothing counts. Small dots are the runs: of the base in grey above, of the other side below.'

/** Every figure with its interval, its margin and its verdict; every run. */
export async function effectsSection(view: ComparisonView): Promise<Html> {
  const [only] = view.others
  if (only === undefined) return nothing
  const parts = view.others.length === 1 ? await pairFigures(view, only) : await manyFigures(view)
  return html`<section id="effects"><h2>What changed, and how surely</h2><p class="lead">${HOW}</p>${parts}</section>`
}

/** Of one pair: the gated figures, then all others. */
async function pairFigures(view: ComparisonView, other: Other): Promise<readonly Html[]> {
  const { pair } = other
  const key = view.key.flatMap((figureAt) => metricAt(pair, figureAt) ?? [])
  const rest = pair.metrics.filter((m) => !key.includes(m))
  const near = rest.filter((m) => isDrawn(m) && (m.at === view.focus || m.at === 'sweep'))
  return [
    await forest(other, key, view, {
      id: 'effects-key',
      title: view.isGated ? 'The gated figures' : 'The figures that matter most',
      table: key,
    }),
    await forest(other, near, view, {
      id: 'effects-all',
      title: `All other figures, exploratory${atShort(view.focus)}`,
      table: [...near, ...rest.filter((m) => !near.includes(m))],
    }),
  ]
}

async function forest(
  other: Other,
  metrics: readonly MetricComparison[],
  view: ComparisonView,
  words: { readonly id: string; readonly title: string; readonly table: readonly MetricComparison[] },
): Promise<Html> {
  const rows = metrics.filter((m) => m.effect !== null).map((m) => rowOf(m, other, view))
  if (rows.length === 0) return nothing
  const { pair } = other
  const left = words.table.length - rows.length
  return figure({
    id: words.id,
    title: `${words.title}: ${pair.b} against ${pair.a}`,
    summary: `${countsText(rows, 'figure')}${leadOf(rows)}${left > 0 ? ` ${plural(left, 'further figure')} in the table.` : ''}`,
    spec: (narrow) => forestChart(rows, narrow),
    data: [
      metricTable(words.table, pair, `${words.title}, ${pair.b} against ${pair.a}`, view),
      runsOf(metrics, pair),
    ],
  })
}

/** @param noun of a row */
function countsText(rows: readonly ForestRow[], noun: string): string {
  const parts = (['better', 'worse', 'equivalent', 'not-shown', 'none'] as const).flatMap((verdict) => {
    const count = rows.filter((row) => row.verdict === verdict).length
    return count === 0 ? [] : [`${count} ${VERDICTS[verdict][2]}`]
  })
  return `Of ${plural(rows.length, noun)}: ${parts.join(', ')}.`
}

function leadOf([first]: readonly ForestRow[]): string {
  return first === undefined ? '' : ` ${first.label}: ${effectText(first.metric)}.`
}

function rowOf(metric: MetricComparison, { side, pair }: Other, view: ComparisonView): ForestRow {
  const at = metric.at === view.focus && view.findings.design.unit === 'run' ? '' : atShort(metric.at)
  return {
    label: chartLabel(metric, at),
    short: `${shortName(metric.key)}${at}`,
    metric,
    verdict: shownVerdict(metric, view),
    nameA: pair.a,
    nameB: pair.b,
    // Of many sides each has a row of its own: hues would say nothing.
    slotB: view.crowded ? 0 : side.slot,
  }
}

/** Values of the single runs. */
const runsOf = (
  metrics: readonly MetricComparison[],
  { a, b }: { readonly a: string; readonly b: string },
): Table => {
  const most = Math.max(0, ...metrics.flatMap((m) => [m.a.length, m.b.length]))
  return {
    caption: 'The same, run by run',
    columns: [
      text('figure'),
      text('at'),
      text('side'),
      ...figures(...Array.from({ length: most }, (_, i) => `run ${i + 1}`)),
    ],
    rows: metrics.flatMap((m) =>
      (
        [
          [a, m.a],
          [b, m.b],
        ] as const
      ).map(([name, values]) => [
        m.label,
        m.at,
        name,
        ...Array.from({ length: most }, (_, i) => ({ show: value(values[i], m.unit), raw: values[i] ?? '' })),
      ]),
    ),
  }
}

/** Figures that are drawn where there are many sides. */
const MOST_FIGURES = 6

/** Of many sides: a forest a figure, a row a side. */
async function manyFigures(view: ComparisonView): Promise<readonly Html[]> {
  const parts: Html[] = []
  for (const [i, figureAt] of firstOf(view).slice(0, MOST_FIGURES).entries())
    parts.push(await acrossSides(view, figureAt, i))
  return parts
}

async function acrossSides(view: ComparisonView, figureAt: FigureAt, i: number): Promise<Html> {
  const found = view.others.flatMap((other) => {
    const metric = metricAt(other.pair, figureAt)
    return metric === undefined || metric.effect === null ? [] : [{ other, metric }]
  })
  if (found.length === 0) return nothing
  const rows = found.map(
    ({ other, metric }): ForestRow => ({
      ...rowOf(metric, other, view),
      label: other.side.name,
      short: other.side.name,
    }),
  )
  const name = `${figureAt.label}${atShort(figureAt.at)}`
  const ranked = found.toSorted((x, y) => (x.metric.effect?.value ?? 0) - (y.metric.effect?.value ?? 0))
  const [least, most] = [ranked[0], ranked.at(-1)]
  const span =
    least === undefined || most === undefined
      ? ''
      : ` From ${change(least.metric.effect?.value, least.metric.scale)} (${least.other.side.name}) to ${change(most.metric.effect?.value, most.metric.scale)} (${most.other.side.name}).`
  return figure({
    id: `effects-${i + 1}`,
    title: `${name}: every side against ${view.base.name}`,
    summary: `${countsText(rows, 'side')}${span}`,
    spec: (narrow) => forestChart(rows, narrow),
    data: {
      caption: `${name}; ${view.base.name} has ${value(found[0]?.metric.centreA, figureAt.unit)}`,
      columns: [
        text('side'),
        text('verdict'),
        ...figures('value', 'change', `from (${confidence(view)})`, 'to', 'margin'),
      ],
      rows: found.map(({ other, metric: m }) => [
        other.side.name,
        VERDICTS[shownVerdict(m, view)][2],
        { show: value(m.centreB, m.unit), raw: m.centreB },
        { show: change(m.effect?.value, m.scale), raw: m.effect?.value },
        { show: change(m.effect?.low, m.scale), raw: m.effect?.low },
        { show: change(m.effect?.high, m.scale), raw: m.effect?.high },
        { show: String(m.margin), raw: m.margin },
      ]),
    },
  })
}
