import type { RunFigures } from '../../../record/index.js'
import { ABSENT, inUnit, ms, num, percent, whole } from '../../format.js'
import { type Html, html } from '../../html.js'
import { type Cell, figures, type Table, table, text } from '../../table.js'
import { type ComparisonView, commonPoints, type Side } from '../view.js'
import { atShort, value } from '../words.js'

/** What an API and a server of one's own are chosen by, on one page. */
export const besideSection = (view: ComparisonView): Html => html`<section id="beside"><h2>Side by side</h2>
<p class="lead">What decides between an API and a server of one’s own: both clocks, the same offered load, the way there, what fails, what one reader gets, the price, and what the limit allows at all.</p>
${view.crowded ? crowdedTables(view).map(table) : table(besideTable(view))}</section>`

interface Quantity {
  readonly name: string
  read(side: Side): Cell
}

const captionOf = ({ focus }: ComparisonView): string =>
  `Geometric means over the runs${atShort(focus)}; from send: since the bytes left; from schedule: since the request was due`

/** A column a side. */
function besideTable(view: ComparisonView): Table {
  return {
    caption: captionOf(view),
    columns: [text('quantity'), ...figures(...view.sides.map(({ name }) => name))],
    rows: quantitiesOf(view).map(({ name, read }) => [name, ...view.sides.map(read)]),
  }
}

/** Columns that a page has room for. */
const MOST_COLUMNS = 8

/** Of many sides a row each, in several tables. */
function crowdedTables(view: ComparisonView): readonly Table[] {
  const quantities = quantitiesOf(view)
  const count = Math.ceil(quantities.length / MOST_COLUMNS)
  return Array.from({ length: count }, (_, i) => {
    const own = quantities.slice(i * MOST_COLUMNS, (i + 1) * MOST_COLUMNS)
    return {
      caption: `${captionOf(view)} (${i + 1} of ${count})`,
      columns: [text('side'), ...figures(...own.map(({ name }) => name))],
      rows: view.sides.map((side) => [side.name, ...own.map((q) => q.read(side))]),
    }
  })
}

const quantitiesOf = (view: ComparisonView): readonly Quantity[] => [
  { name: 'Target', read: (side) => words(side, ({ target }) => target.url) },
  { name: 'Model', read: (side) => words(side, ({ target }) => target.model) },
  {
    name: 'Engine',
    read: (side) =>
      words(side, ({ target }) => [target.engine ?? 'not told', target.version].filter(Boolean).join(' ')),
  },
  ...clockRows(view),
  ...sameLoadRows(view),
  ...connectRows(),
  { name: 'Failed', read: (side) => mean(side, view.focus, 'errorRate', 'share') },
  { name: 'Refused by a rate limit', read: ({ limit }) => number(limit?.refused, whole) },
  {
    name: 'Tokens/s of one stream, p50',
    read: (side) => mean(side, view.focus, 'perStreamTokensPerS.p50', ''),
  },
  { name: 'Output tokens/s, all streams', read: (side) => mean(side, view.focus, 'outputTokensPerS', '') },
  { name: 'Requests/s', read: (side) => mean(side, view.focus, 'requestsPerS', '') },
  { name: 'Characters per output token', read: ({ charsPerToken }) => number(charsPerToken, num) },
  { name: 'Output characters/s', read: (side) => mean(side, view.focus, 'outputCharsPerS', '') },
  {
    name: 'Output tokens counted by',
    read: (side) => words(side, ({ target }) => target.tokenSource ?? 'not told'),
  },
  { name: 'Price of a request, USD', read: ({ cost }) => number(cost?.usdPerRequest, money) },
  {
    name: 'Price of a million output tokens, USD',
    read: ({ cost }) => number(cost?.usdPerMillionOutputTokens, money),
  },
  { name: 'Price from', read: ({ cost }) => ({ show: cost?.source ?? 'not known' }) },
  { name: 'Limit, requests/min', read: ({ limit }) => number(limit?.requestsPerMin, whole) },
  { name: 'Limit, tokens/min', read: ({ limit }) => number(limit?.tokensPerMin, whole) },
  { name: 'The limit allows at most', read: allowed },
]

const number = (of: number | null | undefined, show: (v: number | null | undefined) => string): Cell => ({
  show: show(of),
  raw: of ?? '',
})

const money = (usd: number | null | undefined): string =>
  usd === null || usd === undefined ? ABSENT : usd < 0.01 ? usd.toPrecision(2) : usd.toFixed(2)

/** What the runs say, each answer once. */
function words(side: Side, read: (run: RunFigures) => string): Cell {
  const all = [...new Set(side.runs.map(read))].join(', ') || 'not told'
  return { show: html`<bdi class="wrap">${all}</bdi>`, raw: all }
}

const CLOCKS = [
  ['ttft', 'TTFT from send'],
  ['ttftFromSchedule', 'TTFT from schedule'],
  ['e2e', 'End to end from send'],
  ['e2eFromSchedule', 'End to end from schedule'],
] as const

const clockRows = ({ focus }: ComparisonView): readonly Quantity[] =>
  CLOCKS.flatMap(([metric, label]) =>
    ['p50', 'p99'].map((statistic) => ({
      name: `${label}, ${statistic}`,
      read: (side: Side) => mean(side, focus, `${metric}.${statistic}`, 'ms'),
    })),
  )

/** Rows that a table of many loads has room for. */
const MOST_LOADS = 10

/** Of sweeps: p99 at each load that all sides were offered. */
function sameLoadRows(view: ComparisonView): readonly Quantity[] {
  if (view.findings.design.unit !== 'sweep') return []
  return commonPoints(view.findings)
    .slice(0, MOST_LOADS)
    .map(({ label }) => ({
      name: `TTFT p99 from schedule${atShort(label)}`,
      read: (side: Side) => mean(side, label, 'ttftFromSchedule.p99', 'ms'),
    }))
}

const connectRows = (): readonly Quantity[] => [
  { name: 'Connecting: DNS', read: ({ connect }) => number(connect?.dnsMs, ms) },
  { name: 'Connecting: TCP', read: ({ connect }) => number(connect?.tcpMs, ms) },
  { name: 'Connecting: TLS', read: ({ connect }) => number(connect?.tlsMs, ms) },
]

/** Geometric over the runs (arithmetic of shares, where zero is common). One endless run makes it endless. */
function mean({ runs }: Side, at: string, key: string, unit: string): Cell {
  const seen = runs.flatMap((run) => run.points.find(({ label }) => label === at)?.figures[key]?.value ?? [])
  if (seen.length === 0) return { show: ABSENT, raw: '' }
  const numbers = seen.filter((v): v is number => typeof v === 'number')
  if (numbers.length < seen.length) return { show: 'did not complete', raw: 'endless' }
  const isGeometric = unit !== 'share' && numbers.every((v) => v > 0)
  const sum = numbers.reduce((total, v) => total + (isGeometric ? Math.log(v) : v), 0)
  const of = isGeometric ? Math.exp(sum / numbers.length) : sum / numbers.length
  return { show: unit === 'share' ? percent(of) : value(of, unit), raw: of }
}

/** In the units that throughput is measured in. */
function allowed({ limit }: Side): Cell {
  if (limit === null) return { show: 'no limit was told or met' }
  const parts = [
    ...(limit.requestsPerMin === null ? [] : [inUnit(limit.requestsPerMin / 60, 'requests/s')]),
    ...(limit.tokensPerMin === null ? [] : [inUnit(limit.tokensPerMin / 60, 'tokens/s')]),
  ]
  return { show: parts.length === 0 ? 'not told' : parts.join(', ') }
}
