import { basename } from 'node:path'
import { LEAST_LIKE, MOST_LIKE, type TrendFindings, type TrendSeries } from '../../decide/index.js'
import { figure } from '../figure.js'
import { plural, utc } from '../format.js'
import { type Html, html, nothing } from '../html.js'
import { page } from '../page.js'
import { fig, figures, type Table, text } from '../table.js'
import { visible } from '../visible.js'
import { trendChart } from './chart.js'
import { changeSentence, countRuns, seriesTitle, show, trendSentence } from './words.js'

/**
 * One self-contained HTML file about a history. The same input gives the same bytes.
 * @throws ChartError when a chart could not be drawn without a warning
 */
export async function renderTrend(input: TrendFindings, tool: string): Promise<string> {
  const trend = visible(input)
  const runs = trend.series.flatMap(({ points }) => points)
  const days = runs.map(({ startedAtUtc }) => startedAtUtc).toSorted()
  const span = days.length === 0 ? '' : ` · ${utc(days[0])} to ${utc(days.at(-1))}`
  return page({
    title: `Trend: ${basename(trend.file)}`,
    description: trendSentence(trend),
    meta: `${plural(new Set(runs.map(({ run, startedAtUtc }) => `${run} ${startedAtUtc}`)).size, 'run')}${span}`,
    tool,
    data: trend,
    sections: [
      { id: 'answer', name: 'Answer', body: answer(trend) },
      { id: 'figures', name: 'Figures', body: await figuresSection(trend) },
      { id: 'unread', name: 'Not read', body: unread(trend) },
      { id: 'reading', name: 'How to read it', body: READING },
    ],
  })
}

function answer(trend: TrendFindings): Html {
  const tone = { within: 'good', better: 'good', worse: 'bad', moved: 'warn', unbounded: 'calm' } as const
  const items = trend.series.map((series) => {
    const changes = series.changes
      .slice(-1)
      .map((change) => html` Last change: ${changeSentence(series, change)}`)
    return html`<li><b class="tone ${tone[series.newest.stands]}">${seriesTitle(series)}:</b> ${series.newest.text}${changes}</li>`
  })
  const absent = trend.absent.length > 0 && html`<p>Not held by any run: ${trend.absent.join(', ')}.</p>`
  return html`<section id="answer"><p class="verdict">${trendSentence(trend)}</p><ul>${items}</ul>${absent}</section>`
}

async function figuresSection({ series }: TrendFindings): Promise<Html> {
  const drawn: Html[] = []
  for (const [i, one] of series.entries()) {
    drawn.push(
      await figure({
        id: `trend-${i + 1}`,
        title: seriesTitle(one),
        summary: summaryOf(one),
        spec: (narrow) => trendChart(one, narrow),
        data: tableOf(one),
      }),
    )
  }
  return drawn.length === 0 ? nothing : html`<section id="figures"><h2>Figures</h2>${drawn}</section>`
}

function summaryOf(series: TrendSeries): string {
  const changes = series.changes.map((change) => changeSentence(series, change))
  const marks =
    series.marks.length === 0
      ? []
      : [`${plural(series.marks.length, 'time')} something else changed: see the table.`]
  return [`${countRuns(series)}. ${series.newest.text}`, ...changes, ...marks].join(' ')
}

function tableOf(series: TrendSeries): Table {
  const note = (i: number): string =>
    [
      ...series.marks.filter(({ at }) => at === i).map(({ text: said }) => said),
      ...series.changes
        .filter(({ at }) => at === i)
        .map((change) => `change point: ${changeSentence(series, change)}`),
      ...(series.points[i]?.valid === false ? ['INVALID'] : []),
    ].join('; ')
  const cell = (value: number | 'endless' | null) =>
    fig(typeof value === 'number' ? value : null, () => show(series, value))
  return {
    caption: seriesTitle(series),
    columns: [
      text('Run'),
      text('Label'),
      text('Started'),
      ...figures(series.label, 'Boundary from', 'Median', 'to', 'Like runs'),
      text('Stands'),
      text('What changed'),
    ],
    rows: series.points.map(({ run, label, startedAtUtc, value, boundary, stands }, i) => [
      run,
      label ?? '',
      utc(startedAtUtc),
      cell(value),
      cell(boundary?.low ?? null),
      cell(boundary?.median ?? null),
      cell(boundary?.high ?? null),
      fig(boundary?.runs, (n) => String(n ?? '')),
      stands,
      note(i),
    ]),
  }
}

const unread = ({ unread: lines }: TrendFindings): Html =>
  lines.length === 0
    ? nothing
    : html`<section id="unread"><h2>Not read</h2><ul>${lines.map(({ line, why }) => html`<li>Line ${line} ${why}.</li>`)}</ul></section>`

const READING = html`<section id="reading"><h2>How to read it</h2>
<ul><li><b>Like runs</b> have the same load, a machine with the same fingerprint, the same model and engine. Only like runs are held against each other.</li>
<li><b>Boundary:</b> median ± 3 × 1.4826 × MAD of the last ${MOST_LIKE} like runs before a run, from ${LEAST_LIKE} on. What lies beyond it is not what one would expect of these.</li>
<li><b>Change points</b> (coloured rules) are where the level of like runs changed, found by E-divisive means at 5 %.</li>
<li><b>Grey rules</b> are where something else changed: a version, the machine, the load. After another machine or load, boundary and change points begin anew; a version is what a trend is looked at for, and does not make runs unlike.</li>
<li>Hollow points are of INVALID runs, and take part in nothing. A line that has a gap lacks a value, or the quantile fell among requests that did not complete.</li></ul></section>`
