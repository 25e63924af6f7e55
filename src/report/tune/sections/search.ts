import type { TuneRound } from '../../../record/index.js'
import { figure } from '../../figure.js'
import { num, plural, sentence } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { fig, figures, type Table, table, text } from '../../table.js'
import { roundStarts, searchChart } from '../charts/search.js'
import { rowOf, type TuneView } from '../view.js'
import { duration, stopWords } from '../words.js'

/** How the search went: what took how long, in its order. */
export async function searchSection(view: TuneView): Promise<Html> {
  const { tune } = view
  if (view.started.length === 0) return nothing
  const startsS = tune.settings.flatMap((s) => s.starts).reduce((sum, s) => sum + s.seconds, 0)
  const trialsS = tune.trials.reduce((sum, t) => sum + t.seconds, 0)
  const chart = await figure({
    id: 'search-course',
    title: 'The search over engine time',
    summary: `${duration(startsS)} in ${plural(tune.settings.flatMap((s) => s.starts).length, 'start')} (thin bars), ${duration(trialsS)} in ${plural(tune.trials.length, 'trial')}: full ✓ shown to pass, hollow ✗ shown to fail, pale ? undecided. Dashed lines: where a part of the search begins.`,
    spec: (narrow) => searchChart(view, narrow),
    data: eventTable(view),
  })
  return html`<section id="search"><h2>The search</h2><p class="lead">${stopWords(tune)}</p>${chart}
${tune.rounds.length > 0 && table(roundTable(view))}</section>`
}

const PURPOSES: Readonly<Record<TuneRound['purpose'], string>> = {
  diagnosis: 'diagnosis of the default',
  race: 'race',
  neighbours: 'neighbours of the best',
  grid: 'full grid',
}

const roundTable = ({ tune }: TuneView): Table => ({
  caption: 'Rounds',
  columns: [
    text('round'),
    ...figures('requests a trial'),
    ...figures('settings', 'out'),
    text('leader after it'),
    text(''),
  ],
  rows: tune.rounds.map((r) => [
    `${r.index} ${PURPOSES[r.purpose]}`,
    fig(r.requests, num),
    fig(r.settings.length, num),
    fig(r.out.length, num),
    r.leader === null ? 'none' : rowOf(tune, r.leader),
    { show: html`<span class="wrap">${sentence(r.note)}</span>`, raw: r.note },
  ]),
})

interface Happening {
  readonly atS: number
  readonly seconds: number
  readonly setting: string
  readonly what: string
}

function eventTable({ tune }: TuneView): Table {
  const starts = tune.settings.flatMap((s) =>
    s.starts.map(
      (start): Happening => ({
        atS: start.atS,
        seconds: start.seconds,
        setting: s.id,
        what: start.kind === 'started' ? 'start' : `failed start: ${start.cause}`,
      }),
    ),
  )
  const trials = tune.trials.map((t): Happening => ({ ...t, what: `${t.id}, ${t.purpose}: ${t.verdict}` }))
  const parts = roundStarts(tune)
  return {
    caption: 'Starts and trials in their order; engine time only',
    columns: [text('what'), text('setting'), ...figures('from, s', 'took, s'), text('part')],
    rows: [...starts, ...trials]
      .toSorted((a, b) => a.atS - b.atS)
      .map((h) => [
        h.what,
        rowOf(tune, h.setting),
        fig(h.atS, num),
        fig(h.seconds, num),
        parts.findLast((p) => p.atS <= h.atS)?.name ?? '',
      ]),
  }
}
