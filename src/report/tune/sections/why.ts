import type { TuneDiagnosis } from '../../../record/index.js'
import { percent, sentence } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { settingName, type TuneView } from '../view.js'
import { causeName, knobWords } from '../words.js'

/** What limits the default, which knobs can do something about it, and what limits the best. */
export function whySection(view: TuneView): Html {
  const { diagnosis, result } = view.tune
  if (diagnosis === null && !result?.limitedBy) return nothing
  return html`<section id="why"><h2>Why</h2><div class="two">${diagnosis && ofDefault(diagnosis)}<div>${diagnosis && knobsOf(view, diagnosis)}${ofBest(view)}</div></div></section>`
}

const ofDefault = (d: TuneDiagnosis): Html => html`<div><h4>The default: ${causeName(d.cause)}</h4>
<p>${sentence(d.sentence)}</p>
<ul class="ev">${d.evidence.map((e) => html`<li class="${e.supports ? 'good' : 'warn'}" data-sign="${e.supports ? '+' : '−'}">${!e.supports && html`<span class="tone">against: </span>`}${sentence(e.text)}</li>`)}</ul>
${d.evidence.length > 0 && html`<p class="lead">${percent(d.strength)} of the evidence looked for was seen.${d.runnerUp && ` Second candidate: ${causeName(d.runnerUp.cause)}, ${percent(d.runnerUp.strength)}.`}</p>`}</div>`

const knobsOf = ({ tune, started }: TuneView, { knobs }: TuneDiagnosis): Html =>
  html`<h4>What the knobs can do</h4><ul class="ev">${knobs.map(
    ({ name, helps, why }) =>
      html`<li class="${helps ? 'good' : 'calm'}" data-sign="${helps ? '+' : '○'}"><b>${knobWords(tune, name)}</b>: ${why}; ${new Set(started.map((s) => s.values[name])).size > 1 ? 'varied' : 'not varied'}</li>`,
  )}</ul>`

function ofBest({ tune, best }: TuneView): Html {
  const now = tune.result?.limitedBy
  if (!now || (best?.isDefault && now.cause === tune.diagnosis?.cause)) return nothing
  return html`<h4>With ${best ? settingName(tune, best) : 'the best'}: ${causeName(now.cause)}</h4><p>${sentence(now.sentence)}</p>`
}
