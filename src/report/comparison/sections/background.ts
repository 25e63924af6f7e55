import { METRICS } from '../../../analyse/index.js'
import type { FigureTable, RunFigures } from '../../../record/index.js'
import { percent, utc } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { facts, figures, type Table, table, text } from '../../table.js'
import type { ComparisonView } from '../view.js'
import { value } from '../words.js'

/** Settings that are not the same. */
export const differenceSection = (
  view: ComparisonView,
): Html => html`<section id="differences"><h2>What differs in the configuration</h2>
${
  view.findings.differences.length === 0
    ? html`<p>Nothing that is recorded differs.</p>`
    : table(view.crowded ? valueTable(view) : differenceTable(view))
}</section>`

/** A column a side. */
const differenceTable = ({ findings }: ComparisonView): Table => ({
  caption: 'Settings that are not the same on all sides',
  columns: [text('setting'), ...findings.sides.map(({ name }) => text(name))],
  rows: findings.differences.map(({ key, values }) => [
    key,
    ...values.map((v) => ({ show: html`<bdi class="wrap">${v}</bdi>`, raw: v })),
  ]),
})

/** Of many sides a row a value. */
const valueTable = ({ findings }: ComparisonView): Table => ({
  caption: 'Settings that are not the same on all sides: each value, and the sides that have it',
  columns: [text('setting'), text('value'), text('sides')],
  rows: findings.differences.flatMap(({ key, values }) =>
    [...new Set(values)].map((value) => {
      const own = findings.sides.filter((_, i) => values[i] === value).map(({ name }) => name)
      const names = own.join(', ')
      return [
        key,
        { show: html`<bdi class="wrap">${value}</bdi>`, raw: value },
        { show: html`<bdi class="wrap">${names}</bdi>`, raw: names },
      ]
    }),
  ),
})

/** Every run with its folder and its verdict. */
export const runSection = (view: ComparisonView): Html => html`<section id="runs"><h2>The runs</h2>
${table(runTable(view))}
<details><summary>Where the clients ran</summary>${table(placeTable(view))}</details></section>`

const runTable = ({ sides, focus }: ComparisonView): Table => ({
  caption: 'Every run, with the folder that holds its records',
  columns: [
    text('folder'),
    text('side'),
    text('began'),
    text('validity'),
    ...figures('TTFT p50', 'TTFT p99', 'output tokens/s', 'failed'),
    text('model'),
    text('engine'),
    text('transport'),
  ],
  rows: sides.flatMap(({ name, runs }) =>
    runs.map((run) => {
      const own = run.points.find(({ label }) => label === focus)?.figures ?? NONE
      const cell = (key: string, unit: string) => ({
        show: value(own[key]?.value, unit),
        raw: own[key]?.value,
      })
      return [
        run.run,
        name,
        told(run.startedAtUtc, utc),
        { show: validityOf(run), raw: run.validity.verdict },
        cell('ttft.p50', 'ms'),
        cell('ttft.p99', 'ms'),
        cell('outputTokensPerS', ''),
        { show: percent(numberOf(own.errorRate?.value)), raw: own.errorRate?.value },
        told(run.target.model),
        [run.target.engine ?? 'not told', run.target.version].filter(Boolean).join(' '),
        run.target.transport ?? 'not told',
      ]
    }),
  ),
})

/** Another tool may not tell. */
const told = (text: string, show: (text: string) => string = (own) => own): string =>
  text === '' ? 'not told' : show(text)

const NONE: FigureTable = {}

const numberOf = (of: number | 'endless' | undefined): number | undefined =>
  of === 'endless' ? undefined : of

const TONES: Readonly<Record<RunFigures['validity']['verdict'], string>> = {
  VALID: 'good',
  'VALID WITH CAVEATS': 'warn',
  INVALID: 'bad',
}

const validityOf = ({ validity: { verdict, codes } }: RunFigures): Html =>
  html`<span class="${TONES[verdict]}"><b class="tone">${verdict}</b></span>${codes.length > 0 && html` <small>${codes.join(', ')}</small>`}`

/** Each place once. */
function placeTable({ sides }: ComparisonView): Table {
  const runs = sides.flatMap((side) =>
    side.runs.flatMap(({ place }) => (place === null ? [] : [{ side: side.name, place }])),
  )
  const places = new Map(runs.map(({ place }) => [place.fingerprint, place]))
  return {
    caption: 'Client machines by fingerprint',
    columns: [
      text('fingerprint'),
      text('CPU'),
      ...figures('CPUs'),
      text('platform'),
      text('Node'),
      text('sides'),
    ],
    rows: [...places].map(([fingerprint, place]) => [
      fingerprint,
      place.cpuModel,
      { show: String(place.cpus), raw: place.cpus },
      place.platform,
      place.node,
      [...new Set(runs.filter((run) => run.place.fingerprint === fingerprint).map(({ side }) => side))].join(
        ', ',
      ),
    ]),
  }
}

const WORDS: readonly (readonly [string, string])[] = [
  ['Base', 'The first side. All others are held against it.'],
  [
    'Run as the unit',
    'Requests of one run share its luck: the scatter that counts is that between runs. Intervals come from runs, not from requests.',
  ],
  [
    'Change',
    'Ratio of geometric means over the runs, on logarithms, shown as a percentage; of shares the plain difference, in percentage points.',
  ],
  ['Margin', 'Set beforehand: a change within it would make no difference to anybody.'],
  [
    'Better, worse',
    'The interval lies wholly beyond equal and the change beyond the margin, or the interval wholly beyond the margin.',
  ],
  ['Equivalent', 'The interval lies wholly within the margin.'],
  ['Not shown', 'The runs cannot tell. The number of runs a side that would is given where there is one.'],
  [
    'Gated',
    'A figure whose verdict counts. Their p values are corrected by Holm for being several; all other figures are exploratory.',
  ],
  [
    'Permutation',
    'The same question without any assumption on how runs scatter: how rarely does relabelling the runs give as large a change? So few runs can give no smaller p than the least possible.',
  ],
  ['Shift function', 'How far each quantile moved. Its band holds for all quantiles together.'],
  ['McNemar', 'Of prompts that both sides were asked, only those count that failed on one side alone.'],
  ['Design effect', 'How much less many requests tell when runs differ from each other by more than chance.'],
  [
    'Did not complete',
    'Requests that failed rank above every latency. Where that quantile falls among them, there is no value.',
  ],
  [
    'From send, from schedule',
    'Since the bytes left, and since the request was due: the second holds the wait of a user whom a slow server keeps waiting.',
  ],
]

/** What every word here means. */
export const definitionsSection = (): Html => html`<section id="definitions"><h2>Definitions</h2>
<dl class="defs">${WORDS.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>`)}</dl>
<details><summary>Metrics</summary><dl class="defs">${METRICS.map(
  (m) => html`<dt>${m.label} <small>(<code>${m.name}</code>, ${m.unit})</small></dt>
<dd><code>${m.formula}</code>. Needs ${m.needs}. Absent when ${m.absentWhen}.</dd>`,
)}</dl></details></section>`

/** Enough to do it again. */
export function reproduceSection({ findings: { command }, sides }: ComparisonView): Html {
  const hashes = sides.map(({ name, runs }) => {
    const own = [...new Set(runs.map(({ workloadHash }) => workloadHash ?? 'not told'))]
    return [name, html`<code>${own.join(', ')}</code>`] as const
  })
  const folders = sides.flatMap(({ runs }) => runs.map(({ run }) => run))
  return html`<section id="reproduce"><h2>How to reproduce</h2>
${command === undefined ? nothing : html`<pre><code data-copy>${command}</code></pre>`}
<h4>Workload hash of each side</h4>${facts(hashes)}
<details><summary>Folders of the runs</summary><pre>${folders.join('\n')}</pre></details></section>`
}
