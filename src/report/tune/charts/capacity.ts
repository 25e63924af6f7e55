import type { TuneCapacity } from '../../../record/index.js'
import { distinct, lanesOf } from '../../charts/lanes.js'
import { num } from '../../format.js'
import type { Spec } from '../../render-svg.js'
import { colour } from '../../theme.js'
import { rowName, type TuneView } from '../view.js'

/** A figure that was worked out beforehand, and what was seen of it. */
export interface Foretold {
  readonly title: string
  readonly unit: string
  readonly predicted: (capacity: TuneCapacity) => number | null
  readonly measured: (capacity: TuneCapacity) => number | null
}

export const FORETOLD: readonly Foretold[] = [
  {
    title: 'Requests running at once',
    unit: 'requests',
    predicted: (c) => c.predictedRunning,
    measured: (c) => c.measuredRunning,
  },
  {
    title: 'Tokens of KV cache',
    unit: 'tokens',
    predicted: (c) => c.predictedKvTokens,
    measured: (c) => c.kvTokens,
  },
]

export interface Pair {
  readonly name: string
  readonly capacity: TuneCapacity
}

/** Settings with what is known of their capacity, by their last start that came up. */
export const pairsOf = ({ tune, started }: TuneView): readonly Pair[] =>
  started.flatMap((setting) => {
    const up = setting.starts.findLast((s) => s.kind === 'started')
    return up?.kind === 'started' && up.capacity
      ? [{ name: rowName(tune, setting), capacity: up.capacity }]
      : []
  })

/** Whether any setting has both figures. */
export const isKnown = (pairs: readonly Pair[], { predicted, measured }: Foretold): boolean =>
  pairs.some(({ capacity }) => predicted(capacity) !== null && measured(capacity) !== null)

/** A pair of marks a setting: hollow what was predicted, full what was measured, and a line between. */
export function capacityChart(pairs: readonly Pair[], of: Foretold, narrow: boolean): Spec {
  const names = distinct(
    pairs.map((p) => p.name),
    narrow,
  )
  const lanes = lanesOf(names, narrow, null)
  const values = pairs.map(({ capacity }, i) => ({
    lane: lanes.show(names[i] ?? ''),
    predicted: of.predicted(capacity),
    measured: of.measured(capacity),
    say: `${names[i]}: predicted ${num(of.predicted(capacity))}, measured ${num(of.measured(capacity))} ${of.unit}`,
  }))
  const most = Math.max(1, ...values.flatMap((v) => [v.predicted ?? 0, v.measured ?? 0]))
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, most * 1.06], nice: false },
    axis: {
      title: of.unit,
      tickCount: narrow ? 4 : 8,
      labelExpr: "format(datum.value, ',~g')",
      aria: false,
    },
  })
  const both = values.filter((v) => v.predicted !== null && v.measured !== null)
  const dot = (field: 'predicted' | 'measured', look: Readonly<Record<string, unknown>>): Spec => ({
    data: { values: values.filter((v) => v[field] !== null) },
    mark: { type: 'point', fill: colour('c1'), stroke: colour('c1'), strokeWidth: 1.8, opacity: 1, ...look },
    encoding: { x: x(field), y: lanes.y, description: { field: 'say', type: 'nominal' } },
  })
  return {
    usermeta: { right: lanes.width },
    width: lanes.width,
    height: lanes.height,
    layer: [
      {
        data: { values: both },
        mark: { type: 'rule', color: colour('c1'), strokeWidth: 2, opacity: 0.5, aria: false },
        encoding: { x: x('predicted'), x2: { field: 'measured' }, y: lanes.y },
      },
      dot('measured', { size: 50 }),
      // Wider, so that both are seen where they agree.
      dot('predicted', { size: 150, fillOpacity: 0 }),
    ],
  }
}
