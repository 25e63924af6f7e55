import type { TrendSeries } from '../../decide/index.js'
import { type Mark, makeFrame } from '../charts/frame.js'
import { stack } from '../charts/panel.js'
import { MS_LABELS, PERCENT_LABELS, type Scale } from '../charts/scale.js'
import type { Line, Row } from '../charts/types.js'
import { utc } from '../format.js'
import type { Spec } from '../render-svg.js'
import { colour } from '../theme.js'
import { changeText, show } from './words.js'

/** Runs in their order, with the boundary that each was held against, change points and what else changed. */
export function trendChart(series: TrendSeries, narrow: boolean): Spec {
  const { points } = series
  const y = around(series)
  const rows = points.map((point, i) => ({ point, x: i + 1, row: rowOf(series, i) }))
  const beyond = rows.filter(({ point }) => point.stands === 'worse' || point.stands === 'better')
  const lines: Line[] = [
    {
      label: 'boundary',
      colour: colour('c6'),
      dash: [2, 3],
      shape: 'circle',
      thin: true,
      points: false,
      rows: points.map(({ boundary }, i) => ({
        x: i + 1,
        y: boundary?.median ?? null,
        low: boundary?.low ?? null,
        high: boundary?.high ?? null,
        say: '',
      })),
    },
    { label: 'runs', colour: colour('c1'), dash: [], shape: 'circle', rows: rows.map(({ row }) => row) },
    ...beyond.map(({ point, row }) => ({
      label: '',
      colour: colour(point.stands === 'worse' ? 'bad' : 'good'),
      dash: [],
      shape: point.stands === 'worse' ? 'square' : 'diamond',
      rows: [row],
    })),
  ]
  const frame = makeFrame(narrow, order(series, narrow), 'runs, in their order', 'boundary'.length, {
    marks: marksOf(series, narrow),
  })
  return stack([{ title: '', subtitle: '', y, lines, height: narrow ? 200 : 260 }], frame)
}

function rowOf(series: TrendSeries, i: number): Row {
  const { value, run, label, startedAtUtc, valid, stands } = series.points[i] ?? NONE
  const told = [utc(startedAtUtc), label ?? run, show(series, value), valid ? '' : 'INVALID', STANDS[stands]]
  return {
    x: i + 1,
    y: typeof value === 'number' ? value : null,
    open: !valid,
    say: told.filter((word) => word !== '').join(' · '),
  }
}

const NONE: TrendSeries['points'][number] = {
  run: '',
  label: null,
  startedAtUtc: '',
  value: 'endless',
  low: null,
  high: null,
  valid: false,
  boundary: null,
  stands: 'unbounded',
}

const STANDS: Readonly<Record<TrendSeries['points'][number]['stands'], string>> = {
  within: 'within its boundary',
  better: 'beyond its boundary, better',
  worse: 'beyond its boundary, worse',
  moved: 'beyond its boundary',
  unbounded: '',
}

/** More names than these would stand on each other; the newest are kept, the table has all. */
const MOST_NAMED = 4

/** Changes of the figure in the colour of what they mean, of the machine or a version in grey. */
function marksOf(series: TrendSeries, narrow: boolean): readonly Mark[] {
  const { changes, marks } = series
  const changed = changes.map(
    (change): Mark => ({
      ...at(change.at),
      label: changeText(series, change).replace(/,.*/, ''),
      colour: colour(change.direction === 'worse' ? 'bad' : change.direction === 'better' ? 'good' : 'c6'),
    }),
  )
  const other = marks.map(
    (mark): Mark => ({
      ...at(mark.at),
      label: narrow ? '' : mark.text.replace(/:[^;]*/g, ''),
      colour: colour('ink-2'),
    }),
  )
  // What is drawn last lies on top where both stand in one place.
  const all = [...other, ...changed].toSorted((a, b) => b.at - a.at)
  return all.map((mark, i) => (i < MOST_NAMED ? mark : { ...mark, label: '' }))
}

/** Between the run that was the last of the old and the first of the new. */
const at = (index: number) => ({ at: index + 0.5, low: null, high: null })

/** One step for each run, with some days written under it. */
function order({ points }: TrendSeries, narrow: boolean): Scale {
  const n = points.length
  const step = Math.max(1, Math.ceil(n / (narrow ? 3 : 7)))
  const ticks = Array.from({ length: Math.ceil(n / step) }, (_, i) => 1 + i * step)
  const days = ticks.map((x) => /^\d{4}-\d\d-\d\d/.exec(points[x - 1]?.startedAtUtc ?? '')?.[0] ?? '')
  return {
    type: 'linear',
    domain: [0.5, n + 0.5],
    ticks,
    labels: `${JSON.stringify(days)}[(datum.value - 1) / ${step}]`,
  }
}

/** From just below the least to just above the largest: a drift of 5 % is not to be seen on an axis that begins at zero. */
function around({ points, unit, scale }: TrendSeries): Scale {
  const values = points
    .flatMap(({ value, boundary }) => [value, boundary?.low, boundary?.high])
    .filter((v): v is number => typeof v === 'number')
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const [from, to] = values.length === 0 ? [0, 1] : [low, high]
  const pad = Math.max((to - from) * 0.12, Math.abs(to) * 0.01, 1e-9)
  const domain: readonly [number, number] = [from - pad, to + pad]
  const labels =
    scale === 'difference' ? PERCENT_LABELS : unit === 'ms' ? MS_LABELS : "format(datum.value, ',~g')"
  return { type: 'linear', domain, ticks: ticksIn(domain), labels }
}

/** Some four round values. */
function ticksIn([from, to]: readonly [number, number]): readonly number[] {
  const rough = (to - from) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5].find((lead) => rough <= lead * power) ?? 10)
  const first = Math.ceil(from / step)
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  )
}
