import type { Lanes } from '../../charts/lanes.js'
import { drawable } from '../../charts/scale.js'
import type { Spec } from '../../render-svg.js'
import { colour } from '../../theme.js'
import { effectText, VERDICTS, value } from '../words.js'
import type { Axis, ForestRow, Geometry, Laned } from './forest-rows.js'

/** The interval as a line, the change as a mark whose shape tells the verdict too. */
export function effectLayers(
  rows: readonly Laned[],
  x: Axis,
  { x: domain, lanes }: Geometry,
): readonly Spec[] {
  const hue = { field: 'hue', type: 'nominal', scale: null }
  const values = rows.flatMap(({ lane, label, nameA, nameB, metric, verdict }) => {
    const { effect, unit } = metric
    const v = drawable(domain, effect?.value)
    if (effect === null || v === null) return []
    const [, tone, word] = VERDICTS[verdict]
    const ink = colour(tone === 'calm' ? 'ink' : tone === 'warn' ? 'ink-2' : tone)
    return [
      {
        lane,
        v,
        low: drawable(domain, effect.low),
        high: drawable(domain, effect.high),
        hue: ink,
        fill: verdict === 'not-shown' || verdict === 'none' ? colour('paper') : ink,
        shape: SHAPES[verdict],
        say: `${label}: ${nameA} ${value(metric.centreA, unit)}, ${nameB} ${value(metric.centreB, unit)}: ${effectText(metric)}, ${word}`,
      },
    ]
  })
  const bounded = values.filter(({ low, high }) => low !== null && high !== null)
  return [
    {
      data: { values: bounded },
      mark: { type: 'rule', strokeWidth: 2.4, aria: false },
      encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y: lanes.y, color: hue },
    },
    {
      data: { values },
      mark: { type: 'point', size: 74, opacity: 1, strokeWidth: 1.8, filled: false },
      encoding: {
        x,
        y: lanes.y,
        stroke: hue,
        fill: { ...hue, field: 'fill' },
        shape: { field: 'shape', type: 'nominal', scale: null },
        description: { field: 'say', type: 'nominal' },
      },
    },
  ]
}

const SHAPES: Readonly<Record<ForestRow['verdict'], string>> = {
  better: 'circle',
  worse: 'diamond',
  equivalent: 'square',
  'not-shown': 'circle',
  none: 'circle',
}

/** At the end of every lane, in a narrow picture by its sign alone. */
export function verdictLayers(rows: readonly Laned[], { y, width }: Lanes, narrow: boolean): readonly Spec[] {
  const values = rows.map(({ lane, verdict }) => {
    const [sign, tone, word] = VERDICTS[verdict]
    const hue = colour(tone === 'calm' || tone === 'warn' ? 'ink-2' : tone)
    return { lane, hue, t: narrow ? sign : `${sign} ${word}` }
  })
  return [
    {
      data: { values },
      mark: { type: 'text', align: 'left', fontWeight: 600, aria: false },
      encoding: {
        x: { value: width + 8 },
        y,
        text: { field: 't', type: 'nominal' },
        fill: { field: 'hue', type: 'nominal', scale: null },
      },
    },
  ]
}
