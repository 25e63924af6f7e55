import type { FigureDeclaration } from '../analyse/index.js'
import { formatNumber } from '../base/index.js'
import type { FigureValue } from '../record/index.js'
import type { GateFinding } from './gate.js'

/** `412 ms`; of a quantile that falls among requests that did not complete, `endless`. */
export function valueText(figure: FigureDeclaration, value: FigureValue | null): string {
  if (value === null) return 'not measured'
  return value === 'endless' ? 'endless (requests that did not complete)' : figure.format(value)
}

interface Bounded {
  readonly low: FigureValue | null
  readonly high: FigureValue | null
  readonly interval: GateFinding['interval']
  readonly runs: number
}

/** ` (95 %: 390 ms to 450 ms, within one run)`; nothing where nothing is bounded. */
export function intervalText(figure: FigureDeclaration, { low, high, interval, runs }: Bounded): string {
  if (low === null && high === null) return ''
  const bound = (value: FigureValue): string => (value === 'endless' ? 'endless' : figure.format(value))
  const within = interval === 'one run' ? 'within one run' : `over ${runs} runs`
  if (low === null || high === null) {
    const side = low === null ? `up to ${bound(high ?? 0)}` : `from ${bound(low)}, no upper bound`
    return ` (95 %: ${side}, ${within})`
  }
  return ` (95 %: ${bound(low)} to ${bound(high)}, ${within})`
}

/** `4.2 %` of a relative change, `4.2 points` of the difference of two shares. */
export const changeText = ({ scale }: FigureDeclaration, change: number): string =>
  `${formatNumber(Number((Math.abs(change) * 100).toFixed(2)))} ${scale === 'ratio' ? '%' : 'points'}`
