import type { TuneResult, TuneSetting } from '../../../record/index.js'
import { ABSENT, inUnit, num, percent, plural, sentence } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { loadUnit, rowName, settingName, type TuneView } from '../view.js'
import {
  causeName,
  change,
  changeRange,
  duration,
  estimate,
  loadText,
  stopWords,
  verdictOf,
} from '../words.js'

/** What to set, what it brings, what it holds, and what to paste. */
export function answerSection(view: TuneView): Html {
  const { tune } = view
  const { result } = tune
  return html`<section id="answer"><p class="verdict">${verdictOf(view)}</p>
${result === null ? unfinished(view) : html`<p class="sub">${sentence(result.text.replace(REPEATED, ''))}</p>${limitedBy(view, result)}`}${reservation(view)}
<dl class="tiles">${tilesOf(view).map(([name, value, note]) => html`<div><dt>${name}</dt><dd>${value}<small>${note}</small></dd></div>`)}</dl>
${result?.paste && paste(result.paste, result.answer === 'change' ? 'To paste' : 'To try it all the same')}</section>`
}

/** The headline says it already. */
const REPEATED = /^(?:Leave it as it is|Set [^:]+): /

/** Beside the answer: a box further down may not be read. */
function reservation({ runs }: TuneView): Html {
  const bad = Object.values(runs).filter((run) => run.validity.verdict === 'INVALID').length
  return bad === 0
    ? nothing
    : html`<p class="sub bad"><b class="tone">Not to be relied on:</b> ${plural(bad, 'run')} behind it ${bad === 1 ? 'is' : 'are'} invalid.</p>`
}

function limitedBy({ tune, best }: TuneView, { limitedBy, answer }: TuneResult): Html {
  if (limitedBy === null) return nothing
  const other = best === null || best.isDefault ? 'it' : settingName(tune, best)
  const which = answer === 'change' ? 'What limits it now' : `What limits ${other}`
  return html`<p class="sub"><b>${which}:</b> ${sentence(limitedBy.sentence === '' ? causeName(limitedBy.cause) : limitedBy.sentence)}</p>`
}

function unfinished(view: TuneView): Html {
  const { tune, best } = view
  const so =
    best === null
      ? 'Nothing that was measured so far holds the objectives.'
      : `So far ${settingName(tune, best)} leads${best.value ? ` with ${estimate(best.value, tune.goal.unit)}` : ''}, without proof: no confirmation was measured.`
  return html`<p class="sub">${stopWords(tune)} ${so}</p>`
}

type Tile = readonly [name: string, value: string | Html, note: string]

function tilesOf(view: TuneView): readonly Tile[] {
  const { tune } = view
  const failed = tune.settings.flatMap((s) => s.starts.filter((start) => start.kind === 'failed')).length
  return [
    ...gainTile(view),
    ...holdsTile(view),
    ...defaultTile(view),
    [
      'Engine time',
      duration(tune.engineS),
      `${plural(view.started.length, 'setting')}, ${plural(tune.trials.length, 'trial')}${failed > 0 ? `, ${plural(failed, 'failed start')}` : ''}`,
    ],
  ]
}

function gainTile({ tune }: TuneView): readonly Tile[] {
  const confirmation = tune.result?.confirmation
  if (!confirmation) return []
  const { ratio, pairs, at } = confirmation
  const where = at === 'own-load' ? 'each at the load it holds' : 'both at the same load'
  const note = ratio ? `95 % interval ${changeRange(ratio)}; ` : ''
  return [
    ['Against the default', change(ratio?.value ?? null), `${note}${plural(pairs.length, 'pair')}, ${where}`],
  ]
}

function holdsTile({ tune, best }: TuneView): readonly Tile[] {
  const holds = tune.result?.holds
  if (!holds) return []
  const { load, failsAt } = holds
  const value = html`${num(load.value)} <span>${loadUnit(load.kind)}</span>`
  if (tune.goal.kind === 'p99') return [['Measured at', value, 'the rate that was asked for']]
  const isOther = best !== null && !best.isDefault && tune.result?.answer !== 'change'
  const margin = failsAt === null ? null : failsAt / load.value - 1
  const fails =
    margin === null
      ? 'no higher load was shown to fail'
      : `shown to fail at ${num(failsAt)}, ${percent(Number(margin.toPrecision(2)))} above`
  return [
    [isOther ? `${rowName(tune, best)} holds` : 'Holds', value, `${passWords(best, load.value)}; ${fails}`],
  ]
}

function passWords(setting: TuneSetting | null, load: number): string {
  const pass = setting?.held?.pass ?? null
  if (pass === null) return 'as far as was seen: no load could be shown to pass'
  return pass >= load ? 'shown to pass' : `shown to pass at ${num(pass)}`
}

function defaultTile({ tune, standard, best }: TuneView): readonly Tile[] {
  const held = standard?.held
  if (!held || standard.id === best?.id) return []
  if (held.holds === null) return [['The default holds', 'no load', 'that was tried']]
  const value = html`${num(held.holds)} <span>${loadUnit(held.load)}</span>`
  const note = standard.value
    ? `${inUnit(standard.value.value, tune.goal.unit)}; ${shown(held.pass, held.fail)}`
    : shown(held.pass, held.fail)
  return [['The default holds', value, note]]
}

const shown = (pass: number | null, fail: number | null): string =>
  `shown to pass ${pass === null ? ABSENT : num(pass)}, to fail ${fail === null ? ABSENT : num(fail)}`

/** Flags first: they fit every way of starting an engine. */
const paste = ({ flags, compose, helm }: NonNullable<TuneResult['paste']>, title: string): Html =>
  html`<h3>${title}</h3>${snippet(flags)}
<div class="two">${[
    ['Docker Compose', compose],
    ['Helm values', helm],
  ].map(([name, text]) => (text ? html`<div><h4>${name}</h4>${snippet(text)}</div>` : nothing))}</div>`

const snippet = (text: string): Html => html`<pre><code data-copy>${text.replace(/\n+$/, '')}</code></pre>`

/** What the answer leaves open beside the loads: for the page's description. */
export const descriptionOf = (view: TuneView): string => {
  const holds = view.tune.result?.holds
  return `${verdictOf(view)}${holds ? ` It holds ${loadText(holds.load)}.` : ''}`
}
