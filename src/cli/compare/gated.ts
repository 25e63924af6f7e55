import {
  type ComparisonFindings,
  type MetricComparison,
  type PairFindings,
  shortLabel,
} from '../../analyse/index.js'
import { formatNumber } from '../../base/index.js'
import { textTable } from '../text-table.js'
import { forestOf } from './forest.js'
import { boundsText, changeText, levelText, marginText, VERDICT_WORDS } from './words.js'

const MARKS = { better: '▲', worse: '▼', equivalent: '=', 'not-shown': '?' } as const

/** The figures that decide, point by point; where there is room with their intervals drawn. */
export function gatedTable(
  findings: ComparisonFindings,
  pair: PairFindings,
  gated: readonly MetricComparison[],
  width: number,
): string {
  const forest = forestOf(gated)
  const isJudged = pair.answer !== 'not-comparable'
  const verdicts = gated.map(({ verdict }) =>
    isJudged ? `${MARKS[verdict]} ${VERDICT_WORDS[verdict]}` : '–',
  )
  const widest = Math.max('verdict'.length, ...verdicts.map((text) => text.length))
  const table = (isDrawn: boolean): string =>
    textTable(
      [
        ...['', pair.a, pair.b, 'change', `${levelText(findings)} interval`, 'margin'],
        ...(isDrawn ? [forest.head] : []),
        'verdict'.padEnd(widest),
      ],
      gated.flatMap((m, i) => {
        const cells = [
          ...[labelOf(m), bareValue(m, m.centreA, m.a), bareValue(m, m.centreB, m.b)],
          ...[changeText(m), boundsText(m), marginText(m)],
          ...(isDrawn ? [forest.rows[i] ?? ''] : []),
          (verdicts[i] ?? '').padEnd(widest),
        ]
        return m.at === 'run' || gated[i - 1]?.at === m.at ? [cells] : [[headOf(m)], cells]
      }),
    )
  const drawn = table(true)
  return drawn.split('\n').every((line) => line.length <= width) ? drawn : table(false)
}

const headOf = ({ at }: MetricComparison): string => (at === 'sweep' ? 'whole sweep' : at)

/** `TTFT p99, ms`: the unit once, instead of with each value. */
function labelOf({ key, unit, at }: MetricComparison): string {
  const label = shortLabel(key)
  const shown = unit === 'share' ? '%' : unit.replace('requests/s', 'req/s')
  const withUnit = shown === '' || label.endsWith(shown) ? label : `${label}, ${shown}`
  return at === 'run' ? withUnit : `  ${withUnit}`
}

/** `∞`: in some run it falls among requests that did not complete. */
function bareValue({ unit }: MetricComparison, value: number | null, runs: MetricComparison['a']): string {
  if (value === null) return runs.includes('endless') ? '∞' : '–'
  return formatNumber(unit === 'share' ? 100 * value : value)
}
