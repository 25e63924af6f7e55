/**
 * A duration that a server tells, in whole ns; undefined for what is none.
 * @param unitNs the server's unit, in ns
 */
export function durationNs(value: unknown, unitNs: number): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? Math.round(value * unitNs)
    : undefined
}
