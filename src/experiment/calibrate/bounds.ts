import type { Calibration, CalibrationPoint, TransportBound } from '../../record/index.js'
import { PACE_PER_S } from './series.js'
import { PLAIN } from './shapes.js'

type Bounds = Calibration['bounds']

/**
 * Per transport the most streams whose error stays within the bound, with every smaller load measured staying within it too:
 * a large load that happens to pass above one that failed tells of luck.
 */
export function boundsOf(points: readonly CalibrationPoint[], boundMs: number, workers: number): Bounds {
  const names = [...new Set(points.map(({ transport }) => transport))]
  return Object.fromEntries(
    names.map((name) => [
      name,
      boundOf(
        points.filter(({ transport }) => transport === name),
        boundMs,
        workers,
      ),
    ]),
  )
}

function boundOf(points: readonly CalibrationPoint[], boundMs: number, workers: number): TransportBound {
  const series = points
    .filter(({ shape, eventsPerS }) => shape === PLAIN && eventsPerS === PACE_PER_S)
    .toSorted((a, b) => a.streams - b.streams)
  const failed = series.findIndex((point) => !staysWithin(point, boundMs))
  const last = (failed < 0 ? series : series.slice(0, failed)).at(-1)
  return {
    // With fewer streams than workers the others have none.
    streams: last === undefined ? 0 : Math.max(1, Math.floor(last.streams / workers)),
    exceeded: failed >= 0,
    eventsPerS: last?.load ? last.load.deliveredPerS / Math.min(workers, last.streams) : null,
    cpuPerEventNs: last?.load?.cpuPerEventNs ?? null,
  }
}

/** Everything arrived, could be joined, and errs by no more than the bound at p99. */
function staysWithin(point: CalibrationPoint, boundMs: number): boolean {
  const { stamp, ttft, gap, failed, unjoined } = point
  return failed === 0 && unjoined === 0 && [stamp, ttft, gap].every((e) => e !== null && e.p99Ms <= boundMs)
}
