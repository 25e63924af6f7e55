import type { TuneTrial } from '../../../record/index.js'
import { figure } from '../../figure.js'
import { num, percent, sentence } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { fig, figures, type Table, text } from '../../table.js'
import { type Course, engineCourseChart } from '../charts/course.js'
import { comparedOf, engineChart, GAUGES } from '../charts/engine.js'
import { loadKind, loadUnit, looksOf, rowName, type TuneView } from '../view.js'
import { loadText } from '../words.js'

/** KV cache, preemptions and queue: over the load for every setting, and over time for best and default. */
export async function engineSection(view: TuneView): Promise<Html> {
  const parts = [await byLoad(view), await overTime(view)]
  return parts.every((p) => p.text === '')
    ? nothing
    : html`<section id="engine"><h2>Inside the engine</h2>${parts}</section>`
}

async function byLoad(view: TuneView): Promise<Html> {
  const looks = comparedOf(view).flatMap((s) => looksOf(view, s))
  if (looks.every((look) => GAUGES.every((g) => g.read(look) === null))) return nothing
  return figure({
    id: 'engine-by-load',
    title: 'Cache, preemptions and queue by load',
    summary: summaryOf(view),
    spec: (narrow) => engineChart(view, narrow),
    data: loadTable(view),
  })
}

/** What best and default differ in at the load where the best was most pressed while it held. */
function summaryOf(view: TuneView): string {
  const said = [view.standard, view.best].flatMap((setting) => {
    const held = setting && looksOf(view, setting).findLast((l) => l.load <= (setting.held?.holds ?? 0))
    if (!setting || !held) return []
    const { kvUsageMax, runningMax } = held.trial.figures
    const parts = [
      ...(kvUsageMax === null ? [] : [`KV cache up to ${percent(kvUsageMax)}`]),
      ...(runningMax === null ? [] : [`up to ${num(runningMax)} running`]),
    ]
    if (parts.length === 0) return []
    return [
      `${rowName(view.tune, setting)} at the load it holds, ${loadText(held.trial.load)}: ${parts.join(', ')}`,
    ]
  })
  const unique = [...new Set(said)]
  return unique.length === 0
    ? 'As the engine’s own metrics told, a line a setting.'
    : unique.map(sentence).join(' ')
}

const loadTable = (view: TuneView): Table => ({
  caption: 'What the engine told, by setting and load; of the longest trial there',
  columns: [text('setting'), ...figures(loadUnit(loadKind(view.tune)), ...GAUGES.map((g) => g.title))],
  rows: comparedOf(view).flatMap((setting) =>
    looksOf(view, setting).map((look) => [
      rowName(view.tune, setting),
      fig(look.load, num),
      ...GAUGES.map((g) => fig(g.read(look), g.show)),
    ]),
  ),
})

async function overTime(view: TuneView): Promise<Html> {
  const drawn = coursesOf(view)
  const told = drawn.some(({ timeline }) =>
    timeline.bins.some((b) => b.kvUsage !== null || b.running !== null),
  )
  if (!told) return nothing
  return figure({
    id: 'engine-over-time',
    title: drawn.length > 1 ? 'Default and best over time' : 'Over time',
    summary: `${sentence(drawn.map(({ label, at }) => `${label} at ${at}`).join('; '))} Warm-up and drain are drawn, and left out of every figure.`,
    spec: (narrow) => engineCourseChart(drawn, narrow),
    data: drawn.map(
      (course): Table => ({
        caption: `${course.label} at ${course.at}, bins of ${num(course.timeline.binS)} s`,
        columns: figures('s', 'KV cache', 'preemptions/s', 'running', 'waiting'),
        rows: course.timeline.bins.map((b) => [
          fig(b.atS, num),
          fig(b.kvUsage, percent),
          fig(b.preemptionsPerS, num),
          fig(b.running, num),
          fig(b.waiting, num),
        ]),
      }),
    ),
  })
}

interface At extends Course {
  readonly at: string
}

/** Of best and default the run with most requests among those that were read; a confirmation before others. */
function coursesOf({ tune, runs, best, standard }: TuneView): readonly At[] {
  const weight = (t: TuneTrial): number => (t.purpose === 'confirm' ? 1e9 : 0) + t.planned
  const [last] = tune.trials
    .filter((t) => t.setting === best?.id && runs[t.id])
    .toSorted((a, b) => weight(b) - weight(a))
  return [standard, best].flatMap((setting, slot): readonly At[] => {
    if (setting === null || (slot === 0 && setting.id === best?.id)) return []
    const near = (t: TuneTrial): number =>
      Math.abs(Math.log(t.load.value / (last?.load.value ?? t.load.value)))
    const [trial] = tune.trials
      .filter((t) => t.setting === setting.id && runs[t.id])
      .toSorted((a, b) => near(a) - near(b) || weight(b) - weight(a))
    const run = trial && runs[trial.id]
    return run
      ? [{ label: rowName(tune, setting), slot: 1 - slot, timeline: run.timeline, at: loadText(trial.load) }]
      : []
  })
}
