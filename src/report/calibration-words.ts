import { formatNs, msToNs } from '../base/index.js'
import type { Calibration, CalibrationPoint, TransportBound } from '../record/index.js'
import { ABSENT, ms, num, plural, whole } from './format.js'

/** The quantities of which an error is given. */
export const QUANTITIES = [
  ['stamp', 'stamp'],
  ['ttft', 'TTFT'],
  ['gap', 'gap'],
] as const satisfies readonly (readonly [keyof CalibrationPoint, string])[]

export type Quantity = (typeof QUANTITIES)[number][0]

export const STAMPED_BY: Readonly<Record<CalibrationPoint['transport'], string>> = {
  kernel: 'stamps of the kernel',
  undici: 'stamps of the event loop',
}

/** A time that may be of microseconds or of seconds. */
export const time = (valueMs: number | null | undefined): string =>
  valueMs === null || valueMs === undefined ? ABSENT : formatNs(msToNs(valueMs))

/** `+4.1 µs`: we say more than there was. */
export const signedTime = (valueMs: number | null | undefined): string =>
  valueMs === null || valueMs === undefined
    ? ABSENT
    : `${valueMs > 0 ? '+' : valueMs < 0 ? '−' : ''}${time(Math.abs(valueMs))}`

/** `50 × 50/s`: streams and the pace of each. A shape other than the plain one is named. */
export const loadName = ({ transport, shape, streams, eventsPerS }: CalibrationPoint): string =>
  `${transport}, ${whole(streams)} × ${num(eventsPerS)}/s${shape === 'plain' ? '' : `, ${shape}`}`

/** What the canary said at p99 over what was true: 1 is perfect. Null without either. */
export function estimateRatio({ canary, ...point }: CalibrationPoint, quantity: Quantity): number | null {
  const [said, found] = [canary[quantity]?.p99Ms, point[quantity]?.p99Ms]
  return said === undefined || found === undefined || found === 0 ? null : said / found
}

export const ratioText = (ratio: number | null): string => (ratio === null ? ABSENT : `× ${num(ratio)}`)

/** Why the figures of a calibration should not be quoted as they are. */
export function reservations({ points }: Calibration): readonly string[] {
  const all = (read: (point: CalibrationPoint) => number): number => points.reduce((n, p) => n + read(p), 0)
  const counted: readonly (readonly [number, string, string])[] = [
    [all((p) => p.failed), 'measured request', 'did not complete'],
    [all((p) => p.unjoined), 'chunk', 'could not be joined with a write of the emitter’s'],
    [all((p) => p.truth.unlogged), 'stream', 'found no room in the emitter’s log'],
    [all((p) => p.truth.heldUpWrites), 'write', 'of the emitter’s met a full buffer'],
    [all((p) => p.truth.slowWrites), 'write', 'of the emitter’s took too long to judge by'],
    [
      all((p) => p.truth.arrivalsByLoop),
      'arrival',
      'came without the kernel’s stamp: true TTFTs may read short',
    ],
  ]
  const waited = points.filter(({ load }) => (load?.coreWaitShare ?? 0) > MUCH_WAIT).length
  return [
    ...counted.flatMap(([n, what, why]) => (n === 0 ? [] : [`${plural(n, what)} ${why}.`])),
    ...(waited === 0
      ? []
      : [
          `At ${plural(waited, 'point')} a worker waited for a core in more than ${MUCH_WAIT * 100} % of the time: these errors are of a machine that was busy with other things.`,
        ]),
  ]
}

/** Of the time that a worker could have run. */
const MUCH_WAIT = 0.1

/** `at least 1,000 streams`, where that was the most measured; `200 streams`; `none`. */
export function boundText({ streams, exceeded }: TransportBound): string {
  if (streams === 0) return 'none'
  return `${exceeded ? '' : 'at least '}${plural(streams, 'stream')}`
}

/** The sentence that a reader takes along. */
export function boundSentence({ bounds, boundMs }: Calibration): string {
  const measured = boundsIn(bounds)
  if (measured.length === 0) return 'Nothing was measured.'
  if (measured.every(([, { streams }]) => streams === 0)) return `No load stayed within ${ms(boundMs)}.`
  const parts = measured.map(([name, bound]) => `${boundText(bound)} with ${STAMPED_BY[name]}`)
  return `Within ${ms(boundMs)} a worker carries ${parts.join(', and ')}.`
}

/** Transports that were measured. */
export function boundsIn(
  bounds: Calibration['bounds'],
): readonly (readonly [CalibrationPoint['transport'], TransportBound])[] {
  return (['kernel', 'undici'] as const).flatMap((name) => {
    const bound = bounds[name]
    return bound ? [[name, bound] as const] : []
  })
}
