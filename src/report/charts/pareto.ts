import { bounded, num } from '../format.js'
import { type ReportResult, type Series, seriesOf } from '../input.js'
import type { Spec } from '../render-svg.js'
import { colour, look } from '../theme.js'
import { makeFrame } from './frame.js'
import { stack } from './panel.js'
import { zeroBased } from './scale.js'
import type { Line, Panel } from './types.js'

/**
 * What one user gets against what all get together, a point per load: the way up and to the right is better. The line
 * joins the points in order of load, so the curve turns back where more load helps nobody.
 */
export function paretoChart(results: readonly ReportResult[], narrow: boolean): Spec {
  const series = seriesOf(results)
  const lines = series.map((s) => lineOf(s, series.length === 1))
  const rows = lines.flatMap((l) => l.rows)
  const x = zeroBased(rows.map((r) => r.x))
  const y = zeroBased(rows.map((r) => r.y))
  const frame = makeFrame(narrow, x, 'tokens/s of one stream (median)', 1)
  const panel: Panel = {
    title: 'Output tokens/s, all streams',
    subtitle: '',
    y,
    lines: lines.map((l) => ({ ...l, label: '' })),
    height: narrow ? 230 : 320,
    missing: rows.length > 0 ? null : 'not observed',
    texts: series.flatMap((s) => textsOf(s, series.length === 1)),
  }
  return stack([panel], frame)
}

const speedOf = (p: Series['points'][number]): number | null =>
  p.point.metrics.perStreamTokensPerS.p50?.value ?? null

function lineOf(series: Series, single: boolean): Line {
  const rows = series.points.flatMap((p) => {
    const x = speedOf(p)
    const y = p.point.throughput.outputTokensPerS
    const name = single ? '' : `${series.label}, `
    const open = bounded(p.point.metrics.perStreamTokensPerS.p50) === null
    return x === null
      ? []
      : [{ x, y, open, say: `${name}load ${num(p.x)}: ${num(x)} tokens/s per stream, ${num(y)} in all` }]
  })
  return { label: series.label, ...look(series.slot), rows }
}

/** The load beside every point; the series' name beside its busiest one. */
function textsOf(series: Series, single: boolean): NonNullable<Panel['texts']> {
  const best = Math.max(...series.points.map((p) => p.point.throughput.outputTokensPerS))
  return series.points.flatMap((p) => {
    const x = speedOf(p)
    const y = p.point.throughput.outputTokensPerS
    const name = !single && y === best ? `${series.label} · ` : ''
    return x === null
      ? []
      : [{ x, y, label: `${name}${num(p.x)}`, colour: single ? colour('ink-2') : look(series.slot).colour }]
  })
}
