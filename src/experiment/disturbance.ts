import type { Validity } from '../../analyse/index.js'
import type { Outcome } from './bench.js'

/** Trials made again in vain, one after the other, after which the machine is taken for what it is. */
const MOST_IN_VAIN = 3

/** Faults of the instrument, where they make a trial INVALID. */
const OURS: ReadonlySet<string> = new Set([
  'generator-late',
  'stamp-error',
  'loop-delay',
  'clock-jump',
  'chunks-bunched',
  'records-incomplete',
])

/**
 * What spoilt a trial from without, and says nothing of the setting: faults of our own, and time that the hypervisor gave to
 * others. Never a figure of the engine: whoever measures slow trials again has fast engines.
 */
export const disturbancesOf = ({ findings }: Validity): readonly string[] =>
  findings
    .filter(({ code, severity }) => code === 'cpu-steal' || (severity === 'invalid' && OURS.has(code)))
    .map(({ code }) => code)

/** Makes a disturbed measurement again, once; where that keeps being in vain it is left. */
export function remaking() {
  let inVain = 0
  return async (measure: () => Promise<Outcome>, setAside: () => void): Promise<Outcome> => {
    const first = await measure()
    if (first.disturbed === undefined || first.end !== 'complete' || inVain >= MOST_IN_VAIN) return first
    setAside()
    const second = await measure()
    inVain = second.disturbed === undefined ? 0 : inVain + 1
    return { ...second, seconds: first.seconds + second.seconds, madeAgain: first.disturbed }
  }
}
