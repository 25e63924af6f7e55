import { figure } from '../../figure.js'
import { dimensionLabel, inUnit, num } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { figures, type Table, text } from '../../table.js'
import { kneeOf, sweepChart } from '../charts/sweeps.js'
import { type ComparisonView, dimensionIn, loadOf } from '../view.js'

/** Sweeps over the same axes, with the knee of each. */
export async function loadSection(view: ComparisonView): Promise<Html> {
  if (view.findings.design.unit !== 'sweep') return nothing
  const points = view.sides.flatMap(({ runs }) => runs.flatMap((run) => run.points))
  if (points.length === 0) return nothing
  const load = dimensionLabel(dimensionIn(points))
  const knees = view.sides.slice(0, 6).map((side) => {
    const knee = kneeOf(side)
    return `${side.name}: ${knee === null ? 'no knee in the tested range' : `knee at ${num(knee.at)} ${load}`}.`
  })
  return html`<section id="load"><h2>Over load</h2>
<p class="lead">The median over each side’s runs, every run light behind it, the range of the runs as a band. Dashed lines are the knees.</p>
${await figure({
  id: 'sweeps',
  title: view.crowded ? 'Output tokens per second, each side against the base' : 'The sweeps over each other',
  summary: knees.join(' '),
  spec: (narrow) => sweepChart(view, narrow),
  data: sweepTable(view),
})}</section>`
}

const SHOWN: readonly (readonly [key: string, head: string, unit: string])[] = [
  ['outputTokensPerS', 'output tokens/s', ''],
  ['perStreamTokensPerS.p50', 'tokens/s of one stream', ''],
  ['ttft.p50', 'TTFT p50', 'ms'],
  ['ttft.p99', 'TTFT p99', 'ms'],
  ['goodputPerS', 'good requests/s', ''],
]

const sweepTable = ({ sides }: ComparisonView): Table => ({
  caption: 'Every run at every load',
  columns: [text('side'), ...figures('run', 'load', ...SHOWN.map(([, head]) => head))],
  rows: sides.flatMap(({ name, runs }) =>
    runs.flatMap((run, i) =>
      run.points.map((point) => [
        name,
        { show: String(i + 1), raw: i + 1 },
        { show: num(loadOf(point)), raw: loadOf(point) },
        ...SHOWN.map(([key, , unit]) => {
          const value = point.figures[key]?.value
          return { show: value === 'endless' ? 'did not complete' : inUnit(value, unit), raw: value ?? '' }
        }),
      ]),
    ),
  ),
})
