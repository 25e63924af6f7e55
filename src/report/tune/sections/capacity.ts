import { figure } from '../../figure.js'
import { num, sentence, whole } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { fig, figures, type Table, text } from '../../table.js'
import { capacityChart, FORETOLD, type Foretold, isKnown, type Pair, pairsOf } from '../charts/capacity.js'
import type { TuneView } from '../view.js'

/** How many requests the cache should hold by the facts, against what was seen. */
export async function capacitySection(view: TuneView): Promise<Html> {
  const pairs = pairsOf(view)
  const charts: Html[] = []
  for (const [i, of] of FORETOLD.entries()) {
    if (!isKnown(pairs, of)) continue
    const drawn = pairs.filter(
      ({ capacity }) => of.predicted(capacity) !== null || of.measured(capacity) !== null,
    )
    charts.push(
      await figure({
        id: `capacity-${i + 1}`,
        title: `${of.title}: predicted and measured`,
        summary: summaryOf(pairs, of),
        spec: (narrow) => capacityChart(drawn, of, narrow),
        data: capacityTable(pairs),
      }),
    )
  }
  return charts.length === 0
    ? nothing
    : html`<section id="capacity"><h2>Predicted and measured capacity</h2>
<p class="lead">Predicted from the engine’s KV cache and what a request of this workload holds of it, and never more than the engine’s batch limit. Hollow: predicted; full: measured.</p>${charts}</section>`
}

function summaryOf(pairs: readonly Pair[], { predicted, measured, unit }: Foretold): string {
  const off = pairs.flatMap(({ name, capacity }) => {
    const [p, m] = [predicted(capacity), measured(capacity)]
    return p === null || m === null || p === 0
      ? []
      : [{ name, p, m, by: Math.abs(Math.log(Math.max(m, 0.5) / p)) }]
  })
  const [most] = off.toSorted((a, b) => b.by - a.by)
  return most === undefined
    ? 'Nothing to compare.'
    : sentence(`farthest apart: ${most.name}, predicted ${whole(most.p)} ${unit}, measured ${whole(most.m)}`)
}

const capacityTable = (pairs: readonly Pair[]): Table => ({
  caption: 'Capacity by setting',
  columns: [
    text('setting'),
    ...figures(
      'fit in the cache',
      'running, predicted',
      'running, measured',
      'KV tokens, told',
      'KV tokens, predicted',
      'tokens held per request',
    ),
  ],
  rows: pairs.map(({ name, capacity: c }) => [
    name,
    fig(c.fits, num),
    fig(c.predictedRunning, num),
    fig(c.measuredRunning, num),
    fig(c.kvTokens, whole),
    fig(c.predictedKvTokens, whole),
    fig(c.heldTokens, num),
  ]),
})
