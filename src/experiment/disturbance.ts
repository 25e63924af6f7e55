import type { Validity } from '../analyse/index.js'

/** Measurements made again in vain, one after the other, after which the machine is taken for what it is. */
const MOST_IN_VAIN = 3

/** Faults of the instrument, where they make a run INVALID. */
const OURS: ReadonlySet<string> = new Set([
  'generator-late',
  'stamp-error',
  'loop-delay',
  'clock-jump',
  'chunks-bunched',
  'records-incomplete',
])

/**
 * What spoilt a run from without, and says nothing of the target: faults of our own, and time that the hypervisor gave to
 * others. Never a figure of the engine: whoever measures slow runs again has fast engines.
 */
export const disturbancesOf = ({ findings }: Validity): readonly string[] =>
  findings
    .filter(({ code, severity }) => code === 'cpu-steal' || (severity === 'invalid' && OURS.has(code)))
    .map(({ code }) => code)

export interface Disturbable {
  /** Codes of what spoilt it; missing: nothing, or nothing can be concluded from it. */
  readonly disturbed?: readonly string[] | undefined
}

export interface Remade<M> {
  readonly measured: M
  /** The first measurement, where there were two. */
  readonly spoilt?: M
}

/**
 * Makes a disturbed measurement again, once; where that keeps being in vain it is left. What measures is told what spoilt
 * the first one.
 */
export function remaking() {
  let inVain = 0
  return async <M extends Disturbable>(
    measure: (spoiltBy?: readonly string[]) => Promise<M>,
  ): Promise<Remade<M>> => {
    const first = await measure()
    if (first.disturbed === undefined || inVain >= MOST_IN_VAIN) return { measured: first }
    const second = await measure(first.disturbed)
    inVain = second.disturbed === undefined ? 0 : inVain + 1
    return { measured: second, spoilt: first }
  }
}
