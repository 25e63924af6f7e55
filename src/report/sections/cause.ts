import type { CauseFinding } from '../../analyse/index.js'
import { confirmationChart } from '../charts/throughput.js'
import { figure } from '../figure.js'
import { num, percent, sentence } from '../format.js'
import { type Html, html, nothing } from '../html.js'
import type { ReportResult } from '../input.js'
import { fig, figures, type Table, text } from '../table.js'
import { CAUSE_NAMES } from './answer.js'
import { pointName } from './rows.js'

/** Why it falls off: evidence for and against, the runner-up, and what was not to be seen. */
export function causeSection(results: readonly ReportResult[]): Html {
  const named = results.length > 1
  const parts = results.flatMap(({ name, findings: { falloff } }) =>
    falloff
      ? [
          html`${named && html`<h3><bdi>${name}</bdi></h3>`}<div class="two">${causeOf(falloff.cause, 'Cause')}${falloff.runnerUp && causeOf(falloff.runnerUp, 'Runner-up')}</div>
${falloff.knee && html`<p class="lead">Knee by: ${falloff.knee.method}.</p>`}
${falloff.toSettle.length > 0 && html`<h4>What would settle the rest</h4><ul>${falloff.toSettle.map((t) => html`<li>${sentence(t)}</li>`)}</ul>`}`,
        ]
      : [],
  )
  return parts.length === 0 ? nothing : html`<section id="cause"><h2>Why</h2>${parts}</section>`
}

const causeOf = (
  cause: CauseFinding,
  role: string,
): Html => html`<div><h4>${role}: ${CAUSE_NAMES[cause.name]}</h4>
<p>${sentence(cause.sentence)}</p>
<ul class="ev">${cause.evidence.map((e) => html`<li class="${e.supports ? 'good' : 'warn'}" data-sign="${e.supports ? '+' : '−'}">${!e.supports && html`<span class="tone">against: </span>`}${sentence(e.text)}</li>`)}
${cause.notObserved.map((n) => html`<li class="calm" data-sign="○"><span class="tone">not observed: </span>${n}</li>`)}</ul>
<p class="lead">${percent(cause.strength)} of the evidence looked for was seen.</p></div>`

/** What to set, with the sum behind it. */
export function recommendationSection(results: readonly ReportResult[]): Html {
  const parts = results.flatMap(({ name, findings: { falloff } }) => {
    const r = falloff?.recommendation
    return r
      ? [
          html`${results.length > 1 && html`<h3><bdi>${name}</bdi></h3>`}<p><code class="flag" data-copy>${r.flag}</code></p>
<p>${sentence(r.expectedGain)}</p><ol class="sum">${r.arithmetic.map((line) => html`<li>${line}</li>`)}</ol>`,
        ]
      : []
  })
  return parts.length === 0
    ? nothing
    : html`<section id="recommendation"><h2>What to set</h2>${parts}</section>`
}

/** The sweep again with the recommendation applied. */
export async function confirmationSection(results: readonly ReportResult[]): Promise<Html> {
  const parts: Html[] = []
  for (const [i, result] of results.entries()) {
    const { confirmation } = result.findings
    if (!confirmation) continue
    parts.push(
      await figure({
        id: `confirmation-${i + 1}`,
        title: `${results.length > 1 ? `${result.name}: before` : 'Before'} and with ${confirmation.setting} ${num(confirmation.value)}`,
        summary: confirmation.sentence,
        spec: (narrow) => confirmationChart(result, narrow),
        data: confirmationTable(result),
      }),
    )
  }
  return parts.length === 0
    ? nothing
    : html`<section id="confirmation"><h2>Does it hold?</h2>
<p class="lead">The same load on the same engine, with only the recommended setting changed.</p>${parts}</section>`
}

function confirmationTable(result: ReportResult): Table {
  const { points, confirmation } = result.findings
  const row = (when: string) => (p: (typeof points)[number]) => [
    `${when}: ${pointName(p)}`,
    fig(p.throughput.outputTokensPerS, num),
    fig(p.metrics.perStreamTokensPerS.p50?.value, num),
    fig(p.throughput.goodputPerS, num),
    fig(p.server?.preemptionsPerRequest, num),
  ]
  return {
    caption: 'Before and after',
    columns: [
      text('point'),
      ...figures('output tokens/s', 'tokens/s of one stream', 'good requests/s', 'preemptions per request'),
    ],
    rows: [
      ...points.map(row('before')),
      ...(confirmation?.points ?? []).map(row(`${confirmation?.setting} ${num(confirmation?.value)}`)),
    ],
  }
}
