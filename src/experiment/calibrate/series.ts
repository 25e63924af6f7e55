import type { CalibrationSetting } from '../../record/index.js'
import type { RawTransportName } from '../../transport/index.js'
import { OTHER_SHAPES, PLAIN } from './shapes.js'

/** Pace of the streams whose number the bound is about: that of a model that is read along with. */
export const PACE_PER_S = 50
const FAST_PER_S = 200

const STREAMS = [1, 10, 50, 100, 200, 500, 1000]
const FAST_STREAMS = [50, 200]
const SHAPE_STREAMS = 50
const QUICK_STREAMS = [1, 100]

export interface SeriesOptions {
  readonly transports: readonly RawTransportName[]
  /** Only the plain shape, at these. */
  readonly streams?: readonly number[]
  readonly quick: boolean
}

/** What is measured, in which order: transport by transport, and in each from the lightest load on. */
export function seriesOf({ transports, streams, quick }: SeriesOptions): readonly CalibrationSetting[] {
  const chosen = streams ?? (quick ? QUICK_STREAMS : STREAMS)
  const plain = chosen.map((n) => ({ shape: PLAIN, streams: n, eventsPerS: PACE_PER_S }))
  const more =
    streams || quick
      ? []
      : [
          ...FAST_STREAMS.map((n) => ({ shape: PLAIN, streams: n, eventsPerS: FAST_PER_S })),
          ...OTHER_SHAPES.map((shape) => ({ shape, streams: SHAPE_STREAMS, eventsPerS: PACE_PER_S })),
        ]
  return transports.flatMap((transport) => [...plain, ...more].map((load) => ({ transport, ...load })))
}
