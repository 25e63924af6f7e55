import { formatNumber } from '../../base/index.js'
import { matching, type WholeRun } from '../ours.js'
import { table, wrapped } from '../text.js'
import type { Imported, ImportedMetric, ImportedPoint, ImportedStats, Match } from './imported.js'

const WIDTH = 110
const MARK: Readonly<Record<Match, string>> = { equal: '=', differs: '~', 'not-comparable': 'x' }
const ABSENT = '–'

/** For a terminal: their figures, ours beside them where a result is given, and what stands between the two. */
export function renderImported(imported: Imported, beside: readonly WholeRun[] = []): string {
  const { tool, source, model, points, defects } = imported
  const head = [tool.name, tool.version].filter((word) => word !== null).join(' ')
  return [
    `${head}: ${source}${model === null ? '' : `, model ${model}`}`,
    ...points.flatMap((point) => pointText(point, matching(beside, point), beside.length > 0)),
    '',
    `= the same definition   ~ measured another way   x not comparable`,
    ...(beside.length > 0
      ? wrapped(
          'falloff’s figures here are over all measured requests, ramp and drain included, as theirs are; its own report judges a window.',
          '',
          WIDTH,
        )
      : []),
    '',
    'Known of this tool and this file',
    ...defects.flatMap((text) => wrapped(text, '  - ', WIDTH)),
    '',
  ].join('\n')
}

function pointText(point: ImportedPoint, run: WholeRun | undefined, wanted: boolean): readonly string[] {
  const { label, completed, failed, durationS, metrics } = point
  const lasted = durationS === null ? '' : ` in ${formatNumber(durationS)} s`
  const against = run !== undefined ? `; beside ${run.run} (${run.point}), ${run.completed} completed` : ''
  const missing = wanted && run === undefined ? '; no run of that load to set beside' : ''
  return [
    '',
    `${label}: ${completed} completed, ${failed} failed${lasted}${against}${missing}`,
    '',
    run === undefined ? alone(metrics) : compared(metrics, run),
    '',
    ...notesOf(metrics),
  ]
}

const name = (m: ImportedMetric): string => `${MARK[m.match]} ${m.theirs}, ${m.unit}`

const alone = (metrics: readonly ImportedMetric[]): string =>
  table(
    ['', 'falloff’s name', 'mean', 'p50', 'p90', 'p95', 'p99'],
    metrics.map((m) => [name(m), m.ours ?? ABSENT, ...[m.mean, m.p50, m.p90, m.p95, m.p99].map(figure)]),
  )

/** Mean, median and p99 of both; what cannot be compared has no neighbour. */
const compared = (metrics: readonly ImportedMetric[], run: WholeRun): string =>
  table(
    ['', 'falloff’s name', 'mean', 'ours', 'p50', 'ours', 'p99', 'ours', 'theirs / ours'],
    metrics.map((m) => {
      const ours = m.ours === null || m.match === 'not-comparable' ? undefined : run.figures[m.ours]
      return [
        name(m),
        m.ours ?? ABSENT,
        ...(['mean', 'p50', 'p99'] as const).flatMap((key) => [figure(m[key]), figure(ours?.[key])]),
        ratio(m, ours),
      ]
    }),
  )

/** Of the means. */
function ratio(theirs: ImportedStats, ours: ImportedStats | undefined): string {
  if (ours === undefined || theirs.mean === null || ours.mean === null || ours.mean === 0) return ABSENT
  return (theirs.mean / ours.mean).toFixed(3)
}

const notesOf = (metrics: readonly ImportedMetric[]): readonly string[] =>
  metrics
    .filter((m) => m.note !== '')
    .flatMap((m) => wrapped(m.note, `  ${MARK[m.match]} ${m.theirs}: `, WIDTH))

const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? ABSENT : formatNumber(value)
