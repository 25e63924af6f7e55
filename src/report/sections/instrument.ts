import { ms, num, percent, whole } from '../format.js'
import { type Html, html } from '../html.js'
import type { ReportResult } from '../input.js'
import { NOT_MEASURED, stampedBy } from '../instrument.js'
import { fig, figures, type Table, table, text } from '../table.js'
import { canaryFigures } from './canary.js'
import { metricsTable } from './charts.js'
import { pointName, rowsOf } from './rows.js'

/** Every metric of every point, folded away but for a single run. */
export function metricsSection(results: readonly ReportResult[]): Html {
  const tables = results.flatMap((r) =>
    r.findings.points.map((p) => ({ name: `${results.length > 1 ? `${r.name}: ` : ''}${pointName(p)}`, p })),
  )
  const [only] = tables
  const body =
    tables.length === 1 && only
      ? table(metricsTable(only.p, ''))
      : tables.map(
          ({ name, p }) =>
            html`<details><summary><bdi>${name}</bdi></summary>${table(metricsTable(p, `, ${name}`))}</details>`,
        )
  return html`<section id="metrics"><h2>All figures</h2>${body}
<details><summary>Where the time goes, by the engine’s own clock (means)</summary>${table(splitTable(results))}</details></section>`
}

const splitTable = (results: readonly ReportResult[]): Table => ({
  caption:
    'Mean TTFT split by the engine: queue and prefill; the rest of what we saw is network and front end. Decode follows the first token.',
  columns: [
    text('point'),
    ...figures(
      'engine TTFT',
      'queue',
      'prefill',
      'network and front end',
      'decode',
      'prefill tokens/s',
      'prefix hits',
    ),
  ],
  rows: rowsOf(results, ({ server: s }) => [
    fig(s?.ttftMs, ms),
    fig(s?.queueMs, ms),
    fig(s?.prefillMs, ms),
    fig(s?.frontEndMs, ms),
    fig(s?.decodeMs, ms),
    fig(s?.prefillTokensPerS, num),
    fig(s?.prefixHitShare, percent),
  ]),
})

/** Were the tokens as asked, and was the instrument itself in order? */
export const instrumentSection = async (
  results: readonly ReportResult[],
): Promise<Html> => html`<section id="instrument"><h2>Can the figures be trusted?</h2>
<h4>The instrument on itself</h4>${stampsText(results)}${table(errorTable(results))}${await canaryFigures(results)}${table(instrumentTable(results))}
<h4>Tokens: asked, got, and as the engine counts them</h4>${table(tokenTable(results))}
<h4>The stretch that is measured</h4>${table(windowTable(results))}</section>`

/** What the canary is, where there was one. */
function stampsText(results: readonly ReportResult[]): Html {
  const points = results.flatMap((r) => r.findings.points)
  const by = [...new Set(points.map((p) => stampedBy(p.instrument.stamps)))].join('; ')
  const measured = points.some((p) => p.instrument.canary !== null)
  return measured
    ? html`<p class="lead">Answers were ${by}. Beside the load, the same code read a few local streams whose true times are known: how far their stamps were off is the instrument’s own error.</p>`
    : html`<p class="lead">Answers were ${by}. The error of the stamps was not measured: no canary stream ran.</p>`
}

const errorTable = (results: readonly ReportResult[]): Table => ({
  caption: 'Error of our own stamps, of the worst worker; bias is positive where we stamp late',
  columns: [
    text('point'),
    ...figures('canary events', 'stamp p50', 'stamp p99', 'stamp max', 'TTFT p99', 'gap p99', 'bias'),
    text('stamped by'),
  ],
  rows: rowsOf(results, ({ instrument: { canary, stamps } }) => [
    measured(canary?.events, whole),
    measured(canary?.stampMs.p50, ms),
    measured(canary?.stampMs.p99, ms),
    measured(canary?.stampMs.max, ms),
    measured(canary?.ttftMs?.p99, ms),
    measured(canary?.gapMs?.p99, ms),
    measured(canary?.stampBiasMs, ms),
    { show: stamps },
  ]),
})

const measured = (value: number | null | undefined, show: (v: number | null | undefined) => string) =>
  fig(value, (v) => (v === null || v === undefined ? NOT_MEASURED : show(v)))

const tokenTable = (results: readonly ReportResult[]): Table => ({
  caption: 'Tokens',
  columns: [
    text('point'),
    ...figures(
      'input error, mean',
      'largest',
      'exact output',
      'our output tokens',
      'engine’s counter',
      'cached input',
      'chunks sharing a read',
      'bunched by us',
    ),
    text('counted by'),
  ],
  rows: rowsOf(results, ({ tokens: t }) => [
    fig(t.inputErrorMean, percent),
    fig(t.inputErrorMax, percent),
    fig(t.outputExactShare, percent),
    fig(t.clientOutputTokens, whole),
    fig(t.serverOutputTokens, (v) => (v === null || v === undefined ? 'not observed' : whole(v))),
    fig(t.cachedShare, percent),
    fig(t.coalescedShare, percent),
    fig(t.lateCoalescedShare, percent),
    { show: Object.keys(t.sources).toSorted().join(', ') },
  ]),
})

const instrumentTable = (results: readonly ReportResult[]): Table => ({
  caption: 'Lateness of sending, delay of the event loop, load of the client and of its machine',
  columns: [
    text('point'),
    ...figures(
      'lateness p99',
      'loop delay p99',
      'loop delay max',
      'GC pause max',
      'CPU max',
      'wait for a core',
      'steal',
      'CPU pressure',
      'throttled',
      'new connections',
      'workers',
      'scrape p99',
    ),
  ],
  rows: rowsOf(results, ({ instrument: i, server }) => [
    fig(i.latenessP99Ms, ms),
    fig(i.loopDelayP99Ms, ms),
    fig(i.loopDelayMaxMs, ms),
    measured(i.gcMaxMs, ms),
    fig(i.cpuShareMax, percent),
    measured(i.coreWaitShareMax, percent),
    measured(i.stealShareMax, percent),
    measured(i.cpuPressureShareMax, percent),
    measured(i.throttledMs, ms),
    fig(i.newConnections, whole),
    fig(i.workers, whole),
    fig(server?.scrapeP99Ms, ms),
  ]),
})

const windowTable = (results: readonly ReportResult[]): Table => ({
  caption: 'Window per point, in seconds since the run’s zero',
  columns: [
    text('point'),
    ...figures('from', 'to', 'requests', 'warm-up', 'transient', 'drain'),
    text('steady'),
    text('note'),
  ],
  rows: rowsOf(results, ({ window: w }) => [
    fig(w.fromS, num),
    fig(w.toS, num),
    fig(w.requests, whole),
    fig(w.excludedWarmup, whole),
    fig(w.excludedTransient, whole),
    fig(w.excludedDrain, whole),
    { show: w.steady ? 'yes' : 'no' },
    { show: html`<span class="wrap">${w.note}</span>` },
  ]),
})
