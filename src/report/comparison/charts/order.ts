import { distinct, lanesOf } from '../../charts/lanes.js'
import { zeroBased } from '../../charts/scale.js'
import { utc } from '../../format.js'
import type { Spec } from '../../render-svg.js'
import { look } from '../../theme.js'
import type { Side } from '../view.js'

/** From here on the axis counts hours. */
const HOURS_FROM_MIN = 180

/** When each run began, a lane a side: whether the sides were measured in turn, or one after the other. */
export function orderChart(sides: readonly Side[], narrow: boolean): Spec {
  const names = distinct(
    sides.map(({ name }) => name),
    narrow,
  )
  const lanes = lanesOf(names, narrow, null, { height: 24 })
  const starts = sides.flatMap((side) => side.runs.map((run) => Date.parse(run.startedAtUtc)))
  const zero = Math.min(...starts.filter(Number.isFinite))
  const isLong = (Math.max(...starts.filter(Number.isFinite)) - zero) / 60_000 >= HOURS_FROM_MIN
  const unit = isLong ? 3_600_000 : 60_000
  const values = sides.flatMap((side, i) =>
    side.runs.flatMap((run, k) => {
      const at = Date.parse(run.startedAtUtc)
      if (!Number.isFinite(at)) return []
      const { colour: hue, shape } = look(side.slot)
      return [
        {
          lane: lanes.show(names[i] ?? ''),
          v: (at - zero) / unit,
          hue,
          shape,
          say: `${side.name}, run ${k + 1}: ${utc(run.startedAtUtc)}`,
        },
      ]
    }),
  )
  const x = zeroBased(
    values.map(({ v }) => v),
    "format(datum.value, ',~g')",
    0.01,
  )
  const y = { ...lanes.y, axis: { ...(lanes.y.axis as object), grid: true } }
  return {
    usermeta: { right: lanes.width },
    width: lanes.width,
    height: lanes.height,
    data: { values },
    mark: { type: 'point', filled: true, size: 58, opacity: 1 },
    encoding: {
      x: {
        field: 'v',
        type: 'quantitative',
        scale: { domain: [-x.domain[1] * 0.02, x.domain[1]], nice: false, zero: false },
        axis: {
          values: x.ticks,
          labelExpr: x.labels,
          title: `${isLong ? 'hours' : 'minutes'} since the first run began`,
          grid: false,
          aria: false,
        },
      },
      y,
      color: { field: 'hue', type: 'nominal', scale: null },
      shape: { field: 'shape', type: 'nominal', scale: null },
      description: { field: 'say', type: 'nominal' },
    },
  }
}
