import { figure } from '../../figure.js'
import { num } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { figures, type Table, text } from '../../table.js'
import { mapOf, tuneMapChart } from '../charts/map.js'
import { knobTitle, loadKind, loadUnit, looksOf, rowName, type TuneView } from '../view.js'
import { verdictWords } from '../words.js'

/** Goodput of every setting at every load that was tried. */
export async function mapSection(view: TuneView): Promise<Html> {
  const { cells, failed } = mapOf(view, false)
  if (cells.length + failed.length === 0) return nothing
  const chart = await figure({
    id: 'map',
    title: 'Good requests per second',
    summary: summaryOf(view),
    spec: (narrow) => tuneMapChart(view, narrow),
    data: mapTable(view),
  })
  return html`<section id="map-section"><h2>Settings and load</h2>${chart}</section>`
}

function summaryOf(view: TuneView): string {
  const { tune, started } = view
  const all = started.flatMap((setting) => looksOf(view, setting).map((look) => ({ setting, look })))
  const passed = all.filter(({ look }) => look.verdict === 'pass')
  const held = all.filter(({ look }) => look.verdict === 'undecided' && look.leans)
  const [top] = (passed.length > 0 ? passed : held).toSorted(
    (a, b) => b.look.trial.figures.goodputPerS - a.look.trial.figures.goodputPerS,
  )
  const most = top
    ? `Most goodput that ${passed.length > 0 ? 'was shown to pass' : 'held, as far as was seen'}: ${num(top.look.trial.figures.goodputPerS)} requests/s with ${rowName(tune, top.setting)} at ${num(top.look.load)}.`
    : 'No load held.'
  return `${knobTitle(tune).replace(/^setting$/, 'Settings')} down, ${loadUnit(loadKind(tune))} across; a deeper shade is more goodput. ✓ shown to pass, ✗ shown to fail, in brackets as far as was seen, not shown; ? beside another sign: undecided. Close loads share a column. ${most}`
}

const mapTable = (view: TuneView): Table => ({
  caption: 'Every setting at every load, all trials there together',
  columns: [
    text(knobTitle(view.tune)),
    ...figures(loadUnit(loadKind(view.tune)), 'good requests/s', 'trials'),
    text('verdict'),
  ],
  rows: view.started.flatMap((setting) =>
    looksOf(view, setting).map((look) => [
      rowName(view.tune, setting),
      { show: num(look.load), raw: look.load },
      { show: num(look.trial.figures.goodputPerS), raw: look.trial.figures.goodputPerS },
      { show: num(look.trials), raw: look.trials },
      verdictWords(look),
    ]),
  ),
})
