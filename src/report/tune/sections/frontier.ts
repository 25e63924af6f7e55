import { figure } from '../../figure.js'
import { ms, num, plural } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { fig, figures, type Table, text } from '../../table.js'
import { drawnOf, frontierChart, frontierOf, type Latency, limitOf } from '../charts/frontier.js'
import { rowOf, type TuneView } from '../view.js'
import { loadText, SIGNS } from '../words.js'

const LATENCIES: readonly Latency[] = [
  { metric: 'ttft', name: 'TTFT', read: (t) => t.figures.ttftP99Ms },
  { metric: 'chunkGap', name: 'gaps', read: (t) => t.figures.gapP99Ms },
]

/** What goodput costs in latency, over all trials. */
export async function frontierSection(view: TuneView): Promise<Html> {
  const charts: Html[] = []
  for (const latency of LATENCIES) {
    if (drawnOf(view.tune, latency).length === 0) continue
    charts.push(
      await figure({
        id: `frontier-${latency.metric.toLowerCase()}`,
        title: `Goodput against p99 of ${latency.name}`,
        summary: summaryOf(view, latency),
        spec: (narrow) => frontierChart(view, latency, narrow),
        data: frontierTable(view, latency),
      }),
    )
  }
  return charts.length === 0
    ? nothing
    : html`<section id="frontier"><h2>Goodput and latency</h2>
<p class="lead">A mark a trial; the line joins those than which none has both more goodput and a lower p99.</p>${charts}</section>`
}

function summaryOf({ tune }: TuneView, latency: Latency): string {
  const drawn = drawnOf(tune, latency)
  const limit = limitOf(tune, latency)
  const [top] = drawn
    .filter((t) => limit === null || (latency.read(t) ?? 0) <= limit)
    .toSorted((a, b) => b.figures.goodputPerS - a.figures.goodputPerS)
  const within = limit === null ? 'of all' : `with a p99 of at most ${ms(limit)}`
  const most = top
    ? `Most goodput ${within}: ${num(top.figures.goodputPerS)} requests/s, ${rowOf(tune, top.setting)} at ${loadText(top.load)}.`
    : `No trial has a p99 of at most ${ms(limit)}.`
  const missing = tune.trials.length - drawn.length
  return `${most} Percentiles of single trials: a short one’s p99 is rough.${missing > 0 ? ` ${plural(missing, 'trial')} without the figure ${missing === 1 ? 'is' : 'are'} left out.` : ''}`
}

function frontierTable({ tune }: TuneView, latency: Latency): Table {
  const drawn = drawnOf(tune, latency)
  const edge = new Set(frontierOf(drawn, latency).map((t) => t.id))
  return {
    caption: `Trials by p99 of ${latency.name}`,
    columns: [
      text('trial'),
      text('setting'),
      text('load'),
      ...figures('p99', 'good requests/s'),
      text('verdict'),
      text('frontier'),
    ],
    rows: drawn
      .toSorted((a, b) => (latency.read(a) ?? 0) - (latency.read(b) ?? 0))
      .map((t) => [
        t.id,
        rowOf(tune, t.setting),
        loadText(t.load),
        fig(latency.read(t), ms),
        fig(t.figures.goodputPerS, num),
        SIGNS[t.verdict][2],
        edge.has(t.id) ? 'on it' : '',
      ]),
  }
}
