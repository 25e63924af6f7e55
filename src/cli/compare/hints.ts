import {
  type PairFindings,
  type ShareComparison,
  type ShiftFunction,
  shortLabel,
} from '../../analyse/index.js'
import { formatNumber } from '../../base/index.js'
import { indented } from '../layout.js'
import { textTable } from '../text-table.js'
import { boundsText, changeText, firstOfEach, intervalText, movedOf, nameOf, valueText } from './words.js'

/** What stands below the verdicts: shares of requests, quantile by quantile, and figures that nobody asked about. */

export function shareLines({ a, b, shares }: PairFindings, width: number): readonly string[] {
  const lines = shares.filter(isWorthALine).flatMap((share) => {
    const of = (name: string, { count, of: total }: ShareComparison['a']): string =>
      `${name} ${formatNumber(count)} of ${formatNumber(total)}`
    const effected = { scale: 'difference', effect: share.difference } as const
    const kinds = share.kinds.map((k) => `${k.code} ${k.a} and ${k.b}`)
    const change = `${changeText(effected)} (${boundsText(effected)})`
    const by = kinds.length === 0 ? '' : `; ${kinds.join(', ')}`
    return indented(`${nameOf(share)}: ${of(a, share.a)}, ${of(b, share.b)}, ${change}${by}`, width)
  })
  return lines.length === 0 ? [] : ['Requests', ...lines]
}

/** Where all or none of the requests are on both sides, there is nothing to tell. */
function isWorthALine({ a, b }: ShareComparison): boolean {
  const isPlain = ({ count, of }: ShareComparison['a']): boolean => count === 0 || count === of
  return !(isPlain(a) && isPlain(b))
}

/** Few of the quantiles: where most requests are, and where the slow ones are. */
const QUANTILES = [0.1, 0.5, 0.9, 0.95, 0.99] as const
const METRICS: readonly string[] = ['ttft', 'tpot', 'e2e']

export function shiftLines({ shifts }: PairFindings): readonly string[] {
  const shown = shifts.filter(({ metric, points }) => METRICS.includes(metric) && points.some((p) => p.ratio))
  if (shown.length === 0) return []
  const cell = ({ points }: ShiftFunction, quantile: number): string => {
    const ratio = points.find((p) => p.quantile === quantile)?.ratio ?? null
    return changeText({ scale: 'ratio', effect: ratio })
  }
  return [
    textTable(
      ['By quantile', ...QUANTILES.map((q) => `p${formatNumber(100 * q)}`)],
      shown.map((shift) => [`  ${shiftName(shift)}`, ...QUANTILES.map((q) => cell(shift, q))]),
    ),
  ]
}

const shiftName = ({ metric, at }: ShiftFunction): string =>
  at === 'run' ? shortLabel(metric) : `${shortLabel(metric)} at ${at}`

const MOST_HINTS = 6

export function exploratoryLines(pair: PairFindings): readonly string[] {
  const moved = movedOf(pair)
  if (moved.length === 0) return []
  const others = pair.metrics.filter((m) => !m.gated).length
  const shown = firstOfEach(moved).slice(0, MOST_HINTS)
  const rest = moved.length - shown.length
  const table = textTable(
    ['', pair.a, pair.b, 'change', 'interval'],
    shown.map((m) => [
      `  ${nameOf(m)}`,
      ...[valueText(m.key, m.centreA), valueText(m.key, m.centreB), changeText(m), intervalText(m)],
    ]),
  )
  const head = `Hints: ${moved.length} of ${others} other figures differ; of so many some do by chance`
  return [head, table, ...(rest === 0 ? [] : [`  and ${rest} more`])]
}
