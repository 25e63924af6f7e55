import { sToNs } from '../base/index.js'
import type { SimulatorSettings } from './description-schema.js'

/**
 * How much slower everything is at a moment: `factor` in the last `forS` of every `everyS`, else 1.
 *
 *     |────────────────────████|────────────────────████|      everyS from bar to bar, forS of it slow
 */
export function createPeak(peak: SimulatorSettings['peak'], originNs: number): (atNs: number) => number {
  if (peak === undefined) return () => 1
  const everyNs = sToNs(peak.everyS)
  const slowFromNs = everyNs - sToNs(peak.forS)
  return (atNs) => ((atNs - originNs) % everyNs >= slowFromNs ? peak.factor : 1)
}
