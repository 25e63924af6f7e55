import type { ComparisonCheck, Design } from '../../../analyse/index.js'
import { figure } from '../../figure.js'
import { plural, utc } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { facts, figures, type Table, table, text } from '../../table.js'
import { orderChart } from '../charts/order.js'
import type { ComparisonView } from '../view.js'
import { confidence, listed } from '../words.js'

/** Whether the comparison may be believed: its checks, its design, and what its runs say of themselves. */
export async function trustSection(view: ComparisonView): Promise<Html> {
  return html`<section id="trust"><h2>Can the comparison be trusted?</h2>
${checksBox(view)}
${table(validityTable(view))}
<h3 style="margin-top:2rem">How it was measured</h3>
${facts(designRows(view))}
${await orderFigure(view)}</section>`
}

function checksBox({ findings: { checks, comparable } }: ComparisonView): Html {
  if (checks.length === 0)
    return html`<div class="box good"><h3>Comparable</h3><p>Nothing that was checked stands in the way: workload, model, output length, client, transport and validity are alike.</p></div>`
  const tone = comparable ? 'warn' : 'bad'
  const head = comparable ? 'Comparable, read with the following in mind' : 'Not comparable'
  return html`<div class="box ${tone}"><h3>${head}</h3><ul>${checks.map(checkItem)}</ul></div>`
}

const checkItem = ({ code, severity, allowed, text: words, advice }: ComparisonCheck): Html =>
  html`<li>${severity === 'refuse' && html`<b class="tone">refused: </b>`}<code>${code}</code>${allowed && ' (allowed by the user)'}: <bdi>${words}</bdi>${!allowed && html` <span>${advice}</span>`}</li>`

/** Of the runs of each side; a run that is invalid says nothing, on whichever side it stands. */
const validityTable = ({ sides }: ComparisonView): Table => ({
  caption: 'What the runs of each side say of themselves',
  columns: [text('side'), ...figures('runs', 'valid', 'with caveats', 'invalid'), text('reasons')],
  rows: sides.map(({ name, runs }) => {
    const count = (verdict: string) => runs.filter(({ validity }) => validity.verdict === verdict).length
    const codes = new Map<string, number>()
    for (const code of runs.flatMap(({ validity }) => validity.codes))
      codes.set(code, (codes.get(code) ?? 0) + 1)
    const reasons = [...codes].map(([code, n]) => (runs.length > 1 ? `${code} (${n})` : code)).join(', ')
    return [
      name,
      ...[runs.length, count('VALID'), count('VALID WITH CAVEATS'), count('INVALID')].map((n) => ({
        show: String(n),
        raw: n,
      })),
      { show: html`<span class="wrap">${reasons || 'none'}</span>`, raw: reasons },
    ]
  }),
})

const STOPS: Readonly<Record<NonNullable<Design['stopReason']>, string>> = {
  complete: 'all planned runs were made',
  decided: 'every gated figure was settled',
  budget: 'the budget was spent',
  interrupted: 'it was interrupted',
  'target-lost': 'a target was lost',
}

function designRows(view: ComparisonView): readonly (readonly [string, string])[] {
  const { design, sides } = view.findings
  const many = new Set(design.runs).size > 1
  return [
    [
      'Runs',
      many
        ? listed(sides.map(({ name }, i) => `${name} ${design.runs[i] ?? 0}`))
        : `${plural(design.runs[0] ?? 0, design.unit)} of each side; the run is the unit, not the request`,
    ],
    [
      'Order',
      design.interleaved
        ? 'in blocks that hold each side once, in random order: what drifts over time hits all sides alike'
        : 'not in turn: what changed between the measurements stands in the differences too',
    ],
    ['Differences', design.paired ? 'inside blocks (paired)' : 'between the means of all runs (not paired)'],
    [
      'Intervals',
      `${confidence(view)} each${design.looks.planned > 1 ? `, at look ${design.looks.taken} of ${design.looks.planned}: together they err in at most 5 % of comparisons of equals` : ''}`,
    ],
    ...(design.stopReason === null ? [] : [['Ended because', STOPS[design.stopReason]] as const]),
    ['Name', view.findings.name],
    ['Tool', view.findings.tool],
  ]
}

async function orderFigure({ sides }: ComparisonView): Promise<Html> {
  const order = sides
    .flatMap((side) => side.runs.map((run, i) => ({ side: side.name, i, run })))
    .filter(({ run }) => Number.isFinite(Date.parse(run.startedAtUtc)))
    .toSorted((a, b) => (a.run.startedAtUtc < b.run.startedAtUtc ? -1 : 1))
  const [first, last] = [order[0], order.at(-1)]
  if (order.length < 2) return nothing
  return figure({
    id: 'order',
    title: 'The order of measuring',
    summary: `One mark a run, where it began: ${plural(order.length, 'run')} from ${utc(first?.run.startedAtUtc)} to ${utc(last?.run.startedAtUtc)}.`,
    spec: (narrow) => orderChart(sides, narrow),
    data: {
      caption: 'Runs in the order in which they began',
      columns: [text('began'), text('side'), text('run'), text('folder')],
      rows: order.map(({ side, i, run }) => [utc(run.startedAtUtc), side, String(i + 1), run.run]),
    },
  })
}
