import type { ShareComparison } from '../../../analyse/index.js'
import { figure } from '../../figure.js'
import { ABSENT, num, percent, plural, whole } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { figures, type Table, text } from '../../table.js'
import { type ShareRow, shareChart } from '../charts/bars.js'
import type { ComparisonView, Side } from '../view.js'
import { atShort, change, probability } from '../words.js'

/** Failures by kind on every side, and shares of requests with the intervals of their differences. */
export async function requestSection(view: ComparisonView): Promise<Html> {
  return html`<section id="requests"><h2>Failures and other shares of requests</h2>
<p class="lead">Latency above ranks requests that did not complete as slower than every other: a side that sheds its slow requests gains nothing by it.</p>
${await kindsFigure(view)}
${await shareFigures(view)}</section>`
}

interface Kind {
  readonly side: Side
  readonly code: string
  readonly count: number
  readonly of: number
}

/** At all points together. */
const judgedOf = ({ runs }: Side): number =>
  runs.reduce((sum, run) => sum + run.points.reduce((n, point) => n + point.judged, 0), 0)

function kindsOf({ sides }: ComparisonView): readonly Kind[] {
  const found = sides.flatMap((side) => {
    const counts = new Map<string, number>()
    for (const { code, count } of side.runs.flatMap((run) => run.points.flatMap((p) => p.failures)))
      counts.set(code, (counts.get(code) ?? 0) + count)
    return [...counts].map(([code, count]): Kind => ({ side, code, count, of: judgedOf(side) }))
  })
  const total = (code: string): number => found.reduce((sum, k) => sum + (k.code === code ? k.count : 0), 0)
  const codes = [...new Set(found.map(({ code }) => code))].toSorted(
    (a, b) => total(b) - total(a) || (a < b ? -1 : 1),
  )
  return codes.flatMap((code) => found.filter((kind) => kind.code === code))
}

/** Rows that a chart has room for; the table has all. */
const MOST_ROWS = 36

async function kindsFigure(view: ComparisonView): Promise<Html> {
  const kinds = kindsOf(view)
  if (kinds.length === 0) return html`<p>No request failed on any side.</p>`
  const several = new Set(kinds.map(({ code }) => code)).size > 1
  const rows = kinds.slice(0, MOST_ROWS).map(({ side, code, count, of }): ShareRow => {
    const share = of === 0 ? 0 : count / of
    return {
      lane: several ? `${code} · ${side.name}` : side.name,
      slot: side.slot,
      share,
      low: null,
      high: null,
      say: `${code} on ${side.name}: ${whole(count)} of ${plural(of, 'request')} (${percent(share)})`,
    }
  })
  return figure({
    id: 'failures-by-kind',
    title: `Failures by kind${several ? '' : `: ${kinds[0]?.code ?? ''}`}`,
    summary: view.sides
      .slice(0, 6)
      .map((side) => {
        const own = kinds.filter((kind) => kind.side === side)
        return `${side.name}: ${own.length === 0 ? 'none' : own.map(({ code, count }) => `${code} ${whole(count)}`).join(', ')} of ${whole(judgedOf(side))} requests.`
      })
      .join(' '),
    spec: (narrow) => shareChart(rows, narrow),
    data: {
      caption: 'Failures by kind, over all runs and points',
      columns: [text('kind'), text('side'), ...figures('count', 'of', 'share')],
      rows: kinds.map(({ side, code, count, of }) => [
        code,
        side.name,
        { show: whole(count), raw: count },
        { show: whole(of), raw: of },
        { show: percent(of === 0 ? null : count / of), raw: of === 0 ? '' : count / of },
      ]),
    },
  })
}

interface NamedShare {
  readonly name: string
  readonly slot: number
  readonly base: string
  readonly share: ShareComparison
}

/** A figure a share: one that is near nothing and one that is near all have no axis in common. */
async function shareFigures(view: ComparisonView): Promise<readonly Html[]> {
  const shares = view.others.flatMap(({ side, pair }) =>
    pair.shares.map((share): NamedShare => ({ name: side.name, slot: side.slot, base: pair.a, share })),
  )
  const parts: Html[] = []
  for (const key of new Set(shares.map(({ share }) => share.key)))
    parts.push(
      await shareFigure(
        shares.filter(({ share }) => share.key === key),
        view,
      ),
    )
  return parts
}

async function shareFigure(shares: readonly NamedShare[], view: ComparisonView): Promise<Html> {
  const near = shares.filter(({ share }) => share.at === view.focus)
  const drawn = near.length > 0 ? near : shares.filter(({ share }) => share.at === shares[0]?.share.at)
  const [first] = drawn
  if (first === undefined) return nothing
  const rows = rowsOf(drawn, view)
  return figure({
    id: `share-${first.share.key}`,
    title: `${first.share.label}${atShort(first.share.at)}`,
    summary: drawn.slice(0, 3).map(shareText).join(' '),
    spec: (narrow) => shareChart(rows, narrow),
    data: shareTable(shares),
  })
}

/** The base once, then every other side. */
function rowsOf(shares: readonly NamedShare[], { base }: ComparisonView): readonly ShareRow[] {
  const [first] = shares
  const row = (name: string, slot: number, label: string, s: ShareComparison['a']): ShareRow => ({
    lane: name,
    slot,
    share: s.of === 0 ? 0 : s.count / s.of,
    low: s.low,
    high: s.high,
    say: `${label} of ${name}: ${whole(s.count)} of ${whole(s.of)} (${percent(s.of === 0 ? null : s.count / s.of)}; 95 % interval ${percent(s.low)} to ${percent(s.high)})`,
  })
  return [
    ...(first === undefined ? [] : [row(base.name, base.slot, first.share.label, first.share.a)]),
    ...shares.map(({ name, slot, share }) => row(name, slot, share.label, share.b)),
  ]
}

const shareText = ({ name, base, share }: NamedShare): string =>
  `${share.label} of ${name}: ${change(share.difference.value, 'difference')} against ${base} (${change(share.difference.low, 'difference')} to ${change(share.difference.high, 'difference')}).`

const shareTable = (shares: readonly NamedShare[]): Table => ({
  caption:
    'Shares of requests: Wilson intervals of each side, Newcombe’s of the difference, at numbers reduced by how much runs differ; McNemar’s exact p of prompts that both were asked',
  columns: [
    text('share'),
    text('side'),
    text('at'),
    ...figures(
      'base',
      'side',
      'difference',
      'from',
      'to',
      'design effect',
      'only base',
      'only side',
      'p, McNemar',
    ),
  ],
  rows: shares.map(({ name, share: s }) => [
    s.label,
    name,
    s.at,
    { show: `${whole(s.a.count)} of ${whole(s.a.of)}`, raw: s.a.of === 0 ? '' : s.a.count / s.a.of },
    { show: `${whole(s.b.count)} of ${whole(s.b.of)}`, raw: s.b.of === 0 ? '' : s.b.count / s.b.of },
    ...[s.difference.value, s.difference.low, s.difference.high].map((v) => ({
      show: change(v, 'difference'),
      raw: v,
    })),
    { show: num(s.designEffect), raw: s.designEffect },
    { show: s.mcnemar === null ? ABSENT : whole(s.mcnemar.onlyA), raw: s.mcnemar?.onlyA },
    { show: s.mcnemar === null ? ABSENT : whole(s.mcnemar.onlyB), raw: s.mcnemar?.onlyB },
    { show: probability(s.mcnemar?.p), raw: s.mcnemar?.p },
  ]),
})
