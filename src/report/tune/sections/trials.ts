import type { TuneSetting, TuneTrial } from '../../../record/index.js'
import { ABSENT, ms, num, percent, sentence, whole } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { type Cell, fig, figures, type Table, table, text } from '../../table.js'
import { knobTitle, loadUnit, rowName, rowOf, settingName, type TuneView } from '../view.js'
import { duration, estimate, loadText, SIGNS } from '../words.js'

/** Everything that was tried: settings, starts that failed, confirmation, trials. */
export function trialsSection(view: TuneView): Html {
  const { tune } = view
  if (tune.settings.length === 0) return nothing
  const fresh = tune.settings.length - view.started.length
  return html`<section id="trials"><h2>What was tried</h2>${failedStarts(view)}
<h4>Settings</h4>${table(settingTable(view))}${fresh > 0 && html`<p class="lead">${fresh === 1 ? 'One more setting was' : `${whole(fresh)} more settings were`} thought of and not started.</p>`}
${pairTable(view)}${tune.trials.length > 0 && html`<h4>Trials</h4>${table(trialTable(view))}`}${checks(view)}</section>`
}

function failedStarts({ tune, started }: TuneView): Html {
  const failed = started.flatMap((setting) =>
    setting.starts.flatMap((start) => (start.kind === 'failed' ? [{ setting, start }] : [])),
  )
  if (failed.length === 0) return nothing
  return html`<div class="box bad"><h3>Starts that failed</h3><ul>${failed.map(
    ({ setting, start }) =>
      html`<li><b>${settingName(tune, setting)}</b>: ${start.cause}, after ${duration(start.seconds)}. ${sentence(start.message)}${start.hint !== undefined && html`<pre>${start.hint}</pre>`}</li>`,
  )}</ul></div>`
}

const settingTable = (view: TuneView): Table => ({
  caption: `The load that each holds, and what it comes to in ${view.tune.goal.unit}`,
  columns: [
    text(knobTitle(view.tune)),
    ...figures('holds', 'shown to pass', 'shown to fail', 'value'),
    text('what became of it'),
  ],
  rows: view.started.map((setting) => [
    rowName(view.tune, setting),
    fig(setting.held?.holds, num),
    fig(setting.held?.pass, num),
    fig(setting.held?.fail, num),
    { show: estimate(setting.value, ''), raw: setting.value?.value },
    fate(view, setting),
  ]),
})

function fate({ tune, best }: TuneView, setting: TuneSetting): Cell {
  const words =
    setting.id === best?.id
      ? tune.result === null
        ? 'leads so far'
        : 'the best'
      : setting.out
        ? `out in round ${setting.out.round}: ${setting.out.text}`
        : setting.isDefault
          ? 'what all are held against'
          : ABSENT
  return { show: html`<span class="wrap">${words}</span>`, raw: words }
}

function pairTable({ tune }: TuneView): Html {
  const confirmation = tune.result?.confirmation
  if (!confirmation || confirmation.pairs.length === 0) return nothing
  const { defaultLoad, bestLoad, pairs } = confirmation
  return html`<h4>Confirmation</h4>${table({
    caption: `In ${tune.goal.unit}: the default at ${loadText(defaultLoad)}, the best at ${loadText(bestLoad)}, in turns`,
    columns: [text('pair'), ...figures('default', 'best', 'best over default'), text('first')],
    rows: pairs.map((pair, i) => [
      `${i + 1}: ${pair.defaultTrial}, ${pair.bestTrial}`,
      fig(pair.defaultValue, num),
      fig(pair.bestValue, num),
      fig(pair.defaultValue > 0 ? pair.bestValue / pair.defaultValue : null, num),
      pair.first,
    ]),
  })}`
}

const trialTable = (view: TuneView): Table => ({
  caption: 'Trials in the order of measuring',
  columns: [
    text('trial'),
    text('setting'),
    ...figures(view.tune.trials[0] ? loadUnit(view.tune.trials[0].load.kind) : 'load'),
    text('for'),
    text('verdict'),
    ...figures('judged', 'good/s', 'good', 'tokens/s', 'TTFT p50', 'TTFT p99', 'gap p99', 'TPOT p99'),
    ...figures('KV cache', 'preemptions', 'took'),
    text('run'),
  ],
  rows: view.tune.trials.map((t) => trialRow(view, t)),
})

function trialRow({ tune }: TuneView, t: TuneTrial): readonly (Cell | string)[] {
  const { figures: f } = t
  const [sign, tone, words] = SIGNS[t.verdict]
  const beside = `${t.rising ? ', piles up' : ''}${disturbance(t)}`
  return [
    t.id,
    rowOf(tune, t.setting),
    fig(t.load.value, num),
    t.purpose,
    {
      show: html`<span class="${tone}"><b class="tone">${sign}</b></span> ${words}${beside}`,
      raw: `${t.verdict}${beside}`,
    },
    fig(t.judged, whole),
    fig(f.goodputPerS, num),
    fig(f.goodShare, percent),
    fig(f.outputTokensPerS, num),
    fig(f.ttftP50Ms, ms),
    fig(f.ttftP99Ms, ms),
    fig(f.gapP99Ms, ms),
    fig(f.tpotP99Ms, ms),
    fig(f.kvUsageMax, percent),
    fig(f.preemptions, whole),
    fig(t.seconds, duration),
    t.run === null ? ABSENT : { show: html`<code>${t.run}</code>`, raw: t.run },
  ]
}

/** What the machine did to it. */
const disturbance = ({ disturbed, madeAgain }: TuneTrial): string =>
  disturbed !== undefined
    ? `, disturbed: ${disturbed.join(', ')}`
    : madeAgain !== undefined
      ? `, made again after ${madeAgain.join(', ')}`
      : ''

/** On what each verdict rests. */
function checks({ tune }: TuneView): Html {
  const rows = tune.trials.flatMap((t) => t.checks.map((check) => ({ t, check })))
  if (rows.length === 0) return nothing
  return html`<details class="data"><summary>How each trial was judged</summary>${table({
    caption: `Share of values that missed an objective, with bounds; ${percent(tune.level)} is the chance of a wrong decision at one load, at most. A verdict pools all trials of a setting at one load; a row here is one trial alone`,
    columns: [
      text('trial'),
      text('setting'),
      text('load'),
      text('objective'),
      ...figures('values', 'missed', 'may miss', 'missed at least', 'missed at most', 'values worth one'),
      text('alone'),
    ],
    rows: rows.map(({ t, check: c }) => [
      t.id,
      rowOf(tune, t.setting),
      loadText(t.load),
      c.objective,
      fig(c.n, whole),
      fig(c.missed, whole),
      fig(c.allowed, percent),
      fig(c.low, percent),
      fig(c.high, percent),
      fig(c.designEffect, num),
      SIGNS[c.verdict][2],
    ]),
  })}</details>`
}
