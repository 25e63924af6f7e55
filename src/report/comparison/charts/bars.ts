import { distinct, lanesOf } from '../../charts/lanes.js'
import { zeroBased } from '../../charts/scale.js'
import { percent } from '../../format.js'
import type { Spec } from '../../render-svg.js'
import { colour, look } from '../../theme.js'

/** A share of requests of one side, with its interval where it has one. */
export interface ShareRow {
  readonly lane: string
  readonly slot: number
  readonly share: number
  readonly low: number | null
  readonly high: number | null
  readonly say: string
}

const SHARE_LABELS = "format(datum.value * 100, '~g') + ' %'"

/** A bar a row, from zero; the interval as a line through it. In the order given. */
export function shareChart(rows: readonly ShareRow[], narrow: boolean): Spec {
  const names = distinct(
    rows.map(({ lane }) => lane),
    narrow,
  )
  const lanes = lanesOf(names, narrow, null, { height: 22, right: 52 })
  const x = zeroBased(
    rows.flatMap(({ share, high }) => [share, high]),
    SHARE_LABELS,
    0.001,
  )
  const values = rows.map((row, i) => ({
    lane: lanes.show(names[i] ?? row.lane),
    v: row.share,
    low: row.low,
    high: row.high,
    hue: look(row.slot).colour,
    t: percent(row.share),
    say: row.say,
  }))
  const axis = {
    field: 'v',
    type: 'quantitative',
    scale: { domain: x.domain, nice: false, zero: false },
    axis: { values: x.ticks, labelExpr: x.labels, title: 'share of requests', aria: false },
  }
  const hue = { field: 'hue', type: 'nominal', scale: null }
  const bounded = values.filter(({ low, high }) => low !== null && high !== null)
  return {
    usermeta: { right: lanes.width + 52 },
    width: lanes.width,
    height: lanes.height,
    data: { values },
    layer: [
      {
        mark: { type: 'bar', height: 9, opacity: 0.85 },
        encoding: { x: axis, y: lanes.y, fill: hue, description: { field: 'say', type: 'nominal' } },
      },
      {
        data: { values: bounded },
        mark: { type: 'rule', color: colour('ink'), strokeWidth: 1.4, aria: false },
        encoding: { x: { ...axis, field: 'low' }, x2: { field: 'high' }, y: lanes.y },
      },
      {
        mark: { type: 'text', align: 'left', fill: colour('ink-2'), aria: false },
        encoding: { x: { value: lanes.width + 6 }, y: lanes.y, text: { field: 't', type: 'nominal' } },
      },
    ],
  }
}
