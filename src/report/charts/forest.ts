import { shorten, signedPercent } from '../format.js'
import type { Change } from '../input.js'
import type { Spec } from '../render-svg.js'
import { colour } from '../theme.js'
import { AXIS_ROOM, makeFrame } from './frame.js'
import { loadScale } from './scale.js'

/** Relative changes with their intervals, one row each in the order given, around a line at "no change". */
export function forestChart(changes: readonly Change[], narrow: boolean): Spec {
  const frame = makeFrame(narrow, loadScale([1]), '', 1)
  const room = narrow ? 150 : 190
  const values = changes.map((c) => ({
    name: shorten(`${c.metric} · ${c.at.replace(/[\w.]+=/g, '')}`, narrow ? 24 : 40),
    v: c.relative,
    low: c.low ?? c.relative,
    high: c.high ?? c.relative,
    hue: hueOf(c),
    say: `${c.metric} at ${c.at}: ${signedPercent(c.relative)} (${signedPercent(c.low)} to ${signedPercent(c.high)})`,
  }))
  const bound = Math.max(0.1, ...values.flatMap((v) => [v.low, v.high, v.v]).map(Math.abs)) * 1.05
  const domain = [Math.max(-1, -bound), bound]
  const y = {
    field: 'name',
    type: 'nominal',
    sort: null,
    axis: {
      title: null,
      domain: false,
      ticks: false,
      labelLimit: room * 1.5,
      minExtent: room,
      maxExtent: room,
      aria: false,
    },
  }
  const x = {
    field: 'v',
    type: 'quantitative',
    scale: { domain, nice: false },
    axis: {
      title: 'change against the first result',
      tickCount: narrow ? 3 : 6,
      labelExpr: "format(datum.value, '+.0%')",
      aria: false,
    },
  }
  const hue = { field: 'hue', type: 'nominal', scale: null }
  return {
    usermeta: { right: frame.width + AXIS_ROOM - room },
    width: frame.width + AXIS_ROOM - room,
    height: Math.max(1, values.length) * 22,
    data: { values },
    layer: [
      {
        data: { values: [{ v: 0 }] },
        mark: { type: 'rule', color: colour('ink-2'), strokeDash: [4, 3], aria: false },
        encoding: { x },
      },
      {
        mark: { type: 'rule', strokeWidth: 2.5, aria: false },
        encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y, color: hue },
      },
      {
        mark: { type: 'point', filled: true, size: 60, opacity: 1 },
        encoding: { x, y, color: hue, description: { field: 'say', type: 'nominal' } },
      },
    ],
  }
}

/** Better, worse, or (interval over zero, or no interval) not shown. */
function hueOf(change: Change): string {
  const { low, high, better } = change
  if (low === null || high === null || (low <= 0 && high >= 0)) return colour('c6')
  return low > 0 === (better === 'higher') ? colour('c3') : colour('c2')
}
