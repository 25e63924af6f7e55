import { whole } from '../format.js'
import type { Spec } from '../render-svg.js'
import { colour } from '../theme.js'
import { makeFrame } from './frame.js'
import { loadScale } from './scale.js'

export interface FailureCount {
  readonly code: string
  readonly count: number
}

/** Bars from zero, most frequent first, each with its count. */
export function failureChart(failures: readonly FailureCount[], narrow: boolean): Spec {
  const frame = makeFrame(narrow, loadScale([1]), '', 8)
  const values = failures.map((f) => ({
    code: f.code,
    count: f.count,
    t: whole(f.count),
    say: `${f.code}: ${whole(f.count)}`,
  }))
  const most = Math.max(1, ...failures.map((f) => f.count))
  const y = {
    field: 'code',
    type: 'nominal',
    sort: null,
    axis: {
      title: null,
      domain: false,
      ticks: false,
      labelLimit: 180,
      minExtent: 120,
      maxExtent: 120,
      aria: false,
    },
  }
  const x = { field: 'count', type: 'quantitative', scale: { domain: [0, most], nice: false }, axis: null }
  return {
    usermeta: { right: frame.width - 90 + 50 },
    width: frame.width - 90,
    height: failures.length * 28,
    data: { values },
    layer: [
      {
        mark: { type: 'bar', color: colour('c2'), height: 16 },
        encoding: { x, y, description: { field: 'say', type: 'nominal' } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 6, fill: colour('ink'), aria: false },
        encoding: { x, y, text: { field: 't', type: 'nominal' } },
      },
    ],
  }
}
