import {
  type InstrumentFindings,
  instrumentError,
  type MetricName,
  type PointFindings,
} from '../analyse/index.js'
import { inUnit, ms } from './format.js'

const STAMPED: Readonly<Record<string, string>> = {
  kernel: 'stamped by the kernel',
  loop: 'stamped by the event loop',
  'kernel and loop': 'stamped partly by the kernel, partly by the event loop',
}

/** Who took the times. */
export const stampedBy = (stamps: InstrumentFindings['stamps']): string =>
  STAMPED[stamps] ?? 'nothing was stamped'

export const NOT_MEASURED = 'not measured'

/** `±0.02 ms`: by how much the metric's values may be off for our own sake, at p99. */
export function plusMinus(point: PointFindings, metric: MetricName): string {
  const error = instrumentError(point, metric)
  // Two digits: an error is known no better than its own canary.
  return error === null
    ? NOT_MEASURED
    : `±${inUnit(Number(error.toPrecision(2)), point.metrics[metric].unit)}`
}

/** `stamped by the kernel; at p99 TTFT ±0.02 ms, gaps ±0.03 ms`. */
export function instrumentText(point: PointFindings): string {
  const { canary, stamps } = point.instrument
  const by = stampedBy(stamps)
  if (canary === null) return `${by}; the error of the stamps was not measured`
  const late = canary.stampBiasMs < 0 ? 'early' : 'late'
  return `${by}; error at p99: TTFT ${plusMinus(point, 'ttft')}, gaps ${plusMinus(point, 'chunkGap')}; on average ${ms(Math.abs(canary.stampBiasMs))} ${late}`
}
